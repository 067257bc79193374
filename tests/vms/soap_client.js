// SPDX-License-Identifier: GPL-2.0-or-later
// All services, called as any user of npm's soap would: by names from the WSDL. Prints TAP.
'use strict';
const soap = require('soap');

let n = 0;
let failed = 0;

function same(promise, got, want) {
	const holds = JSON.stringify(got) === JSON.stringify(want);
	n++;
	failed += !holds;
	console.log(`${holds ? 'ok' : 'not ok'} ${n} - ${promise}`);
	if (!holds)
		console.log(`# got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

async function main(url) {
	const client = await soap.createClientAsync(url + '?wsdl');
	const call = async (name, body) => (await client[name + 'Async'](body))[0];
	const fault = async (promise, code, name, body) => {
		let got = 'no fault';
		try {
			await call(name, body);
		} catch (error) {
			got = error.root?.Envelope?.Body?.Fault?.detail?.fault?.code ?? error.message;
		}
		same(promise, got, code);
	};
	const one = { phyServer: 'n1', vmName: 'r1' };

	same('sanityTest', (await call('sanityTest', { testString: 'olá <&>' })).testString, 'olá <&>');
	same('registerNodes', Number((await call('registerNodes',
		{ phyServer: [{ name: 'n1' }, { name: 'n2', IP: ['10.9.0.2'] }] })).registered), 2);
	same('getRegisteredNodes', (await call('getRegisteredNodes', {})).phyServer.map((node) => node.name), ['n1', 'n2']);
	same('getPhysicalServerStatus', (await call('getPhysicalServerStatus', { phyServer: 'n1' })).hypervisor, 'TEST');
	same('getAvailableOSes', [(await call('getAvailableOSes', {})).OS].flat(), ['Debian']);
	same('getAvailableArch', [(await call('getAvailableArch', {})).arch].flat(), ['i686']);
	same('getAvailableKernelVersions', [(await call('getAvailableKernelVersions', {})).kernelVersion].flat(), ['6.1.0']);

	const made = await call('createVirtualMachine', { ...one, vmIP: '10.0.0.1/24', vmRAM: 64, netInterface: ['br0', 'br1'] });
	const status = await call('getVirtualMachineStatus', one);
	same('createVirtualMachine, getVirtualMachineStatus', [status.state, status.uuid], ['running', made.uuid]);
	same('getVirtualMachineSchedulerType', (await call('getVirtualMachineSchedulerType', one)).schedulerType, 'fair');
	same('getVirtualMachineSchedulerParameters', Number((await call('getVirtualMachineSchedulerParameters', one)).Weight), 50);
	same('setVirtualMachineSchedulerParameters',
		typeof (await call('setVirtualMachineSchedulerParameters', { ...one, Weight: 60 })).operation, 'string');
	same('shutdownVirtualMachine', typeof (await call('shutdownVirtualMachine', one)).operation, 'string');
	same('migrateVirtualMachine', typeof (await call('migrateVirtualMachine',
		{ sourcePhyServer: 'n1', destPhyServer: 'n2', vmName: 'r1', live: false })).operation, 'string');
	same('destroyVirtualMachine', typeof (await call('destroyVirtualMachine', { phyServer: 'n2', vmName: 'r1' })).operation,
		'string');
	const network = await call('createVirtualNetwork', {
		networkName: 'blue', phyServers: ['n1', 'n2'], VMNames: ['r2', 'r3'], IPs: ['10.1.0.1/24', '10.1.0.2/24'],
		RAMs: [64, 64], netInterface: ['br0', 'br0'],
	});
	same('createVirtualNetwork', [network.networkName, network.operation.length], ['blue', 2]);
	same('getOperations', [(await call('getOperations', { operation: made.operation })).operation].flat()
		.map((operation) => operation.state), ['done']);
	await fault("a fault is of the WSDL's type", 'NotFound', 'getVirtualMachineStatus', { phyServer: 'n1', vmName: 'r9' });
	await fault('a name that is taken', 'Exists', 'createVirtualMachine', { phyServer: 'n1', vmName: 'r2', vmRAM: 64 });
	console.log(`1..${n}`);
	process.exit(failed ? 1 : 0);
}

main(process.argv[2]).catch((error) => {
	console.log(`Bail out! ${error.message}`);
	process.exit(1);
});

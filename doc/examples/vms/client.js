#!/usr/bin/env node
// SPDX-License-Identifier: GPL-2.0-or-later
// Lists the nodes that a virtual machine server knows, with what each has (npm install soap).
// usage: client.js URL [TOKEN-FILE]
'use strict';
const fs = require('fs');
const soap = require('soap');

async function main(url, tokenFile) {
	const client = await soap.createClientAsync(url + '?wsdl');
	if (tokenFile)
		client.setSecurity(new soap.BearerSecurity(fs.readFileSync(tokenFile, 'ascii').trim()));
	const [nodes] = await client.getRegisteredNodesAsync({});
	for (const node of [].concat(nodes?.phyServer ?? [])) {
		try {
			const [status] = await client.getPhysicalServerStatusAsync({ phyServer: node.name });
			console.log(`${node.name}: ${status.hypervisor}, ${status.CPUs} CPUs, ` +
				`virtual machines: ${[].concat(status.virtualMachine ?? []).join(' ') || 'none'}`);
		} catch (error) {
			console.log(`${node.name}: ${error.root?.Envelope?.Body?.Fault?.faultstring ?? error.message}`);
		}
	}
}

main(...process.argv.slice(2)).catch((error) => {
	console.error(error.message);
	process.exit(1);
});

// SPDX-License-Identifier: GPL-2.0-or-later
// The page: every service by SOAP, as any other client. What comes from the server is put in as text, never as HTML.
"use strict";

const NS = "urn:xnetman:vms:1";
const SOAP = "http://schemas.xmlsoap.org/soap/envelope/";
const POLL_MS = 1000;
const PAUSE_MS = 5000;
const byId = (id) => document.getElementById(id);

// --- calls ----------------------------------------------------------------------------------

class Fault extends Error {
	constructor(detail, text) {
		super(text);
		Object.assign(this, detail);
	}
}

// Members in the order of the schema; null and "" are left out, lists are repeated, objects are nested.
function write(doc, parent, members) {
	for (const [name, value] of members) {
		for (const one of Array.isArray(value) ? value : [value]) {
			if (one === null || one === undefined || one === "") continue;
			const element = parent.appendChild(doc.createElementNS(NS, name));
			if (typeof one === "object") write(doc, element, Object.entries(one));
			else element.textContent = String(one);
		}
	}
}

function envelope(service, members) {
	const doc = document.implementation.createDocument(SOAP, "S:Envelope", null);
	const body = doc.documentElement.appendChild(doc.createElementNS(SOAP, "S:Body"));
	write(doc, body.appendChild(doc.createElementNS(NS, service)), Object.entries(members));
	return new XMLSerializer().serializeToString(doc);
}

// Elements as members: text, or a list where LISTS says so, or an object if it has elements of its own.
const LISTS = new Set(["phyServer", "IP", "virtualMachine", "parameter", "OS", "arch", "kernelVersion", "operation"]);
function read(element, lists) {
	const result = {};
	for (const child of element.children) {
		const value = child.children.length ? read(child, lists) : child.textContent;
		if (!lists.has(child.localName)) result[child.localName] = value;
		else result[child.localName] = (result[child.localName] || []).concat([value]);
	}
	return result;
}

async function call(service, members = {}, lists = new Set()) {
	const token = sessionStorage.getItem("token");
	const answer = await fetch("/", {
		method: "POST",
		headers: { "Content-Type": "text/xml; charset=utf-8", ...(token && { Authorization: `Bearer ${token}` }) },
		body: envelope(service, members),
	});
	const doc = new DOMParser().parseFromString(await answer.text(), "text/xml");
	const fault = doc.getElementsByTagNameNS(NS, "fault")[0];
	if (fault) throw new Fault({ status: answer.status, ...read(fault, new Set()) }, fault.textContent);
	const response = doc.getElementsByTagNameNS(NS, `${service}Response`)[0];
	if (!response) throw new Fault({ reason: `the server's answer is not understood (HTTP ${answer.status})` }, "");
	return read(response, lists);
}

// --- what went wrong ------------------------------------------------------------------------

function show(fault) {
	const where = [fault.phyServer, fault.vmName].filter(Boolean).join(", ");
	byId("fault").textContent = [fault.code, where, fault.reason ?? fault.message, fault.libvirt].filter(Boolean).join(": ");
	byId("fault").hidden = false;
	byId("admission").textContent = fault.admission ?? "";
	byId("admission").hidden = !fault.admission;
	if (fault.status === 401) byId("login").hidden = false;
}

async function attempt(work) {
	byId("fault").hidden = byId("admission").hidden = true;
	try {
		await work();
	} catch (fault) {
		show(fault);
	}
	await refresh();
}

// --- tables ---------------------------------------------------------------------------------

const mib = (kib) => (kib === undefined ? "" : String(Math.round(kib / 1024)));

function row(cells) {
	const tr = document.createElement("tr");
	for (const cell of cells) {
		const td = tr.appendChild(document.createElement("td"));
		if (cell instanceof Node) td.append(cell);
		else td.textContent = cell ?? "";
		if (/^[0-9.]+$/.test(td.textContent)) td.className = "number";
	}
	return tr;
}

// The same row stays where it is, so that a button does not go away under the pointer.
function fill(id, rows) {
	const body = byId(id).tBodies[0];
	rows.forEach((tr, i) => {
		const old = body.rows[i];
		if (!old) body.append(tr);
		else if (!old.isEqualNode(tr) || tr.querySelector("button")) old.replaceWith(tr);
	});
	while (body.rows.length > rows.length) body.lastElementChild.remove();
}

function button(text, label, act) {
	const made = document.createElement("button");
	made.type = "button";
	made.textContent = text;
	made.setAttribute("aria-label", label);
	made.addEventListener("click", () => attempt(act));
	return made;
}

function options(select, values) {
	const chosen = select.value;
	if (Array.from(select.options, (o) => o.value).join("\n") === values.join("\n")) return;
	select.replaceChildren(...values.map((value) => new Option(value, value)));
	if (values.includes(chosen)) select.value = chosen;
}

// --- nodes and virtual machines -------------------------------------------------------------

async function refreshNodes() {
	const nodes = (await call("getRegisteredNodes", {}, LISTS)).phyServer ?? [];
	const asked = await Promise.allSettled(nodes.map((node) =>
		call("getPhysicalServerStatus", { phyServer: node.name }, new Set(["virtualMachine"]))));
	const rows = nodes.map((node, i) => {
		const status = asked[i].value;
		const rest = status
			? [`${status.hypervisor} ${status.hypervisorVersion}`, status.CPUs, mib(status.memory), mib(status.freeMemory)]
			: [asked[i].reason.reason ?? "no answer", "", "", ""];
		return row([node.name, node.hypervisor, (node.IP ?? []).join(", "), ...rest]);
	});
	fill("nodes", rows);
	const names = nodes.map((node) => node.name);
	for (const select of document.querySelectorAll("select[name=phyServer], select[name=phyServers]")) options(select, names);
	options(byId("migrate").elements.destPhyServer, names);
	return nodes.flatMap((node, i) => (asked[i].value?.virtualMachine ?? []).map((vm) => ({ node: node.name, vm })));
}

function vmRow({ node, vm }, status) {
	const what = `${vm} on ${node}`;
	const actions = document.createElement("span");
	const one = { phyServer: node, vmName: vm };
	actions.append(
		button("Open", `Open ${what}`, () => openMachine(node, vm)),
		button("Shut down", `Shut down ${what}`, () => call("shutdownVirtualMachine", one)),
		button("Destroy", `Destroy ${what}`, async () => {
			if (confirm(`Destroy ${what}, with its disk?`)) await call("destroyVirtualMachine", one);
		}),
	);
	const cpu = status.cpuTime === undefined ? "" : (status.cpuTime / 1e9).toFixed(1);
	return row([node, vm, status.state ?? status.reason, status.vmIP, status.networkName, mib(status.memory), cpu, actions]);
}

async function refreshMachines() {
	const machines = await refreshNodes();
	const asked = await Promise.allSettled(machines.map(({ node, vm }) =>
		call("getVirtualMachineStatus", { phyServer: node, vmName: vm })));
	fill("vms", machines.map((machine, i) => vmRow(machine, asked[i].value ?? asked[i].reason)));
}

// --- one virtual machine --------------------------------------------------------------------

let opened = null;

function slider(name, value) {
	const input = byId("schedule").elements[name];
	input.disabled = value === undefined;
	if (value !== undefined) {
		input.max = Math.max(Number(input.max), Number(value));
		input.value = value;
	}
	input.parentElement.querySelector("output").value = value ?? "has none";
}

async function openMachine(node, vm) {
	const one = { phyServer: node, vmName: vm };
	const type = await call("getVirtualMachineSchedulerType", one);
	const parameters = await call("getVirtualMachineSchedulerParameters", one, new Set(["parameter"]));
	opened = one;
	byId("machine-title").textContent = `${vm} on ${node}`;
	byId("scheduler").textContent = type.schedulerType;
	slider("Weight", parameters.Weight);
	slider("Cap", parameters.Cap);
	byId("machine").hidden = false;
}

for (const input of byId("schedule").querySelectorAll("input"))
	input.addEventListener("input", () => { input.parentElement.querySelector("output").value = input.value; });

const enabled = (input) => (input.disabled ? null : input.value);
onSubmit("schedule", async (form) => {
	await call("setVirtualMachineSchedulerParameters",
		{ ...opened, Weight: enabled(form.elements.Weight), Cap: enabled(form.elements.Cap) });
	await openMachine(opened.phyServer, opened.vmName);
});

onSubmit("migrate", async (form) => {
	const to = form.elements.destPhyServer.value;
	const { operation } = await call("migrateVirtualMachine", {
		sourcePhyServer: opened.phyServer, destPhyServer: to, vmName: opened.vmName,
		live: form.elements.live.checked, wait: false,
	});
	await follow([operation]);
	byId("machine").hidden = true;
});

// --- forms ----------------------------------------------------------------------------------

function onSubmit(id, act) {
	byId(id).addEventListener("submit", async (event) => {
		event.preventDefault();
		const form = event.target, submit = form.querySelector("button:not([type=button])");
		submit.disabled = true;
		await attempt(() => act(form));
		submit.disabled = false;
	});
}

const list = (text) => text.split(",").map((part) => part.trim()).filter(Boolean);
const value = (form, name) => form.elements[name].value.trim();

function image(form) {
	if (!form.elements.transfer.checked) return { transfer: false };
	return { transfer: true, OS: value(form, "OS"), arch: value(form, "arch"), kernelVersion: value(form, "kernelVersion") };
}

onSubmit("register", (form) => call("registerNodes", {
	phyServer: { name: value(form, "name"), key: value(form, "key"), IP: list(value(form, "IP")), hypervisor: value(form, "hypervisor") },
}));

onSubmit("create", async (form) => {
	const sla = Object.fromEntries(["resource", "Rc", "Rl", "Rmax"].map((name) => [name, value(form, name)]));
	const { operation } = await call("createVirtualMachine", {
		phyServer: value(form, "phyServer"), vmName: value(form, "vmName"), vmIP: value(form, "vmIP"), vmRAM: value(form, "vmRAM"),
		...image(form), netInterface: list(value(form, "netInterface")), SLA: sla.resource ? sla : null, wait: false,
	});
	await follow([operation]);
});

function addMember() {
	const line = document.createElement("div");
	for (const [name, text, type] of [["phyServers", "Node"], ["VMNames", "Name"], ["IPs", "Address"], ["RAMs", "Memory, MiB", "number"],
		["netInterface", "Bridge"]]) {
		const label = line.appendChild(document.createElement("label"));
		const input = document.createElement(name === "phyServers" ? "select" : "input");
		input.name = name;
		input.required = true;
		if (type) input.type = type;
		label.append(`${text} `, input);
	}
	const nodes = byId("create").elements.phyServer;
	options(line.querySelector("select"), Array.from(nodes.options, (o) => o.value));
	byId("members").append(line);
}
byId("more").addEventListener("click", addMember);

onSubmit("network", async (form) => {
	const column = (name) => Array.from(form.querySelectorAll(`[name=${name}]`), (input) => input.value.trim());
	const { operation } = await call("createVirtualNetwork", {
		networkName: value(form, "networkName"), phyServers: column("phyServers"), VMNames: column("VMNames"), IPs: column("IPs"),
		RAMs: column("RAMs"), netInterface: column("netInterface"), ...image(form), wait: false,
	}, new Set(["operation"]));
	await follow(operation);
});

byId("login").addEventListener("submit", (event) => {
	event.preventDefault();
	sessionStorage.setItem("token", byId("token").value.trim());
	byId("token").value = "";
	byId("login").hidden = true;
	attempt(start);
});

// --- operations -----------------------------------------------------------------------------

function progressOf(operation) {
	const cell = document.createElement("span");
	if (operation.state === "running" && operation.total > 0) {
		const bar = cell.appendChild(document.createElement("progress"));
		bar.max = operation.total;
		bar.value = operation.done;
		bar.setAttribute("aria-label", operation.step);
		cell.append(" ");
	}
	cell.append(operation.step ?? "");
	return cell;
}

async function refreshOperations() {
	const { operation = [] } = await call("getOperations", {}, new Set(["operation"]));
	fill("operations", operation.slice(0, 20).map((one) => row([one.started.slice(0, 19).replace("T", " "), one.service, one.phyServer,
		one.vmName, one.state, progressOf(one)])));
	return operation;
}

// Until all of them have ended; the first that failed is a fault.
async function follow(ids) {
	for (;;) {
		const ours = (await refreshOperations()).filter((one) => ids.includes(one.id));
		const failed = ours.find((one) => one.state === "failed");
		if (failed) throw new Fault({ reason: failed.step, phyServer: failed.phyServer, vmName: failed.vmName }, failed.step);
		if (ours.every((one) => one.state === "done")) return;
		await new Promise((done) => setTimeout(done, POLL_MS));
	}
}

// --- all of it ------------------------------------------------------------------------------

async function refresh() {
	try {
		const test = `${Date.now()}`;
		const { testString } = await call("sanityTest", { testString: test });
		byId("health").textContent = testString === test ? "the server works" : "the server answers something else";
		await refreshMachines();
		await refreshOperations();
	} catch (fault) {
		byId("health").textContent = "the server does not answer as it should";
		show(fault);
	}
}

async function start() {
	const [oses, archs, kernels] = await Promise.all([call("getAvailableOSes", {}, LISTS), call("getAvailableArch", {}, LISTS),
		call("getAvailableKernelVersions", {}, LISTS)]);
	for (const form of [byId("create"), byId("network")]) {
		options(form.elements.OS, oses.OS ?? []);
		options(form.elements.arch, archs.arch ?? []);
		options(form.elements.kernelVersion, kernels.kernelVersion ?? []);
	}
}

async function live() {
	if (!document.hidden && byId("login").hidden) await refresh();
	setTimeout(live, PAUSE_MS);
}

addMember();
addMember();
attempt(start).then(() => setTimeout(live, PAUSE_MS));

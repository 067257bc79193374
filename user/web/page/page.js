// SPDX-License-Identifier: GPL-2.0-or-later
// The live page: asks for each tick's figures, fills tables, moves charts. What is kept is bounded: POINTS ticks of at
// most SHOWN networks on one resource.

const POINTS = 600;
const SHOWN = 8;
const ROWS = 100;
const BREACHES = { few: 6, more: 50 };
const REPORT_EVERY = 30000; // ms
const LATE = 60; // ms after a tick, in which the daemon makes its figures

const $ = (id) => document.getElementById(id);

// --- quantities ---

const units = {
	bandwidth: { suffix: "bps", used: "used_bits", text: (v) => prefixed(v, "bit/s"), volume: (v) => prefixed(v, "bit") },
	cpu: { suffix: "cores", used: "used_core_seconds", text: (v) => short(v) + (v === 1 ? " core" : " cores"),
		volume: (v) => short(v) + " core s" },
	memory: { suffix: "routes", used: "used_route_seconds", text: (v) => short(v) + " routes",
		volume: (v) => short(v) + " route s" },
};

function short(value) {
	return Number(value.toPrecision(4)).toString();
}

function prefixed(value, unit) {
	const prefixes = ["", "k", "M", "G", "T", "P"];
	let at = 0;

	// what rounds to 1000 is 1 of the next
	while (at < prefixes.length - 1 && Number(Math.abs(value).toPrecision(4)) >= 1000) {
		value /= 1000;
		at++;
	}
	return short(value) + " " + prefixes[at] + unit;
}

// All and nothing are said only of what is all or nothing.
function percent(ratio) {
	if (ratio <= 0 || ratio >= 1)
		return Math.round(100 * ratio) + " %";
	return Math.min(Math.max(100 * ratio, 0.1), 99.9).toFixed(1) + " %";
}

function bytes(value) {
	const names = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
	let at = 0;

	for (; at < names.length - 1 && value >= 1024; at++)
		value /= 1024;
	return short(value) + " " + names[at];
}

const unitOf = (record) => units[record.resource] ?? units.bandwidth;
const keyOf = (record, what) => what + "_" + unitOf(record).suffix;
const clockText = (time) => new Date(time * 1000).toLocaleTimeString([], { hour12: false });
const dateText = (time) => new Date(time * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "medium", hour12: false });

function duration(seconds) {
	if (seconds < 120)
		return short(seconds) + " s";
	return seconds < 7200 ? short(seconds / 60) + " min" : short(seconds / 3600) + " h";
}

// --- documents ---

function make(tag, parent, attributes = {}, text = null) {
	const element = document.createElement(tag);

	for (const [name, value] of Object.entries(attributes))
		element.setAttribute(name, value);
	if (text !== null)
		element.textContent = text;
	parent?.append(element);
	return element;
}

function svg(tag, parent, attributes = {}) {
	const element = document.createElementNS("http://www.w3.org/2000/svg", tag);

	for (const [name, value] of Object.entries(attributes))
		element.setAttribute(name, value);
	parent?.append(element);
	return element;
}

function say(element, text) {
	if (element.textContent !== text)
		element.textContent = text;
}

function mark(element, name, on) {
	if (element.classList.contains(name) !== on)
		element.classList.toggle(name, on);
}

// A table whose rows stay as long as their key does. Columns: { title, number, wrap, head, make, fill }. The roles are
// said because narrow screens get other boxes, and browsers then forget what it was.
class Table {
	constructor(place, caption, columns) {
		this.columns = columns;
		this.rows = new Map();
		this.table = make("table", place, { role: "table", "aria-label": caption });
		const head = make("tr", make("thead", this.table, { role: "rowgroup" }), { role: "row" });
		for (const column of columns)
			make("th", head, { scope: "col", role: "columnheader", class: column.number ? "num" : "" }, column.title);
		this.body = make("tbody", this.table, { role: "rowgroup" });
	}

	row(key, record) {
		const row = { element: make("tr", null, { role: "row" }), cells: [] };

		for (const column of this.columns) {
			const cell = column.head ? make("th", row.element, { scope: "row", role: "rowheader" })
				: make("td", row.element, { role: "cell", "data-label": column.title });
			if (column.number)
				cell.classList.add("num");
			if (column.wrap)
				cell.classList.add("wrap");
			row.cells.push(column.make ? column.make(cell, record) ?? cell : cell);
		}
		this.rows.set(key, row);
		return row;
	}

	fill(records, key) {
		const seen = new Set();
		let at = this.body.firstElementChild;

		this.table.hidden = !records.length;
		for (const record of records) {
			const name = key(record);
			const row = this.rows.get(name) ?? this.row(name, record);
			if (row.element === at)
				at = at.nextElementSibling;
			else
				this.body.insertBefore(row.element, at);
			this.columns.forEach((column, i) => column.fill?.(row.cells[i], record, row.element));
			seen.add(name);
		}
		for (const [name, row] of this.rows) {
			if (!seen.has(name)) {
				row.element.remove();
				this.rows.delete(name);
			}
		}
	}
}

// A cell of a record's member, which it says exactly, too.
function member(title, key, text, more) {
	return {
		title, number: true,
		fill(cell, record) {
			const name = typeof key === "function" ? key(record) : key;
			const value = record[name];
			cell.dataset.key = name;
			cell.dataset.value = value ?? "";
			say(cell, value === undefined ? "–" : text(value, record));
			more?.(cell, value, record);
		},
	};
}

const rate = (title, what) => member(title, (r) => keyOf(r, what), (v, r) => unitOf(r).text(v));

// --- asking ---

// When the tick was that the daemon told of last, by our clock, which need not be its clock.
let tickAt = 0;

async function ask(path, options = {}) {
	const response = await fetch(path, { signal: AbortSignal.timeout(12000), cache: "no-store", ...options });
	const answer = await response.json();

	if (response.headers.has("Xnetman-Age"))
		tickAt = performance.now() - 1000 * response.headers.get("Xnetman-Age");
	if (response.ok)
		return answer;
	throw Object.assign(new Error(answer.error), { told: true });
}

function explain(error) {
	return error.told ? error.message : "xnetman-web does not answer";
}

const notice = (text) => say($("notice"), text);

// --- state ---

const state = {
	info: null, status: null, tick: -1,
	row: null, // name of the resource that is shown
	shown: new Map(), // network: number of its colour
	chosen: false, // by the person, not by the page
	points: new Map(), // network: of one that is shown, its points
	asked: null, // resource whose history was asked for
	breaches: { all: [], left: 0 }, // the newest first
};

const rows = () => [...state.status.links, ...state.status.resources.filter(worthSeeing)];
const current = () => rows().find((row) => row.name === state.row);

function worthSeeing(resource) {
	return resource[keyOf(resource, "capacity")] > 0 || resource[keyOf(resource, "throughput")] > 0;
}

// --- links and resources ---

function makeChoice(cell, record) {
	const label = make("label", cell);
	const radio = make("input", label, { type: "radio", name: "row", value: record.name });

	radio.addEventListener("change", () => choose(record.name));
	make("span", label, {}, record.name);
	return radio;
}

function makeBar(cell) {
	make("i", make("span", cell, { class: "bar", "aria-hidden": "true" }));
	return make("span", cell);
}

function fillBar(text, record) {
	const ratio = record.utilisation;

	text.dataset.key = "utilisation";
	text.dataset.value = ratio ?? "";
	say(text, ratio === undefined ? "–" : percent(ratio));
	text.previousElementSibling.firstElementChild.style.width = Math.min(100, 100 * (ratio ?? 0)) + "%";
}

function fillState(cell, record) {
	const bad = record.up === false || record.oversold;

	say(cell, record.up === false ? "down" : record.oversold ? "oversold" : record.up ? "up" : "in use");
	mark(cell, "bad", bad);
}

const resourceTable = new Table($("resources"), "Links and resources; choose one", [
	{ title: "Name", head: true, make: makeChoice, fill(radio, record, row) {
		radio.checked = record.name === state.row;
		mark(row, "on", radio.checked);
	} },
	{ title: "State", fill: fillState },
	rate("Throughput", "throughput"),
	rate("Capacity", "capacity"),
	{ title: "Utilisation", number: true, make: makeBar, fill: fillBar },
	member("Dom0 itself", "host_bps", (v) => units.bandwidth.text(v)),
	{ title: "Networks", number: true, fill: (cell, record) => say(cell, String(record.networks.length)) },
]);

function choose(name) {
	state.row = name;
	state.points.clear();
	state.asked = null;
	show();
}

// --- networks ---

function makeShown(cell, record) {
	const label = make("label", cell);
	const box = make("input", label, { type: "checkbox" });

	box.addEventListener("change", () => toggle(record.name, box.checked));
	box.setAttribute("aria-label", record.name + " in the charts");
	make("span", label, {}, record.name);
	return box;
}

function freeColour() {
	const taken = new Set(state.shown.values());

	for (let i = 0; i < SHOWN; i++)
		if (!taken.has(i))
			return i;
	return -1;
}

function toggle(name, on) {
	const colour = freeColour();

	state.chosen = true;
	if (!on)
		state.shown.delete(name);
	else if (colour >= 0)
		state.shown.set(name, colour);
	state.points.delete(name);
	state.asked = null;
	show();
}

function usedText(value, record) {
	const volume = record[keyOf(record, "rl")] * state.status.long_interval;

	return unitOf(record).volume(value) + (volume > 0 ? " (" + percent(value / volume) + ")" : "");
}

function soldText(record) {
	const names = { rc: "Rc", re: "Re", rl: "Rl", rmax: "Rmax" };
	const text = unitOf(record).text;
	const sold = Object.keys(names).filter((what) => record[keyOf(record, what)] > 0 &&
		!(what === "rmax" && record[keyOf(record, "rmax")] === record[keyOf(record, "rl")]));

	// lines break between figures, not in them
	return sold.map((what) => (names[what] + " " + text(record[keyOf(record, what)])).replaceAll(" ", "\u00a0")).join(", ") || "nothing";
}

const alarm = (limit) => (cell, value) => mark(cell, "bad", value > limit);

const shareTable = new Table($("shares"), "Networks", [
	{ title: "Network", head: true, make: makeShown, fill(box, record) {
		box.checked = state.shown.has(record.name);
		box.disabled = !box.checked && state.shown.size >= SHOWN;
	} },
	rate("Demand", "demand"),
	rate("Throughput", "throughput"),
	rate("Allowed", "allowed"),
	member("Punishment", "ratio", percent),
	member("Weight", "weight", percent),
	member("Used of this Il", (r) => unitOf(r).used, usedText),
	member("Conformity", "conformity", percent, (cell, value) => mark(cell, "bad", value < 0.99)),
	member("Short-term error", "ec", percent, alarm(0.01)),
	member("Long-term error", "el", percent, alarm(0.01)),
	{ title: "Sold", wrap: true, fill: (cell, record) => say(cell, soldText(record)) },
]);

function showShares(row) {
	const wanted = $("filter").value.trim().toLowerCase();
	const found = row.networks.filter((network) => network.name.toLowerCase().includes(wanted));
	const listed = found.length > ROWS
		? found.toSorted((a, b) => b[keyOf(b, "demand")] - a[keyOf(a, "demand")]).slice(0, ROWS) : found;

	say($("row-name"), "on " + row.name);
	$("filter-line").hidden = row.networks.length <= 12;
	say($("filter-note"), found.length > listed.length ? `${listed.length} of ${found.length}, by demand` : "");
	shareTable.fill(listed, (network) => network.name);
}

// --- charts ---

const WIDTH = 440, HEIGHT = 190, LEFT = 76, RIGHT = 10, TOP = 8, BOTTOM = 24;
const ratios = { text: percent, scale: (v) => Math.round(100 * v) + " %", top: 1 };

const charts = [
	{ key: "demand", title: "Demand" },
	{ key: "throughput", title: "Throughput" },
	{ key: "allowed", title: "Allowed" },
	{ key: "ratio", title: "Punishment", axis: ratios },
	{ key: "weight", title: "Weight", axis: ratios },
	{ key: "conformity", title: "Conformity", axis: ratios },
];

function makeChart(chart) {
	const figure = make("figure", $("charts"), { id: "chart-" + chart.key });
	const caption = make("figcaption", figure);

	make("b", caption, {}, chart.title);
	chart.note = make("span", caption);
	chart.svg = svg("svg", figure, { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
	chart.lines = [];
	chart.labels = [];
	for (let i = 0; i <= 4; i++) {
		const y = TOP + (HEIGHT - TOP - BOTTOM) * (1 - i / 4);
		svg("path", chart.svg, { class: "grid", d: `M${LEFT} ${y}H${WIDTH - RIGHT}` });
		chart.labels.push(svg("text", chart.svg, { x: LEFT - 6, y: y + 4, "text-anchor": "end" }));
	}
	chart.times = [0, 0.5, 1].map((at) => svg("text", chart.svg, {
		x: LEFT + at * (WIDTH - LEFT - RIGHT), y: HEIGHT - 6, "text-anchor": ["start", "middle", "end"][2 * at],
	}));
	for (let i = 0; i < SHOWN; i++)
		chart.lines.push(svg("path", chart.svg, { class: "series s" + i }));
	chart.cursor = svg("path", chart.svg, { class: "cursor" });
	chart.svg.addEventListener("pointermove", (event) => point(chart, event));
	chart.svg.addEventListener("pointerleave", () => point(chart, null));
}

// A round number at or above the largest value; 1, 2, 2.5, 5 by a power of ten.
function niceTop(value) {
	const power = 10 ** Math.floor(Math.log10(value));

	return power * [1, 2, 2.5, 4, 5, 8, 10].find((step) => step * power >= value * 0.9999);
}

function span() {
	let first = Infinity, last = -Infinity;

	for (const points of state.points.values()) {
		if (points.length) {
			first = Math.min(first, points[0].time);
			last = Math.max(last, points[points.length - 1].time);
		}
	}
	return last > first ? { first, last } : null;
}

function top(chart) {
	let most = 0;

	if (chart.axis)
		return chart.axis.top;
	for (const points of state.points.values())
		for (const each of points)
			most = Math.max(most, each[chart.key] ?? 0);
	return most > 0 ? niceTop(most) : 1;
}

const xOf = (time, range) => LEFT + (time - range.first) / (range.last - range.first) * (WIDTH - LEFT - RIGHT);
const yOf = (value, most) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - Math.min(value, most) / most);

function pathOf(points, key, range, most) {
	let path = "", pen = "M";

	for (const each of points) {
		const value = each[key];
		if (value === null || value === undefined) {
			pen = "M";
			continue;
		}
		path += pen + xOf(each.time, range).toFixed(1) + " " + yOf(value, most).toFixed(1);
		pen = "L";
	}
	return path;
}

function drawChart(chart, range, text) {
	const most = top(chart);
	const scale = chart.axis?.scale ?? text;

	chart.labels.forEach((label, i) => say(label, scale(most * i / 4)));
	[range.first, (range.first + range.last) / 2, range.last].forEach((time, i) => say(chart.times[i], clockText(time)));
	for (let i = 0; i < SHOWN; i++)
		chart.lines[i].setAttribute("d", "");
	for (const [name, colour] of state.shown)
		chart.lines[colour].setAttribute("d", pathOf(state.points.get(name) ?? [], chart.key, range, most));
	describe(chart, text);
}

// What a line says, for who does not see it; and what is under the pointer.
function describe(chart, text) {
	const now = [...state.shown.keys()].map((name) => {
		const points = state.points.get(name) ?? [];
		const value = points[points.length - 1]?.[chart.key];
		return value === null || value === undefined ? null : name + " " + text(value);
	}).filter(Boolean);

	chart.svg.setAttribute("aria-label", `${chart.title} over time. Now: ${now.join(", ") || "nothing"}.`);
	if (!chart.pointed)
		say(chart.note, "");
}

function nearest(points, time) {
	let best = null;

	for (const each of points ?? [])
		if (!best || Math.abs(each.time - time) < Math.abs(best.time - time))
			best = each;
	return best;
}

function point(chart, event) {
	const range = span();

	chart.pointed = Boolean(event && range);
	if (!chart.pointed) {
		chart.cursor.setAttribute("d", "");
		say(chart.note, "");
		return;
	}
	const box = chart.svg.getBoundingClientRect();
	const at = ((event.clientX - box.left) / box.width * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT);
	const time = range.first + Math.min(Math.max(at, 0), 1) * (range.last - range.first);
	const text = chart.axis?.text ?? unitOf(current()).text;
	const values = [...state.shown.keys()].map((name) => {
		const value = nearest(state.points.get(name), time)?.[chart.key];
		return value === null || value === undefined ? null : name + " " + text(value);
	}).filter(Boolean);
	say(chart.note, clockText(time) + "  " + values.join(", "));
	chart.cursor.setAttribute("d", `M${xOf(time, range)} ${TOP}V${HEIGHT - BOTTOM}`);
}

function drawCharts(row) {
	const range = span();

	if (!range)
		return;
	for (const chart of charts)
		drawChart(chart, range, chart.axis?.text ?? unitOf(row).text);
}

const legendItems = new Map();

function showLegend() {
	for (const [name, item] of legendItems) {
		if (state.shown.get(name) !== item.colour) {
			item.element.remove();
			legendItems.delete(name);
		}
	}
	for (const [name, colour] of state.shown) {
		if (legendItems.has(name))
			continue;
		const element = make("li", $("legend"));
		svg("path", svg("svg", element, { viewBox: "0 0 30 12", "aria-hidden": "true" }), { class: "series s" + colour, d: "M0 6H30" });
		make("span", element, {}, name);
		legendItems.set(name, { element, colour });
	}
}

// --- points ---

const pointTable = new Table($("points"), "The last ticks of the networks in the charts", [
	{ title: "Time", head: true, fill: (cell, r) => say(cell, clockText(r.time)) },
	{ title: "Network", fill: (cell, r) => say(cell, r.name) },
	...charts.map((chart) => ({ title: chart.title, number: true, fill(cell, r) {
		const value = r[chart.key];
		say(cell, value === null || value === undefined ? "–" : (chart.axis?.text ?? unitOf(r).text)(value));
	} })),
]);

function showPoints(row) {
	const list = [];

	if (!$("data").open)
		return;
	for (const [name, points] of state.points)
		for (const each of points.slice(-5))
			list.push({ ...each, name, resource: row.resource });
	list.sort((a, b) => b.time - a.time || a.name.localeCompare(b.name));
	pointTable.fill(list, (r) => r.name + "/" + r.time);
}

function record(row) {
	for (const network of row.networks) {
		if (!state.shown.has(network.name))
			continue;
		const points = state.points.get(network.name) ?? [];
		points.push({
			time: state.status.time, demand: network[keyOf(network, "demand")],
			throughput: network[keyOf(network, "throughput")], allowed: network[keyOf(network, "allowed")],
			ratio: network.ratio, weight: network.weight, conformity: network.conformity,
		});
		state.points.set(network.name, points);
	}
	trim();
}

function trim() {
	const since = state.status.time - POINTS * state.info.short_interval;

	for (const [name, points] of state.points) {
		if (!state.shown.has(name))
			state.points.delete(name);
		while (points.length > POINTS || (points.length && points[0].time < since))
			points.shift();
	}
}

// What was before the page was opened: long intervals.
async function readHistory(row) {
	const count = Math.max(1, Math.ceil(POINTS * state.info.short_interval / state.info.long_interval));

	state.asked = row.name;
	for (const name of [...state.shown.keys()]) {
		const query = new URLSearchParams({ network: name, link: row.name, count });
		const list = await ask("/api/history?" + query);
		const points = state.points.get(name) ?? [];
		const first = points.find((each) => each.allowed !== null)?.time ?? Infinity;
		if (state.row !== row.name)
			return;
		const old = list.filter((each) => each.time < first).map((each) => ({
			time: each.time, demand: each[keyOf(each, "demand")], throughput: each[keyOf(each, "throughput")],
			allowed: null, ratio: each.punished * each.depth, weight: null, conformity: each.conformity,
		}));
		state.points.set(name, [...old, ...points.filter((each) => each.allowed !== null)]);
	}
	trim();
	drawCharts(row);
}

// --- all of a tick ---

// The first networks, unless the person has chosen others.
function chooseShown(row) {
	for (const name of state.shown.keys())
		if (!row.networks.some((network) => network.name === name))
			state.shown.delete(name);
	for (const network of row.networks)
		if (!state.chosen && state.shown.size < SHOWN && !state.shown.has(network.name))
			state.shown.set(network.name, freeColour());
}

function show() {
	const row = current() ?? rows()[0];

	state.row = row?.name ?? null;
	resourceTable.fill(rows(), (each) => each.name);
	if (!row)
		return;
	chooseShown(row);
	showShares(row);
	showLegend();
	drawCharts(row);
	showPoints(row);
	if (state.asked !== row.name)
		readHistory(row).catch((error) => notice(explain(error)));
}

function showHead() {
	const { info, status } = state;

	say($("place"), "on " + location.hostname);
	document.title = "xnetman on " + location.hostname;
	say($("facts"), `Policy ${info.policy}, short interval Ic ${duration(info.short_interval)}, ` +
		`long interval Il ${duration(info.long_interval)}, version ${info.version}`);
	$("clock").dataset.tick = status.tick;
	say($("clock"), status.tick ? `Tick ${status.tick} at ${clockText(status.time)}, ` +
		`${duration(Math.round(status.elapsed))} into Il` : "No tick yet.");
}

async function update() {
	const status = await ask("/api/status");

	// of a daemon that was started again
	if (!state.info || status.tick < state.tick)
		state.info = await ask("/api/info");
	const fresh = status.tick !== state.tick && status.tick > 0;
	state.status = status;
	state.tick = status.tick;
	showHead();
	const row = current() ?? rows()[0];
	if (row && fresh) {
		state.row = row.name;
		chooseShown(row);
		record(row);
	}
	show();
}

async function live() {
	try {
		if (!document.hidden || !state.status)
			await update();
		notice("");
	} catch (error) {
		notice(explain(error) + ". Trying again; the figures below are old.");
	}
	setTimeout(live, untilNext());
}

// A moment after the next tick; ms.
function untilNext() {
	const wait = tickAt + 1000 * (state.info?.short_interval ?? 1) + LATE - performance.now();

	return Math.min(Math.max(wait, 250), 60000);
}

// --- breaches ---

const breachTable = new Table($("breaches"), "Breaches in the last day", [
	{ title: "Began", head: true, fill: (cell, r) => say(cell, dateText(r.time)) },
	member("Lasted", "seconds", duration),
	{ title: "Network", fill: (cell, r) => say(cell, r.network) },
	{ title: "Of", fill: (cell, r) => say(cell, r.name) },
	{ title: "Term", fill: (cell, r) => say(cell, r.kind) },
	member("Worst error", "error", percent),
	{ title: "Fault", fill(cell, r) {
		say(cell, r.breach === false ? "operator: no breach" : r.fault);
		mark(cell, "bad", r.breach !== false);
	} },
	{ title: "Cause", wrap: true, fill: (cell, r) => say(cell, r.text) },
]);

function showBreaches() {
	const { all, left } = state.breaches;
	const open = $("more").getAttribute("aria-expanded") === "true";
	const listed = all.slice(0, open ? BREACHES.more : BREACHES.few);
	const rest = all.length - listed.length + left;

	say($("breaches-note"), !all.length ? "None." : rest ? `The last ${listed.length} of ${listed.length + rest}; all: xnetman-ctl report.` : "");
	$("more").hidden = all.length <= BREACHES.few;
	say($("more"), open ? "Show less" : "Show more");
	breachTable.fill(listed, (r) => [r.network, r.name, r.kind, r.cause, r.time].join("/"));
}

function takeBreaches(report) {
	const all = report.networks.flatMap((network) => network.breaches.map((each) => ({ ...each, network: network.network })));

	state.breaches = {
		all: all.sort((a, b) => b.time - a.time).slice(0, BREACHES.more),
		left: Math.max(0, all.length - BREACHES.more) + report.networks.reduce((sum, network) => sum + (network.left_out ?? 0), 0),
	};
	showBreaches();
}

async function breaches() {
	try {
		if (!document.hidden)
			takeBreaches(await ask("/api/report"));
	} catch (error) {
		say($("breaches-note"), explain(error));
	}
	setTimeout(breaches, REPORT_EVERY);
}

// --- admission ---

function amount(title, what) {
	return { title, number: true, fill(cell, check) {
		const disk = check.check === "disk";
		const key = check.of ? keyOf(check, what) : disk ? what + "_bytes" : what;
		const value = check[key];
		cell.dataset.key = key;
		cell.dataset.value = value ?? "";
		say(cell, value === undefined ? "no limit" : check.of ? unitOf(check).text(value) : disk ? bytes(value) : short(value));
	} };
}

const needs = {
	rate: "rate of the interface", guarantee: "short-term reservations", long_term: "long-term reservations",
	disk: "disk", interfaces: "interfaces", networks: "networks",
};

const checkTable = new Table($("checks"), "Checks", [
	{ title: "Check", head: true, fill: (cell, r) => say(cell, needs[r.check] ?? r.check) },
	{ title: "Of", fill: (cell, r) => say(cell, r.of || "machine") },
	amount("Asked", "asked"),
	amount("Sold", "sold"),
	amount("Capacity", "capacity"),
	amount("Would fit", "room"),
	{ title: "Tightest", fill: (cell, r) => say(cell, r.at ? dateText(r.at) : "always") },
	{ title: "Result", fill(cell, r) {
		say(cell, r.ok ? "fits" : "does not fit");
		mark(cell, "good", r.ok);
		mark(cell, "bad", !r.ok);
	} },
]);

function verdict(text, good) {
	say($("verdict"), text);
	mark($("verdict"), "good", good);
	mark($("verdict"), "bad", !good);
}

// The daemon calls what it was given "(request)".
const readable = (text) => text.replace(/^\(request\):(\d+):/, "Line $1:").replace(/^\(request\):\s*/, "");

async function admit(event) {
	const button = $("admission").querySelector("button");
	const name = $("name").value.trim();

	event.preventDefault();
	button.disabled = true;
	try {
		const answer = await ask("/api/admit" + (name ? "?" + new URLSearchParams({ name }) : ""),
			{ method: "POST", headers: { "Content-Type": "application/yaml" }, body: $("definition").value });
		checkTable.fill(answer.checks, (check) => check.check + "/" + check.of);
		verdict(answer.admitted ? `${answer.network} fits at every instant.` : "It does not fit: " + readable(answer.why), answer.admitted);
	} catch (error) {
		checkTable.fill([], String);
		verdict(readable(explain(error)), false);
	}
	button.disabled = false;
}

// --- start ---

charts.forEach(makeChart);
$("admission").addEventListener("submit", admit);
$("filter").addEventListener("input", () => state.status && show());
$("more").addEventListener("click", () => {
	$("more").setAttribute("aria-expanded", String($("more").getAttribute("aria-expanded") !== "true"));
	showBreaches();
});
$("data").addEventListener("toggle", () => state.status && current() && showPoints(current()));
[resourceTable, shareTable, pointTable, breachTable, checkTable].forEach((table) => { table.table.hidden = true; });
$("definition").placeholder = "name: net9\nports: [vif9.0]\nbandwidth:\n  - {link: eth0, rc: 10Mbit, rl: 50Mbit}";
live();
breaches();

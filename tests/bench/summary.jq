# SPDX-License-Identifier: GPL-2.0-or-later
# What the benchmarks wrote -> summary.json. Each of the named arrays holds the lines of one of them; empty: not run.
#   jq -n --slurpfile packet packet.json --slurpfile packet_ns packet-ns.json --slurpfile tick tick.json
#         --slurpfile tick_instructions tick-instructions.json --slurpfile throughput throughput.json
#         --slurpfile memory memory.json -f summary.jq

def round1: . * 10 | round / 10;
def median: sort | if length == 0 then null else (.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2 end;
def figure: {median: (median | round1), min: (min | round1), max: (max | round1)};
def by(key; value): group_by(key) | map({key: (.[0] | key | tostring), value: value}) | from_entries;

def of(method): map(select(.method == method));
def typical(method): of(method) | map(.runs | median) | median | if . then round1 else null end;

# What each round's method adds to the same round's plain forwarding with as many networks.
def added($method; $networks):
	map(select(.networks == $networks)) | . as $rows
	| [of($method)[] | . as $row
		| ($row.runs | median) - ($rows | of("plain") | map(select(.round == $row.round))[0].runs | median)];
def methods: map(.method) | unique - ["plain", "single", "small", "generator"];
def sizes: of("plain") | map(.networks) | unique;
def per_packet(f): . as $rows
	| reduce methods[] as $m ({}; .[$m] = (reduce ($rows | sizes[]) as $n ({};
		($rows | added($m; $n)) as $d | if $d == [] then . else .[$n | tostring] = ($d | f) end)));

def ticks: by("\(.networks)x\(.links)"; .[0] | {dump, decide, push, tick});

# What else a machine does only adds time, for seconds at times: of all runs the fastest tells what a packet takes.
def fastest: group_by([.networks, .method]) | map(.[0] + {round: 1, runs: [map(.runs[]) | min]});

($packet | map(select(.method))) as $p | ($packet_ns | map(select(.method))) as $u
| {
	environment: ($packet | map(select(.kernel))[0]),
	plain_instructions: ($p | typical("single")),
	plain_small_instructions: ($p | typical("small")),
	generator_instructions: ($p | typical("generator")),
	per_packet_instructions: ($p | per_packet(median | round1)),
	plain_ns: ($u | fastest | typical("single")),
	per_packet_ns: ($u | fastest | per_packet(median | round1)),
	per_packet_ns_spread: ($u | per_packet(figure)),
	tick_us: ($tick | ticks),
	tick_instructions: ($tick_instructions | ticks | map_values(map_values(.median * 1000 | round))),
	throughput_pps: ($throughput | by(.cpus; by(.method; map(.pps) | figure))),
	memory_bytes_per_network: ($memory | by("\(.links)x\(.cpus)"; .[0].bytes_per_network))
}

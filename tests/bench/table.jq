# SPDX-License-Identifier: GPL-2.0-or-later
# summary.json -> the tables that people read.   jq -r -f table.jq summary.json

def pad($n): tostring | (" " * ([$n - length, 0] | max)) + .;
def name($n): . + (" " * ([$n - length, 0] | max));
def cell: if . == null then "-" else . end;
def line($title; $cells): ($title | name(16)) + ($cells | map(cell | pad(12)) | join(""));
def sizes: [.[] | keys[]] | unique | sort_by(tonumber);

def table($title; $plain; $unit):
	if . == {} then empty else
	. as $all | sizes as $sizes
	| "\n\($title); plain forwarding takes \($plain) \($unit)",
	line("networks"; $sizes),
	($all | to_entries | sort_by(.value[$sizes[0]])[] | . as $m | line(.key; $sizes | map($m.value[.]))),
	if $all["xnetman-count"] then line("counting, %"; $sizes | map($all["xnetman-count"][.] | if . then . / $plain * 10000 | round / 100 else null end)) else empty end
	end;

(.plain_instructions as $p | .per_packet_instructions | table("Instructions that a method adds to a forwarded packet"; $p; "instructions")),
(if .plain_small_instructions then "plain forwarding of 60 bytes: \(.plain_small_instructions); pktgen takes \(.generator_instructions) of a full frame" else empty end),
(.plain_ns as $p | .per_packet_ns | table("Nanoseconds that it adds, UML"; $p; "ns")),
(if .tick_us == {} then empty else
	"\nThe tick, median us (UML; a system call costs far more there than on a Dom0)",
	line("networks x links"; ["dump", "decide", "push", "all"]),
	(.tick_us | to_entries | sort_by(.key | split("x") | map(tonumber))[]
		| line(.key; [.value.dump.median, .value.decide.median, .value.push.median, .value.tick.median])) end),
(if .tick_instructions == {} then empty else
	"\nThe tick in instructions",
	line("networks x links"; ["dump", "decide", "push", "all"]),
	(.tick_instructions | to_entries | sort_by(.key | split("x") | map(tonumber))[]
		| line(.key; [.value.dump, .value.decide, .value.push, .value.tick])) end),
(if .throughput_pps == {} then empty else
	"\nPackets per second, emulated CPUs: median (least to most)",
	(.throughput_pps | to_entries[] | .key as $cpus | .value | to_entries[]
		| "\($cpus) CPU  \(.key | name(16)) \(.value.median | round) (\(.value.min | round) to \(.value.max | round))") end),
(if .memory_bytes_per_network == {} then empty else
	"\nMemory of the module, bytes per network with one port",
	(.memory_bytes_per_network | to_entries[] | "\(.key | split("x") | "\(.[0]) links, \(.[1]) CPUs")  \(.value)") end)

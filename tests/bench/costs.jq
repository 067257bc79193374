# SPDX-License-Identifier: GPL-2.0-or-later
# summary.json -> doc/costs.md.   jq -r -f costs.jq summary.json

def row: "| " + (map(if . == null then "-" else tostring end) | join(" | ")) + " |";
def head: row, "|" + (map("---|") | join(""));
def sizes: [.[] | keys[]] | unique | sort_by(tonumber);
def grouped: tostring | explode | reverse | . as $d
	| [range(length) | if . > 0 and . % 3 == 0 then 44, $d[.] else $d[.] end] | reverse | implode;
def number: if . == null then null elif . >= 100 then round | grouped else . end;

# A row of each method, the cheapest first; columns are numbers of networks.
def methods: . as $all | sizes as $sizes
	| (["method"] + ($sizes | map("\(.) networks")) | head),
	  (to_entries | sort_by(.value[$sizes[-1]] // .value[$sizes[0]])[] | .value as $v | [.key] + ($sizes | map($v[.] | number)) | row);

def ours: startswith("xnetman");
# Peers that take less than a method of ours, as a line.
def cheaper($method): . as $all | sizes as $sizes
	| [to_entries[] | select(.key | ours | not) | .key as $peer
	   | [$sizes[] | select($all[$method][.] != null and $all[$peer][.] != null and $all[$peer][.] < $all[$method][.])]
	   | select(length > 0) | "\($peer) with \(map("\(.) (\($all[$peer][.] | number) against \($all[$method][.] | number))") | join(", "))"]
	| select(length > 0) | "- \($method): fewer instructions take \(join("; "))." +
	  (if $method == "xnetman-guard" then " Why: it is measured on a link that is contended, where each packet of each network goes through two virtual queues; on others a packet costs what counting costs. A policer knows one queue, and no link."
	   else "" end);

"# What it costs",
"",
"From `make bench`, which writes this page: no figure was typed by hand. What a method adds to a forwarded packet, in instructions of Debian's stock kernel\(if .environment then " (\(.environment.kernel))" else "" end) in QEMU: they are the same each time.",
"`xnetman-count` counts, `-punish` drops a tenth, `-guard` holds networks on a contended link. `iptables` is the method of the paper's own prototype: a rule that counts and one that drops",
"for each network; `nft-map` the best that nftables can do. Per packet that is offered.",
"",
(if .per_packet_instructions == {} then empty else
	"Plain forwarding of a full frame takes \(.plain_instructions | number) instructions.", "", (.per_packet_instructions | methods), "",
	(.plain_instructions as $plain | .per_packet_instructions["xnetman-count"] // {} | select(. != {}) | [.[]] | max
		| "Counting adds at most \(. / $plain * 1000 | round / 10)%.", "") end),
(if .per_packet_ns == {} then empty else
	"The same in nanoseconds, native UML, where plain forwarding takes \(.plain_ns | number): the fastest of 24 runs, as on a shared machine many take twice as long. Up to 64 networks what is below fifty is noise, and may be negative; with more, where packets wait for memory, below a thousand: count instructions.", "", (.per_packet_ns | methods), "" end),
(if .tick_us == {} then empty else
	. as $all
	| "The tick: all counters read, all decided, all ratios and rates pushed. Microseconds in native UML (medians), where a system call costs far more than on a Dom0, and millions of instructions in QEMU.", "",
	(["networks x links", "dump, us", "decide", "push", "whole", "dump, million", "decide", "push", "whole"] | head),
	(.tick_us | to_entries | sort_by(.key | split("x") | map(tonumber))[] | .key as $k
		| [$k | sub("x"; " x ")] + [.value | .dump, .decide, .push, .tick | .median | number]
		  + [($all.tick_instructions[$k] // {}) | .dump, .decide, .push, .tick | if . then (. / 10000 | round / 100) else null end] | row), "" end),
(if .throughput_pps == {} then empty else
	"Packets per second with emulated CPUs, which are as fast as the machine lets them: compare in a row only.", "",
	(.throughput_pps | (to_entries[0].value | keys) as $methods
		| (["CPUs"] + $methods | head), (to_entries[] | .value as $v | [.key] + ($methods | map($v[.].median | number)) | row)), "" end),
(if .memory_bytes_per_network == {} then empty else
	"Memory of the module, bytes per network with one port: " + ([.memory_bytes_per_network | to_entries[]
		| "\(.value | round | grouped) with \(.key | split("x") | "\(.[0]) links and \(.[1]) CPUs")"] | join(", ")) + ".", "" end),
(if .per_packet_instructions == {} then empty else
	"## What costs more than a peer, and why", "",
	([.per_packet_instructions | cheaper("xnetman-count"), cheaper("xnetman-punish"), cheaper("xnetman-guard")]
		| if length == 0 then "- nothing." else .[] end) end)

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Many clients and many nodes. Without sanitizers, as times and memory are looked at; at the end once more with them.
. ./lib.sh

calls=${XN_VMS_CALLS:-10000}
sanitized=$PATH
PATH=$O/bin:$PATH
make --no-print-directory -s -C ../.. O="$O" vms "$O/bin/vms-load" >&2 || exit 1

# --- 1,000 nodes with 10 virtual machines each ----------------------------------------------

for ((i = 0; i < 1000; i++)); do
	{
		echo "<node><memory>8388608</memory>"
		for ((j = 0; j < 10; j++)); do
			echo "<domain type='test'><name>vm$j</name><memory>65536</memory><os><type>hvm</type></os></domain>"
		done
		echo "</node>"
	} >"$tmp/n$i.xml"
	echo "<phyServer><name>n$i</name><IP>10.1.$((i / 250)).$((i % 250 + 1))</IP></phyServer>"
done >"$tmp/nodes"
node many $(disks c{0..199})
echo "<phyServer><name>many</name></phyServer>" >>"$tmp/nodes"
head -n 1000 "$tmp/nodes" >"$tmp/thousand"
server main || exit 1
# milliseconds SERVICE BODY...: how long the quickest of these calls takes: of what else the machine does, none is to be judged
milliseconds() {
	local service=$1 body start took least=
	shift
	for body; do
		start=${EPOCHREALTIME/./}
		soap "$service" "$body" >"$tmp/said"
		took=$(((${EPOCHREALTIME/./} - start) / 1000))
		[ -n "$least" ] && [ "$least" -le "$took" ] || least=$took
	done
	echo "$least"
}
status_of() { # NODE...: bodies of getPhysicalServerStatus
	printf '<phyServer>%s</phyServer>\n' "$@"
}
ok "1,000 nodes are registered in one call" succeeds registerNodes "$(<"$tmp/thousand")"
took=$(milliseconds getRegisteredNodes '' '' '')
is "all are listed" "$(element name <"$tmp/said" | wc -l)" 1000
ok "in less than 200 ms ($took)" test "$took" -lt 200
took=$(milliseconds getPhysicalServerStatus $(status_of n997 n998 n999))
is "one of them has ten virtual machines" "$(element virtualMachine <"$tmp/said" | wc -l)" 10
ok "told in less than 200 ms ($took), a new connection with it" test "$took" -lt 200
seq 0 999 | xargs -P 8 -I{} sh -c "printf '%s' '$(envelope getPhysicalServerStatus '<phyServer>n{}</phyServer>')' |
	curl -s -H 'Content-Type: text/xml' --data-binary @- $url >>$tmp/all.{}"
is "all 1,000 tell theirs" "$(cat "$tmp"/all.* | element virtualMachine | wc -l)" 10000
took=$(milliseconds getPhysicalServerStatus $(status_of n0 n1 n2))
ok "with 1,000 connections open, in less than 200 ms ($took)" test "$took" -lt 200
took=$(milliseconds getOperations '' '' '')
ok "operations are listed in less than 200 ms ($took)" test "$took" -lt 200

# load NAME ARGUMENT...: vms-load, to $tmp/NAME; what the server said to those that fail, to $tmp/NAME.errors
load() {
	local name=$1
	shift
	"$O/bin/vms-load" 200 "$@" 2>"$tmp/$name.errors" >"$tmp/$name"
}
none_fails() { # NAME
	grep -q '"failed": 0,' "$tmp/$1" || { sort "$tmp/$1.errors" | uniq -c | sort -rn | head -n 5; return 1; }
}

# --- 200 clients ----------------------------------------------------------------------------

rss() {
	awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"
}
# What is free in pieces grows until the pieces fit, so the first times say nothing; a call that left 100 bytes would leave
# 1 MiB every time.
grown=
for run in first second third fourth fifth sixth; do
	before=$(rss)
	load $run "$calls" n7 vm3
	grown=$(($(rss) - before))
	echo "# $(<"$tmp/$run"), $grown KiB more"
	ok "200 clients, $calls calls, $run time: none fails" none_fails $run
	[[ $run == first || $run == second || $grown -ge 1024 ]] || break
done
ok "in the end the server has no more memory than before ($grown KiB)" test "$grown" -lt 1024

# --- and all of them change something --------------------------------------------------------

# counts WANT: operations that the registry has of these calls, those that are done, virtual machines, claims
counts() {
	/usr/bin/python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
print(*[db.execute("select count(*) from " + t).fetchone()[0] for t in
	("operations", "operations where state = 1", "vms", "claims")])' "$tmp/main/registry.db"
}
soap registerNodes "$(tail -n 1 "$tmp/nodes")" >/dev/null
changes() { # NAME: a quarter of the calls only looks; a client's last one destroys
	local before=($(counts)) calls=$(((calls + 799) / 800 * 800)) made
	made=$((calls / 4 * 3))
	load "$1" "$calls" many change
	echo "# $(<"$tmp/$1")"
	ok "200 clients, $calls calls of which $made change something, $1: none fails" none_fails "$1"
	is "no change is lost: every one is in the registry, done, and nothing else is" "$(counts)" \
		"$((before[0] + made)) $((before[0] + made)) 0 0"
}
changes plainly
ok "the server ends well" ends_well main "$pid"
PATH=$sanitized
server main || exit 1
changes sanitized
load asan "$calls" n7 vm3
echo "# $(<"$tmp/asan")"
ok "200 clients, $calls calls that look, under ASan: none fails" none_fails asan
ok "the server ends well, and has lost no memory" ends_well main "$pid"
tap_done

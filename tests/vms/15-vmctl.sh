#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# xnetman-vmctl: a command for each service, as text and as JSON, and what it ends with.
. ./lib.sh

node n1 $(disks r1 r2)
node n2 $(disks r3)
server main || exit 1
c=xnetman-vmctl

json() { # WANT FILTER COMMAND...: what jq makes of the document
	local want=$1 filter=$2
	shift 2
	"$c" -j "$@" >"$tmp/json"
	[ "$(jq -c "$filter" "$tmp/json")" = "$want" ] || { cat "$tmp/json"; return 1; }
}
exits() { # STATUS COMMAND...: and says why, in one line
	local want=$1 status
	shift
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
	[ $status -eq "$want" ] && [ "$(wc -l <"$tmp/err")" = 1 ] || { echo "status $status"; cat "$tmp/err"; return 1; }
}

is "test" "$($c test hello)" hello
ok "node register" $c node register n1 addresses 10.9.0.1,10.9.0.2 key 'ssh-ed25519 AAAA'
ok "node register, another" json '{"ok":true}' . node register n2
ok "node list" json '[["n1",["10.9.0.1","10.9.0.2"]],["n2",[]]]' '[.[] | [.name, .IP]]' node list
ok "node list is a table" sh -c "$c node list | grep -qE '^n1 +test +10.9.0.1$'"
ok "node status" json '["n1","TEST",8388608]' '[.name, .hypervisor, .memory]' node status n1
echo disk >"$tmp/disk"
xnetman-vms --state "$tmp/main" image add router disk "$tmp/disk" os Debian arch i686 kernel-version 6.1.0
is "image os, arch, kernel" "$($c image os) $($c image arch) $($c image kernel)" "Debian i686 6.1.0"
ok "vm create" json '"string"' '.uuid | type' vm create n1 r1 ram 64 ip 10.0.0.1/24 interfaces br0,br1
ok "vm status" json '["running",65536,"10.0.0.1/24"]' '[.state, .maxMemory, .vmIP]' vm status n1 r1
ok "vm status as text" sh -c "$c vm status n1 r1 | grep -qE '^state +running$'"
is "vm scheduler" "$($c vm scheduler n1 r1)" fair
ok "vm parameters" json '[50,null]' '[.Weight, .Cap]' vm parameters n1 r1
ok "vm set" $c vm set n1 r1 weight 60
ok "vm shutdown" $c vm shutdown n1 r1
ok "vm migrate" $c vm migrate n1 r1 to n2
ok "vm destroy" $c vm destroy n2 r1
ok "network create" json '["blue",2]' '[.networkName, (.operation | length)]' network create blue \
	n1,r2,10.1.0.1/24,64,br0 n2,r3,10.1.0.2/24,64,br0
ok "an SLA where xnetman cannot be told of it: 6" exits 6 $c vm create n1 r9 ram 64 sla eth0:rc=1Mbit,cpu:rl=10%
ok "it says so" grep -q 'not reached over SSH' "$tmp/err"
ok "an SLA that is not written like one: 1" exits 1 $c vm create n1 r9 ram 64 sla eth0:rate=1Mbit
ok "one with other characters: 1" exits 1 $c vm create n1 r9 ram 64 sla "eth0:rc=1'"
ok "nothing of them is left" exits 3 $c vm status n1 r9
ok "operations" json '["createVirtualNetwork","done"]' '.[0] | [.service, .state]' operations vm r3
ok "words may be cut short" $c op v r3

. ../../dist/completion/xnetman-vmctl
completes() { # WANT WORD...: what the last word may become
	local want=$1
	shift
	COMP_WORDS=("$c" "$@") COMP_CWORD=$#
	_xnetman_vmctl
	is "completion of $*" "${COMPREPLY[*]}" "$want"
}
completes "network node" n
completes "status shutdown scheduler set" vm s
completes "n1 n2" vm status ""
completes "r2" vm destroy n1 ""
completes "ram" vm create n1 r9 r
completes "n1 n2" vm migrate n1 r2 to ""
completes "Debian" vm create n1 r9 os ""

ok "what cannot be: 1" exits 1 $c vm create n1 a/b ram 64
ok "a word that it does not know: 1" exits 1 $c vm creat n1 r9 ram 64 colour red
ok "no server: 2" exits 2 $c --server http://127.0.0.1:9/ test
ok "with its place" grep -q 'http://127.0.0.1:9/' "$tmp/err"
ok "a node that cannot be reached: 2" sh -c "$c node register nofile && ! $c node status nofile"
ok "what is not there: 3" exits 3 $c vm status n1 r9
ok "what is there: 4" exits 4 $c vm create n1 r2 ram 64
ok "what the hypervisor does not do: 6" exits 6 $c vm migrate n1 r2 to n2 live
ok "with libvirt's words" grep -q 'not supported' "$tmp/err"
ok "an error as JSON" json '[3,"NotFound","n1","r9"]' '[.code, .fault, .phyServer, .vmName]' vm status n1 r9
ok "--help" sh -c "$c --help && $c vm create --help"
ok "the server ends well" ends_well main "$pid"
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The virtual machine server and a Xen node, which is this Dom0 over SSH: creation with and without transfer, with an
# SLA of this xnetman; the credit scheduler; status as xl tells it; the end.
. "$(dirname "$0")/lib.sh"

forget_all
uplink
C link add eth1 capacity 100Mbit

# --- the node, the server -------------------------------------------------------------------

systemctl stop xnetman-vms 2>/dev/null || : # the package's own, at the same place
chmod 755 "$tmp"
ssh-keygen -q -t ed25519 -N '' -f "$tmp/host"
cat >"$tmp/sshd_config" <<-END
	ListenAddress 127.0.0.1:2222
	HostKey $tmp/host
	AuthorizedKeysFile $tmp/authorized
	PidFile $tmp/sshd.pid
	StrictModes no
	PermitRootLogin yes
	UsePAM no
END
mkdir -p /run/sshd
/usr/sbin/sshd -f "$tmp/sshd_config" -E "$tmp/sshd.log"
pool=/var/lib/libvirt/images
virsh pool-info default >/dev/null 2>&1 || {
	virsh pool-define-as default dir --target $pool
	virsh pool-build default
	virsh pool-start default
} >/dev/null
vms=(xnetman-vms --state "$tmp/vms" --question-timeout 60
	--node-kind 'xen=xen+libssh://root@%a:2222/system?proxy=netcat')
"${vms[@]}" key >"$tmp/authorized"
head -c 1048576 /dev/urandom >"$tmp/disk"
"${vms[@]}" image add router disk "$tmp/disk" kernel /boot/domu-vmlinux initrd /boot/domu-initrd \
	arguments 'console=hvc0 loglevel=4' os Debian arch x86_64 kernel-version "$(uname -r)"
"${vms[@]}" serve 2>"$tmp/vms.log" &
server=$!
wait_for 60 grep -q 'listening at' "$tmp/vms.log" || cat "$tmp/vms.log"
V() {
	xnetman-vmctl "$@"
}
ok "the node is registered" V node register dom0 addresses 127.0.0.1 key "$(cut -d' ' -f1,2 "$tmp/host.pub")"
is "it is a Xen node" "$(V -j node status dom0 | jq -r .hypervisor)" Xen

state() { # VM: as the server tells it
	V -j vm status dom0 "$1" 2>/dev/null | jq -r .state
}
xl_state() { # VM: as xl tells it: running or blocked is running; nothing: not there
	xl list "$1" 2>/dev/null | awk 'NR == 2 { print ($5 ~ /p/) ? "paused" : "running" }'
}
same_state() { # VM
	case $(state "$1") in
	running | blocked) [ "$(xl_state "$1")" = running ] ;;
	shutoff) [ -z "$(xl_state "$1")" ] ;;
	*) false ;;
	esac
}
volumes() {
	ls $pool | paste -sd ' '
}

# --- with transfer --------------------------------------------------------------------------

ok "created with transfer" V vm create dom0 r1 ram 160 ip 10.1.0.31/16 interfaces xenbr0 transfer image router sla eth1:rc=2Mbit:rl=5Mbit
ok "it runs, by xl's word and by the server's" same_state r1
answers() { # ADDRESS
	ip netns exec hosts ping -q -c 1 -W 2 "$1"
}
ok "it answers at the address that was asked for" wait_for 120 answers 10.1.0.31
ok "it runs commands" domu wait r1
ok "its vif is its network's port" wait_for 20 bound_to "$(vif r1)" r1
same_counters r1 "$(vif r1)"
ok "one that does not fit: refused" sh -c "xnetman-vmctl vm create dom0 r9 ram 160 sla eth1:rc=200Mbit; test \$? = 6"
is "and nothing of it is here" "$(xl_state r9)$(C -j network list | jq -r '.[] | select(.name == "r9").name')" ""

# --- scheduler ------------------------------------------------------------------------------

is "its scheduler" "$(V vm scheduler dom0 r1)" credit
ok "weight and cap are set" V vm set dom0 r1 weight 512 cap 40
is "xl sched-credit sees them" "$(xl sched-credit -d r1 | awk '$1 == "r1" { print $3, $4 }')" "512 40"
xl sched-credit -d r1 -w 300 -c 0
is "what xl sets, the server tells" "$(V -j vm parameters dom0 r1 | jq -c '[.Weight, .Cap]')" "[300,0]"

# --- the end --------------------------------------------------------------------------------

ok "shutdown" V vm shutdown dom0 r1
ended() { [ "$(state r1)" = shutoff ]; }
ok "it shuts itself down" wait_for 120 ended
ok "and xl agrees" wait_for 30 same_state r1
ok "destroyed" V vm destroy dom0 r1
is "its volumes are gone" "$(volumes)" ""
is "and its network" "$(C -j network list | jq -r '.[].name')" ""

# --- without transfer -----------------------------------------------------------------------

cp "$tmp/disk" $pool/r2.img
cp /boot/domu-vmlinux $pool/r2.kernel
cp /boot/domu-initrd $pool/r2.initrd
virsh pool-refresh default >/dev/null
ok "created without transfer" V vm create dom0 r2 ram 160 ip 10.1.0.32/16 interfaces xenbr0
ok "it runs" same_state r2
ok "it answers" wait_for 120 answers 10.1.0.32
ok "destroyed" V vm destroy dom0 r2
is "its volumes, which were there before, stay" "$(volumes)" "r2.img r2.initrd r2.kernel"
is "xl has it no more" "$(xl_state r2)" ""
rm -f $pool/r2.*
kill "$server" "$(<"$tmp/sshd.pid")"
ok "the server ends well" wait "$server"
forget_all
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The virtual machine server and a node's xnetman: admission is asked before a virtual machine is created, and its SLA is
# in force as long as it is there. The node is this machine over SSH; its hypervisor is libvirt's test driver.
. "$(dirname "$0")/lib.sh"

PATH=$PATH:/usr/sbin
for program in sshd libvirtd nc xnetman-vms; do
	command -v $program >/dev/null || { skip "admission before creation" "no $program"; tap_done; exit; }
done

[ -n "${XN_OWN_MOUNTS-}" ] || XN_OWN_MOUNTS=1 exec unshare -m bash "$0" # what is mounted below goes with it

conf=$tmp/conf
mkdir -p "$conf/networks.d"
cat >"$conf/xnetman.yaml" <<-END
	long_interval: 15s
	links:
	  - name: eth1
	    capacity: 100Mbit
	interfaces: 4
END
hosts_up
bus_up
wire eth1
module_load
daemon_up || exit 1
C() {
	xnetman-ctl "$@"
}
defined() { # NETWORK FILTER: what jq makes of its definition
	C -j network list | jq -c ".[] | select(.name == \"$1\") | $2"
}

# --- a node ---------------------------------------------------------------------------------

# the test driver is libvirt's own; others would look at every emulator first
mkdir "$tmp/none"
mount --bind "$tmp/none" /usr/lib/*/libvirt/connection-driver
mount -t tmpfs var /var
mkdir -p /var/lib /var/cache /var/log /run/sshd
ln -s /run /var/run
echo 'auth_unix_rw = "none"' >"$tmp/libvirtd.conf"
libvirtd --config "$tmp/libvirtd.conf" >"$tmp/libvirtd.log" 2>&1 &
libvirtd=$!
chmod 755 "$tmp"
ssh-keygen -q -t ed25519 -N '' -f "$tmp/host"
cat >"$tmp/sshd_config" <<-END
	ListenAddress 127.0.0.1:2222
	HostKey $tmp/host
	AuthorizedKeysFile $tmp/authorized
	PidFile none
	StrictModes no
	PermitRootLogin yes
	UsePAM no
	SetEnv PATH=$PATH
END
"$(command -v sshd)" -f "$tmp/sshd_config" -E "$tmp/sshd.log"
{
	echo "<node><memory>8388608</memory><pool type='dir'><name>default</name><target><path>/pool</path></target>"
	for vm in r1 r2 r3; do
		for part in img kernel; do
			echo "<volume><name>$vm.$part</name><capacity>1000000</capacity></volume>"
		done
	done
	echo "</pool></node>"
} >"$tmp/node.xml"

vms=(xnetman-vms --listen 127.0.0.1:4780 --state "$tmp/vms" --question-timeout 60
	--node-kind "test=test+libssh://root@%a:2222$tmp/node.xml?proxy=netcat")
"${vms[@]}" key >"$tmp/authorized"
"${vms[@]}" serve 2>"$tmp/vms.log" &
server=$!
wait_for 30 grep -q 'listening at' "$tmp/vms.log" || cat "$tmp/vms.log"
V() {
	xnetman-vmctl "$@"
}
wait_for 30 test -S /run/libvirt/libvirt-sock || cat "$tmp/libvirtd.log"
ok "the node is registered" V node register dom0 addresses 127.0.0.1 key "$(cut -d' ' -f1,2 "$tmp/host.pub")"
ok "and answers" V node status dom0

# --- promises -------------------------------------------------------------------------------

refused() { # COMMAND...: with a fault that tells why, and the table
	local status
	"$@" >"$tmp/said" 2>&1
	status=$?
	cat "$tmp/said"
	[ $status -eq 6 ] && grep -q 'has no room for it' "$tmp/said" && grep -q 'guarantee\|interfaces' "$tmp/said"
}
ok "a virtual machine that fits is created" V vm create dom0 r1 ram 64 interfaces br0 sla eth1:rc=60Mbit:rl=70Mbit,cpu:rl=10%
uuid=$(V -j vm status dom0 r1 | jq -r .uuid) || :
is "its SLA is in force, for the domain with its UUID" "$(defined r1 '[.domain, .bandwidth[0].link, .bandwidth[0].rc, .bandwidth[0].rl]')" \
	"[\"$uuid\",\"eth1\",\"60Mbit\",\"70Mbit\"]"
ok "one that does not fit: a fault" refused V vm create dom0 r2 ram 64 interfaces br0 sla eth1:rc=50Mbit
is "with what would still fit" "$(grep -c '40.*Mbit' "$tmp/said" | sed 's/[1-9].*/some/')" some
is "as JSON, too" "$(V -j vm create dom0 r2 ram 64 interfaces br0 sla eth1:rc=50Mbit 2>/dev/null | jq -c '[.fault, (.admission | length > 100)]')" \
	'["Refused",true]'
is "and nothing is left of it on the node" "$(defined r2 .name)$(V -j node status dom0 | jq -c .virtualMachine)" '["r1"]'
ok "it can be created with less" V vm create dom0 r2 ram 64 interfaces br0,br1 sla eth1:rc=30Mbit:restricted
ok "one without an SLA is admitted or refused as well: here its interfaces are too many" refused \
	V vm create dom0 r3 ram 64 interfaces br0,br1,br2,br3
ok "and is no network of xnetman if it fits" V vm create dom0 r3 ram 64 interfaces br0
is "of xnetman" "$(defined r3 .name)" ""
ok "what xnetman does not understand: a fault" sh -c "! xnetman-vmctl vm create dom0 r4 ram 64 sla eth1:rc=50"
ok "somebody else's network of that name stays" sh -c "
	xnetman-ctl network add r5 && ! xnetman-vmctl vm create dom0 r5 ram 64 sla eth1:rl=1Mbit && xnetman-ctl network show r5"
ok "destroyed, its SLA goes with it" V vm destroy dom0 r1
is "so there is room again" "$(defined r1 .name)" ""
ok "at once" V vm create dom0 r1 ram 64 sla eth1:rc=60Mbit

# --- xnetmand is away -----------------------------------------------------------------------

daemon_down
ok "without xnetmand nothing is created: a fault" sh -c "! xnetman-vmctl vm create dom0 r6 ram 64"
ok "and nothing is destroyed" sh -c "! xnetman-vmctl vm destroy dom0 r1"
daemon_up
ok "until it is back" V vm destroy dom0 r1
is "with the SLA" "$(defined r1 .name)" ""
kill "$server"
ok "the server ends well" wait "$server"
daemon_down
tap_done

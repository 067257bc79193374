#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Nodes are reached over SSH with the server's own key, and believed only by the host key they were registered with.
. ./lib.sh

sshd=$(PATH=$PATH:/usr/sbin command -v sshd)
if [ -z "$sshd" ] || ! command -v libvirtd >/dev/null || ! command -v nc >/dev/null; then
	skip "nodes over SSH" "no sshd, libvirtd or nc: scripts/deps vms-test"
	tap_done
fi
. ./libvirtd.sh

ssh_port=$(free_port)
ssh-keygen -q -t ed25519 -N '' -f "$tmp/host"
ssh-keygen -q -t ed25519 -N '' -f "$tmp/other"
cat >"$tmp/sshd_config" <<-END
	ListenAddress 127.0.0.1:$ssh_port
	HostKey $tmp/host
	AuthorizedKeysFile $tmp/authorized
	PidFile none
	StrictModes no
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	UsePAM no
END
mkdir -p /run/sshd
"$sshd" -D -e -f "$tmp/sshd_config" 2>"$tmp/sshd.log" &
servers+=($!)
wait_for 20 grep -q 'Server listening' "$tmp/sshd.log" || { cat "$tmp/sshd.log"; exit 1; }

kind="ssh=qemu+libssh://$(id -un)@%a:$ssh_port/session?proxy=netcat&socket=$socket"
server main --node-kind "$kind" --question-timeout 20 || exit 1
register() { # PUBLIC-KEY-FILE
	soap registerNodes "<phyServer><name>far</name>${1:+<key>$(cut -d' ' -f1,2 "$1")</key>}$(
		)<IP>127.0.0.1</IP><hypervisor>ssh</hypervisor></phyServer>" >/dev/null
}
status=(getPhysicalServerStatus '<phyServer>far</phyServer>')

key=$(xnetman-vms --state "$tmp/main" --node-kind "$kind" key)
ok "the server has a key of its own" test "${key%% *}" = ssh-ed25519
is "which only it can read" "$(stat -c %a "$tmp/main/id_ed25519")" 600
: >"$tmp/authorized"
register "$tmp/host.pub"
ok "a node that does not let it in: a fault" faults Unreachable "${status[@]}"
echo "$key" >"$tmp/authorized"
register ''
ok "a node without a host key is not asked at all" faults Invalid "${status[@]}"
register "$tmp/other.pub"
ok "a node that shows another host key is not believed" faults Unreachable "${status[@]}"
ok "and that is said" grep -qi 'host key\|known' "$tmp/said"
register "$tmp/host.pub"
ok "a node with the right one is" says hypervisor QEMU "${status[@]}"
head -c 3000000 /dev/urandom >"$tmp/disk"
xnetman-vms --state "$tmp/main" image add router disk "$tmp/disk" os Debian arch x86_64 kernel-version 6.1.0
ok "an image is transferred over SSH" succeeds createVirtualMachine \
	"$(vm_body far r1)<vmRAM>32</vmRAM><transfer>true</transfer><image>router</image>"
ok "byte by byte" cmp "$tmp/disk" "$lv"/pool/r1.*.img
ok "and taken away" succeeds destroyVirtualMachine "$(vm_body far r1)"
ok "the server ends well" ends_well main "$pid"
tap_done

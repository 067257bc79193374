# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced in each of the two machines: node_up N makes it a node with 192.0.2.N on the wire, which is also the physical
# network of its bridge xenbr0 and the link of its xnetman.

shared=$XNETMAN_OUT
wire_device() { # N
	ip -o link | awk -v mac="52:54:00:00:00:0$1" 'index($0, mac) { sub(":$", "", $2); print $2; exit }'
}

node_up() { # N
	local n=$1 device
	device=$(wire_device "$n")
	hostnamectl hostname "xen$n" 2>/dev/null || hostname "xen$n"
	printf '192.0.2.1 xen1\n192.0.2.2 xen2\n' >>/etc/hosts
	ip link set "$device" down
	ip link set "$device" name eth1
	ip link add xenbr0 address "52:54:00:00:01:0$n" type bridge # its own would be the other machine's, too
	ip link set eth1 master xenbr0
	ip link set eth1 up
	ip link set xenbr0 up
	ip addr add "192.0.2.$n/24" dev xenbr0
	ip addr add "10.1.0.25$n/24" dev xenbr0
	sed -i '/^long_interval:/d' /etc/xnetman/xnetman.yaml
	echo 'long_interval: 600s' >>/etc/xnetman/xnetman.yaml
	xnetman-ctl reload
	xnetman-ctl link add eth1 capacity 100Mbit
	[ -e /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -A
	systemctl stop ssh xnetman-vms 2>/dev/null || : # where there is one
	mkdir -p /run/sshd /root/.ssh # the unit takes it away with it
	cat >/run/sshd_config <<-END
		ListenAddress 192.0.2.$n
		HostKey /etc/ssh/ssh_host_ed25519_key
		AuthorizedKeysFile $shared/authorized
		PidFile none
		StrictModes no
		PermitRootLogin yes
		UsePAM no
	END
	/usr/sbin/sshd -f /run/sshd_config -E /run/sshd.log || {
		cat /run/sshd.log >&2
		return 1
	}
	virsh -q pool-define-as default dir --target "$shared/pool"
	virsh -q pool-start default
	cp /etc/ssh/ssh_host_ed25519_key.pub "$shared/key$n"
}

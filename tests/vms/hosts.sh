# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced after lib.sh, as root: two nodes with all that real ones have. Each is a set of namespaces with a name, an
# sshd and a libvirtd of its own; 192.0.2.N on the network by which the server reaches them, the bridge br0 with the
# physical interface eth1 to a switch that is the bridge `switch` here; and a storage pool that both share. QEMU
# emulates the routers: Debian's kernel and busybox.

hosts_lack() { # what is missing, or nothing
	local name
	[ "$(id -u)" = 0 ] || { echo "needs root"; return; }
	for name in sshd libvirtd qemu-system-x86_64 nc bindfs cpio busybox; do
		PATH=$PATH:/usr/sbin command -v $name >/dev/null || { echo "no $name: scripts/deps vms-test"; return; }
	done
	[ -c /dev/fuse ] && [ -c /dev/net/tun ] || { echo "the kernel has no FUSE, or no TUN"; return; }
	guest_kernel >/dev/null || echo "no kernel for routers: scripts/lab --prepare --engine qemu"
}

# The folder of a kernel of Debian's that the labs have fetched.
guest_kernel() {
	local folder
	for folder in "${XNETMAN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xnetman}"/qemu-*/; do
		[ -e "$folder/complete" ] && ls "$folder"/boot/vmlinuz-* && return
	done 2>/dev/null | head -n 1 | grep .
}

# A router: takes its address from the kernel's command line and sends back what comes to port 7.
make_guest() {
	local kernel release tree=$tmp/guest path name
	kernel=$(guest_kernel)
	release=${kernel##*/vmlinuz-}
	mkdir -p "$tree"/{bin,modules,proc,sys,dev}
	cp "$(command -v busybox)" "$tree/bin/"
	ln -s busybox "$tree/bin/sh"
	modprobe -d "${kernel%/boot/*}" -S "$release" --all --show-depends virtio_pci virtio_blk virtio_net |
		awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r path; do
		name=${path##*/}
		cp "$path" "$tree/modules/"
		echo "$name" >>"$tree/modules/order"
	done
	cat >"$tree/init" <<-'END'
		#!/bin/sh
		b=/bin/busybox
		$b mount -t proc proc /proc
		$b mount -t sysfs sys /sys
		$b mount -t devtmpfs dev /dev
		for module in $($b cat /modules/order); do $b insmod /modules/$module; done
		for word in $($b cat /proc/cmdline); do
			case $word in ip=*) address=${word#ip=} ;; esac
		done
		IFS=:
		set -- $address
		$b ifconfig eth0 $1 netmask $4 up
		echo "router is up" >/dev/ttyS0
		while true; do $b nc -l -p 7 -e $b cat; done
	END
	chmod +x "$tree/init"
	pack_guest >"$tmp/initrd"
	cp "$kernel" "$tmp/kernel"
	head -c 1048576 /dev/urandom >"$tmp/disk"
}

pack_guest() {
	(cd "$tmp/guest" && find . | cpio -o -H newc --quiet) | gzip -1
}

in_host() { # N COMMAND...
	local n=$1
	shift
	nsenter -t "${host_pid[$n]}" -m -n -u "$@"
}

# What runs in the node's namespaces from the beginning.
host_main() { # N
	local n=$1
	export PATH=$PATH:/usr/sbin
	mount --bind "$tmp/host$n/run" /run
	mount -t tmpfs var /var
	mkdir -p /run/sshd /run/libvirt /var/lib/libvirt/images /var/log/libvirt /var/cache /var/tmp
	ln -s /run /var/run
	mount --bind "$tmp/host$n/etc" /etc/libvirt
	mount --bind "$tmp/host$n/log" /var/log/libvirt
	# the user that Debian's packages make
	{ cat /etc/passwd && echo libvirt-qemu:x:64055:64055::/nonexistent:/usr/sbin/nologin; } >"$tmp/host$n/passwd"
	{ cat /etc/group && echo libvirt-qemu:x:64055:; } >"$tmp/host$n/group"
	mount --bind "$tmp/host$n/passwd" /etc/passwd
	mount --bind "$tmp/host$n/group" /etc/group
	mount -t sysfs sys /sys
	[ ! -e /dev/kvm ] || mount --bind /dev/null /dev/kvm # it need not work in a machine that is virtual itself
	hostname "xen$n"
	ip link set lo up
	touch "$tmp/host$n/ready"
	while [ ! -e /sys/class/net/eth1 ]; do sleep 0.1; done
	ip addr add "192.0.2.$n/24" dev eth0
	ip link set eth0 up
	ip link add br0 type bridge forward_delay 0
	ip link set eth1 master br0
	ip link set eth1 up
	ip link set br0 up
	"$(command -v sshd)" -f "$tmp/host$n/sshd_config" -E "$tmp/host$n/sshd.log"
	exec libvirtd >"$tmp/host$n/libvirtd.log" 2>&1
}

host_start() { # N
	local n=$1 dir=$tmp/host$1
	mkdir -p "$dir"/{etc,log,run}
	ssh-keygen -q -t ed25519 -N '' -f "$dir/key"
	cat >"$dir/sshd_config" <<-END
		ListenAddress 192.0.2.$n:22
		HostKey $dir/key
		AuthorizedKeysFile $tmp/authorized
		PidFile none
		StrictModes no
		PermitRootLogin yes
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		UsePAM no
		SetEnv PATH=$tmp/host$n/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	END
	cat >"$dir/etc/libvirtd.conf" <<-END
		host_uuid = "00000000-0000-4000-8000-00000000000$n"
		auth_unix_rw = "none"
	END
	cat >"$dir/etc/qemu.conf" <<-END
		user = "root"
		group = "root"
		security_driver = "none"
		dynamic_ownership = 0
		remember_owner = 0
		cgroup_controllers = []
		namespaces = []
		stdio_handler = "file"
	END
	export tmp
	export -f host_main
	unshare -m -n -u bash -c "host_main $n" >"$dir/out" 2>&1 &
	host_pid[$n]=$!
	servers+=($!)
	wait_for 20 test -e "$dir/ready" || { cat "$dir/out"; return 1; }
	ip link add "c$n" type veth peer name eth0 netns "${host_pid[$n]}"
	ip link add "p$n" type veth peer name eth1 netns "${host_pid[$n]}"
	ip link set "c$n" master control up
	ip link set "p$n" master switch up
	wait_for 60 v "$n" list || { cat "$dir/out" "$dir/libvirtd.log"; return 1; }
	# FUSE, by a name that libvirt knows as shared storage: what it is
	in_host "$n" bindfs -o subtype=glusterfs "$tmp/shared" /var/lib/libvirt/images || return 1
	v "$n" pool-define-as default dir --target /var/lib/libvirt/images >/dev/null
	v "$n" pool-start default >/dev/null
}

v() { # N COMMAND...: virsh there
	local n=$1
	shift
	timeout 60 nsenter -t "${host_pid[$n]}" -m -n -u virsh -q -c qemu:///system "$@"
}

hosts_start() {
	local n
	mkdir -p "$tmp/shared"
	: >"$tmp/authorized"
	chmod 755 "$tmp"
	ip link set lo up
	ip link add control type bridge forward_delay 0
	ip addr add 192.0.2.254/24 dev control
	ip link set control up
	ip link add switch type bridge forward_delay 0
	ip addr add 10.1.0.254/24 dev switch
	ip link set switch up
	for n in 1 2; do
		host_start $n || return 1
	done
}

# Emulators outlive libvirtd.
hosts_stop() {
	local n pid
	for n in 1 2; do
		for pid in $(v $n list --uuid 2>/dev/null); do v $n destroy "$pid"; done
		in_host $n fusermount -u /var/lib/libvirt/images
		for pid in $(in_host $n sh -c 'cat /run/libvirt/qemu/*.pid' 2>/dev/null); do kill "$pid"; done
	done >/dev/null 2>&1
}

hosts_register() { # registers both with the server
	local n
	xnetman-vms --state "$tmp/main" key >"$tmp/authorized"
	for n in 1 2; do
		echo "<phyServer><name>xen$n</name><key>$(cut -d' ' -f1,2 "$tmp/host$n/key.pub")</key>$(
			)<IP>192.0.2.$n</IP><hypervisor>real</hypervisor></phyServer>"
	done >"$tmp/nodes"
	soap registerNodes "$(<"$tmp/nodes")" >/dev/null
}
host_pid=()
node_kind='real=qemu+libssh://root@%a/system?proxy=netcat'

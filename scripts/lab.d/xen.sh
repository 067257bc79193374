# SPDX-License-Identifier: GPL-2.0-or-later
# The Xen engine: Xen and a Debian Dom0 with systemd, libvirt and the tree's packages, in a machine
# that QEMU emulates; its DomUs are PV guests behind xen-netback. Sourced by lab.
. "$parts/qemu.sh"

suite=bookworm
xen_packages=(linux-image-amd64 linux-headers-amd64 dkms
	xen-hypervisor-4.17-amd64 xen-utils-4.17 xenstore-utils
	libvirt-daemon-system libvirt-daemon-driver-xen libvirt-clients
	systemd-sysv dbus iproute2 iputils-ping bridge-utils ethtool jq nftables procps
	busybox-static kmod linux-perf bpftrace net-tools gcc libc6-dev
	openssh-server openssh-client netcat-openbsd iputils-arping python3)
boot_modules=(virtio_pci virtio_blk ext4 9pnet_virtio 9p)
boot_script=xen-boot
lab_path=$parts/dom0
# netfront, what vchan stands on, a router's filter
domu_modules=(xen-netfront xen-evtchn xen-gntalloc nf_tables pktgen)
domu_programs=(usr/bin/xenstore-{read,write,watch} usr/sbin/nft)

prepare_kernel() {
	need_packages lab-xen qemu-system-x86_64 mmdebstrap mke2fs cpio depmod xz
	[[ $EUID == 0 ]] || fail "the Xen lab's disk can only be made by root"
	build_packages
	xen_packages+=($(depends "${debs[@]}" "$guest_deb" | grep -v '^xnetman'))
	base=$("$checkout/scripts/debian-root" "$suite" "${xen_packages[@]}") || exit
	release=$(basename "$base"/lib/modules/*-amd64)
	kernel_key=xen-$release
	kernel_dir=$base
	kdir=$base/usr/src/linux-headers-$release
	disk=$build/xen
}

build_packages() {
	mkdir -p "$build"
	[[ -n $no_build ]] || step "building the packages" "$build/deb.log" 900 \
		env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS O="$build" make -C "$checkout" deb
	debs=("$build"/deb/xnetman{,-dkms,-web,-vms}_*.deb)
	guest_deb=$(echo "$build"/deb/xnetman-guest_*.deb)
	[[ -e ${debs[0]} ]] || fail "no packages in $build/deb: make deb"
}

# A disk on which the tree's packages are installed.
build_project() {
	local key

	module=/lib/modules/$release/updates/dkms/xnetman.ko
	mkdir -p "$disk"
	lock "$build/.lab-lock" "another lab to finish building"
	key=$(cat "$base/../complete" "$parts"/{xen.sh,xen-disk,domu-init} "${debs[@]}" "$guest_deb" | md5sum)$bare
	if [[ ! -e $disk/complete || $(<"$disk/complete") != "$key" ]]; then
		rm -rf "$disk"
		mkdir -p "$disk"
		install_packages
		add_kernels
		make_domu_initrd
		step "making the disk" "$build/xen-disk.log" 300 \
			unshare --mount bash "$parts/xen-disk" "$base" "$disk"
		echo "$key" >"$disk/complete"
	fi
	unlock
}

# Below $disk/layer is what the disk has beyond its base.
install_packages() {
	mkdir -p "$disk/layer/root/guest"
	cp "${debs[@]}" "$disk/layer/root/"
	cp "$guest_deb" "$disk/layer/root/guest/"
	[[ -z $bare ]] || return 0
	step "installing the packages" "$build/xen-install.log" 900 \
		"$checkout/scripts/debian-root" --layer "$disk/layer" "$suite" "${xen_packages[@]}" -- \
		sh -c 'apt-get install -y --no-install-recommends /root/*.deb && modinfo -k '"$release"' xnetman'
}

# Uncompressed, as unpacking them under emulation takes longer than reading them.
add_kernels() {
	mkdir -p "$disk/layer/boot"
	zcat "$base"/boot/xen-*-amd64.gz >"$disk/xen"
	unpack_vmlinux "$base/boot/vmlinuz-$release" "$disk/vmlinux"
	[[ -s $disk/vmlinux ]] || fail "no kernel found in $base/boot/vmlinuz-$release"
	cp "$disk/vmlinux" "$disk/layer/boot/domu-vmlinux"
}

# A DomU is busybox, xnetman-guest, modules, and a way for Dom0 to have commands run in it, by xenstore.
make_domu_initrd() {
	local tree=$disk/domu path

	mkdir -p "$tree"/{bin,sbin,lib,lib64,modules,proc,sys,dev,tmp,etc,run}
	dpkg-deb --fsys-tarfile "$guest_deb" | tar -x -C "$tree/bin" --strip-components=3 ./usr/sbin/xnetman-guest
	cp "$base/bin/busybox" "${domu_programs[@]/#/$base/}" "$tree/bin/"
	cp -L "$base/lib64/ld-linux-x86-64.so.2" "$tree/lib64/"
	for path in "$tree"/bin/{xenstore-read,xnetman-guest,nft}; do
		"$tree/lib64/ld-linux-x86-64.so.2" --library-path "$base/usr/lib/x86_64-linux-gnu" --list "$path"
	done | awk '$2 == "=>" && $3 ~ "^/" && !seen[$3]++ { print $3 }' | xargs -I{} cp -L {} "$tree/lib/"
	modprobe -d "$base" -S "$release" --all --show-depends "${domu_modules[@]}" |
		awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$disk/domu-modules"
	xargs -I{} cp {} "$tree/modules/" <"$disk/domu-modules"
	sed 's:.*/::' "$disk/domu-modules" >"$tree/modules/order"
	install -m 755 "$parts/domu-init" "$tree/init"
	(cd "$tree" && find . | cpio -o -H newc --quiet) >"$disk/layer/boot/domu-initrd"
	rm -rf "$tree" "$disk/domu-modules"
}

# QEMU connects once, and says nothing if nobody listens yet.
wire_awaited() { # PORT
	local end=$((SECONDS + 300))

	while ! grep -q "^ *[0-9]*: 0100007F:$(printf %04X "$1") 00000000:0000 0A" /proc/net/tcp; do
		[ $SECONDS -lt $end ] || die "no lab listens at port $1 (--wire listen:$1)"
		sleep 0.2
	done
}

# A wire that is a connection of the two emulators. Libvirt moves nothing between machines whose identity is the same.
wire_up() { # END N
	qemu_args+=(-uuid "00000000-0000-4000-8000-00000000000$2" -netdev "socket,id=wire,$1" -device "virtio-net-pci,netdev=wire,mac=52:54:00:00:00:0$2")
}

# The emulated CPU may well stand still for seconds: what the kernel makes of that says nothing.
# Nehalem: with newer ones Dom0 crashes at start, for older ones libvirt has no name.
boot() {
	local xen=$disk/xen

	[[ -z $shadow ]] || xen=$("$checkout/scripts/xen-shadow") || exit
	qemu_args=(-accel tcg,thread=multi -M q35 -cpu Nehalem -smp "$cpus" -m "$mem" -nodefaults -no-user-config
		-no-reboot -display none -chardev "file,id=console,append=on,path=$job/console" -serial chardev:console
		-kernel "$xen" -append "console=com1 com1=115200 dom0_mem=1408M,max:1408M sched=credit"
		-initrd "$disk/vmlinux console=hvc0 loglevel=5 panic=-1 oops=panic rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60 systemd.unit=lab.target systemd.show_status=no TERM=dumb,$job/initrd"
		-drive "file=$disk/root.img,if=virtio,format=raw,snapshot=on")
	case $wire in
	listen:*) wire_up "listen=127.0.0.1:${wire#*:}" 1 ;;
	connect:*)
		wire_awaited "${wire#*:}"
		wire_up "connect=127.0.0.1:${wire#*:}" 2
		;;
	esac
	share job "$job" writeout=immediate
	share out "$out" writeout=immediate
	share checkout "$checkout" readonly=on
	make_initrd
	launch qemu-system-x86_64 "${qemu_args[@]}" >>"$job/console" 2>&1
}

# SPDX-License-Identifier: GPL-2.0-or-later
# The QEMU engine: Debian's own kernel in an emulated machine, on the host's files by 9p. No KVM,
# no disk image. Sourced by lab.

# $vmlinux is the kernel as ELF, if it is not with the rest of it.
vmlinux=

# What has to be loaded before the host's files can be seen.
boot_modules=(virtio_pci 9pnet_virtio 9p overlay)

prepare_kernel() {
	need_packages lab-qemu qemu-system-x86_64 busybox cpio depmod xz zstd
	[[ -z $debian ]] || {
		prepare_debian
		return
	}
	release=$(find_release) || exit
	kernel_key=qemu-$release
	kernel_dir=$cache/$kernel_key
	kdir=/usr/src/linux-headers-$release
	modules=$kernel_dir/lib/modules/$release
	kmod_args=()
	[[ ! -e $kernel_dir/complete ]] || touch "$kernel_dir/complete"
	if [[ ! -e $kernel_dir/complete ]]; then
		mkdir -p "$cache"
		lock "$cache/$kernel_key.lock" "another lab to fetch the kernel"
		[[ -e $kernel_dir/complete ]] || fetch_kernel
		unlock
		forget_old
	fi
	[[ -n $no_build || -e $kdir/Makefile ]] ||
		"$checkout/scripts/deps" --packages "linux-headers-$release" >&2 ||
		fail "no headers for $release, so the module cannot be built for it"
}

# With --debian: kernel, modules and headers are those of a clean Debian; dkms_module takes xnetman.ko.
prepare_debian() {
	local folders

	folders=$(O=$build "$checkout/scripts/dkms-root" "$debian") || exit
	{
		read -r kernel_dir
		read -r dkms_layer
	} <<<"$folders"
	release=$(find_release) || exit
	kernel_key=qemu-$debian-$release
	kdir=$kernel_dir/usr/src/linux-headers-$release
	modules=$kernel_dir/lib/modules/$release
	vmlinux=$dkms_layer/../vmlinux-$release
	[[ -e $vmlinux ]] || unpack_vmlinux "$kernel_dir/boot/vmlinuz-$release" "$vmlinux"
}

# The module as DKMS built it when the packages were installed; some kernels want it compressed.
dkms_module() { # TO
	local built=$dkms_layer/usr/lib/modules/$release/updates/dkms/xnetman.ko

	mkdir -p "$(dirname "$1")"
	if [[ -e $built.xz ]]; then
		xz -dc "$built.xz" >"$1"
	elif [[ -e $built ]]; then
		cp "$built" "$1"
	else
		fail "DKMS built no module for $release; what it said is in $(realpath "$dkms_layer/..")/log"
	fi
}

# The release (uname -r) of the newest kernel that --kernel means, among Debian's and those fetched.
find_release() {
	local found

	if [[ -z $kernel ]]; then
		found=$(default_release)
	else
		found=$(known_releases | awk -v w="${kernel%-amd64}" '
			$0 == w "-amd64" || index($0, w ".") == 1 || index($0, w "-") == 1 || index($0, w "+") == 1' |
			tail -n 1)
	fi
	[[ -n $found ]] || fail "no kernel of Debian's matches '$kernel'; there are:" $(known_releases) \
		"(after apt-get update; newer ones come with bookworm-backports in the sources)"
	printf '%s\n' "$found"
}

# What linux-image-amd64 stands for now, else what the installed headers are for.
default_release() {
	if [[ -n $debian ]]; then
		dpkg-query --admindir "$kernel_dir/var/lib/dpkg" -W -f '${Depends}' linux-image-amd64
	else
		apt-cache depends linux-image-amd64
		dpkg-query -W -f '${Depends}' linux-headers-amd64
	fi 2>/dev/null | sed -nE 's/.*linux-(image|headers)-([0-9][^ ]*-amd64).*/\2/p' | head -n 1
}

known_releases() {
	if [[ -n $debian ]]; then
		basename -a "$kernel_dir"/lib/modules/*
	else
		apt-cache pkgnames linux-image- 2>/dev/null | sed -n 's/^linux-image-//p'
		basename -a "$cache"/qemu-*/ | sed -n 's/^qemu-//p'
	fi | grep -E '^[0-9]+\.[0-9]+\.[0-9]+(-[0-9]+)?(\+[^-]*)?-amd64$' | sort -uV
}

fetch_kernel() {
	local new=$kernel_dir.new log=$cache/$kernel_key.log debs

	rm -rf "$new" "$kernel_dir"
	mkdir -p "$new/deb"
	step "fetching linux-image-$release" "$log" 1800 "$checkout/scripts/deps" --download "$new/deb" "linux-image-$release"
	debs=("$new"/deb/*.deb)
	step "unpacking linux-image-$release" "$log" 600 dpkg-deb -x "${debs[0]}" "$new"
	# some releases keep modules below /usr
	[[ -d $new/lib/modules ]] || ln -s usr/lib "$new/lib"
	step "listing its modules" "$log" 600 depmod -b "$new" "$release"
	ln -sfn "$kdir" "$new/lib/modules/$release/build"
	unpack_vmlinux "$new/boot/vmlinuz-$release" "$new/vmlinux"
	rm -rf "$new/deb" "$new/usr/share"
	touch "$new/complete"
	mv "$new" "$kernel_dir"
}

# QEMU can start the kernel's ELF image, too, and under emulation that saves the 3 s in which a vmlinuz
# unpacks itself. Without one the vmlinuz is used.
unpack_vmlinux() { # VMLINUZ VMLINUX
	local magic offset

	for magic in '\xfd7zXZ\x00 xz -dc --single-stream' '\x28\xb5\x2f\xfd zstd -dc' '\x1f\x8b\x08 gzip -dc'; do
		for offset in $(LC_ALL=C grep -aboP -- "${magic%% *}" "$1" | cut -d: -f1 | head -n 3); do
			tail -c +$((offset + 1)) "$1" | ${magic#* } >"$2" 2>/dev/null || :
			[[ $(head -c 4 "$2") != $'\x7fELF' ]] || return 0
		done
	done
	rm -f "$2"
}

# busybox, the modules in the order in which they load, and lab.d/boot.
make_initrd() {
	local tree=$job/initrd.d path name

	mkdir -p "$tree"/{bin,modules,proc,dev,host,scratch}
	cp "$(command -v busybox)" "$tree/bin/busybox"
	for name in sh mount mkdir cat insmod switch_root poweroff; do
		ln -s busybox "$tree/bin/$name"
	done
	cp "$parts/${boot_script:-boot}" "$tree/init"
	for name in "${boot_modules[@]}"; do
		modprobe -d "$kernel_dir" -S "$release" --show-depends "$name"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$job/insmod"
	while read -r path; do
		name=${path##*/}
		name=${name%%.ko*}.ko
		case $path in
		*.xz) xz -dc "$path" ;;
		*.zst) zstd -dcq "$path" ;;
		*) cat "$path" ;;
		esac >"$tree/modules/$name"
		echo "$name" >>"$tree/modules/order"
	done <"$job/insmod"
	(cd "$tree" && find . | cpio -o -H newc --quiet) >"$job/initrd"
	rm -rf "$tree"
}

share() { # TAG FOLDER OPTIONS: a folder of the host, as arguments of QEMU
	qemu_args+=(-virtfs "local,path=$2,mount_tag=$1,security_model=none,multidevs=remap,$3")
}

# tsc=reliable: the emulated TSC is good, and reading the HPET instead costs an exit each time.
boot() {
	local image=${vmlinux:-$kernel_dir/vmlinux}

	[[ -e $image ]] || image=$kernel_dir/boot/vmlinuz-$release
	qemu_args=(-accel "tcg,thread=multi" -M q35 -cpu max -smp "$cpus" -m "$mem" -nodefaults -no-user-config
		-no-reboot -display none -chardev "file,id=console,append=on,path=$job/console" -serial chardev:console
		-kernel "$image" -initrd "$job/initrd"
		-append "console=ttyS0 loglevel=5 tsc=reliable panic=-1 oops=panic lab_engine=qemu lab_job=job TERM=dumb")

	[[ -z $icount ]] || qemu_args+=(-icount "shift=${slow:-0},sleep=off")
	[[ -z $icount ]] || qemu_args[1]=tcg
	share root / readonly=on
	share job "$job" writeout=immediate
	share out "$out" writeout=immediate
	make_initrd
	launch qemu-system-x86_64 "${qemu_args[@]}" >>"$job/console" 2>&1
}

# SPDX-License-Identifier: GPL-2.0-or-later
# The UML engine: Linux as a process on the host's own files. Sourced by lab.

tarball=/usr/src/linux-source-6.1.tar.xz
fragments=("$parts/uml.config" ${debug:+"$parts/uml-debug.config"})
patches=("$parts/uml.patch" ${debug:+"$parts/uml-debug.patch"})

# Where virtual time starts, so that runs are alike: 2030-01-01 00:00 UTC, later than any file.
epoch=1893456000

# kernel_key names the kernel: package version, and a hash of all that decides what is built.
prepare_kernel() {
	local version hash

	need_packages lab-uml "$tarball" gcc make flex bison bc patch xz busybox
	version=$(dpkg-query -W -f '${Version}' linux-source-6.1)
	hash=$({ grep -h '^CONFIG' "${fragments[@]}"; cat "${patches[@]}"; gcc -dumpfullversion; } | sha256sum)
	kernel_key=uml${debug:+-debug}-$version-${hash:0:8}
	kernel_dir=$cache/$kernel_key
	kdir=$kernel_dir/build
	kmod_args=(KARCH=um XNETMAN_KUNIT=1)
	[[ -e $kernel_dir/complete ]] && touch "$kernel_dir/complete" && return
	mkdir -p "$cache"
	lock "$cache/$kernel_key.lock" "another lab to build the UML kernel"
	[[ -e $kernel_dir/complete ]] || build_kernel
	unlock
}

# Can be interrupted at any point and goes on from there.
build_kernel() {
	local log=$kernel_dir/log make=(env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS
		make -C "$kernel_dir/source" ARCH=um O="$kdir" -j"$(nproc)")

	say "building the UML kernel $kernel_key: once, about 5 minutes on 2 cores"
	mkdir -p "$kdir"
	[[ -e $kernel_dir/unpacked ]] || unpack_source "$log"
	cat "${fragments[@]}" >"$kernel_dir/config"
	step "configuring the UML kernel" "$log" 600 "${make[@]}" KCONFIG_ALLCONFIG="$kernel_dir/config" allnoconfig
	check_config
	progress_detail=files_built
	step "building the UML kernel" "$log" 3600 "${make[@]}" linux modules
	progress_detail=
	prune_kernel
	touch "$kernel_dir/complete"
	forget_old
}

# All but what is large and not for UML; Kconfig and Makefiles are wanted from everywhere.
unpack_source() { # LOG
	local dir skip=()

	for dir in Documentation sound tools/{testing,perf} \
		drivers/{gpu,infiniband,media,scsi,staging,iio,crypto,usb,net/ethernet,net/wireless} \
		arch/{alpha,arc,arm,arm64,csky,hexagon,ia64,loongarch,m68k,microblaze,mips,nios2,openrisc,parisc} \
		arch/{powerpc,riscv,s390,sh,sparc,xtensa}; do
		skip+=(--exclude="*/$dir/*."{c,h,S,dts,dtsi,rst,yaml,txt,json})
	done
	rm -rf "$kernel_dir/source"
	mkdir "$kernel_dir/source"
	step "unpacking the kernel's source" "$1" 600 \
		tar -C "$kernel_dir/source" --strip-components=1 "${skip[@]}" -xf "$tarball"
	cat "${patches[@]}" | patch -s -d "$kernel_dir/source" -p1 >&2 || fail "${patches[*]} do not fit $tarball"
	touch "$kernel_dir/unpacked"
}

# allnoconfig drops an option without a word if what it depends on is off.
check_config() {
	local line missing=()

	while read -r line; do
		[[ $line == CONFIG_* ]] || continue
		case $line in
		*=n) ! grep -q "^${line%n}" "$kdir/.config" ;;
		*) grep -qxF "$line" "$kdir/.config" ;;
		esac || missing+=("$line")
	done < <(tac "$kernel_dir/config" | awk -F= '!seen[$1]++')
	((${#missing[@]} == 0)) ||
		fail "the kernel's configuration lost ${missing[*]}: something each depends on is off in scripts/lab.d/*.config"
}

files_built() { # LOG
	printf '%d of about %d files' "$(grep -cE '^ +(CC|AS|LD|AR|HOSTCC|LEX|YACC) ' "$1")" 1250
}

# What modules are built against stays, and the kernel.
prune_kernel() {
	find "$kdir" -type f ! -path "$kdir/scripts/*" \( -name '*.o' -o -name '*.a' -o -name '.*.cmd' \) -delete
	rm -f "$kdir/vmlinux"
	find "$kernel_dir/source" -mindepth 1 -maxdepth 1 -type d \
		! -name arch ! -name include ! -name scripts -exec rm -rf {} +
}

# Where the lab's memory lives: a file, in memory if there is room for it. It must allow PROT_EXEC.
memory_dir() {
	local dir free

	for dir in /dev/shm "${TMPDIR:-/tmp}" /var/tmp; do
		[[ -d $dir && -w $dir ]] || continue
		[[ ,$(findmnt -n -o OPTIONS -T "$dir"), != *,noexec,* ]] || continue
		free=$(df --output=avail -m "$dir" | tail -n 1)
		((free <= mem)) || {
			printf '%s\n' "$dir"
			return
		}
	done
	fail "no folder has the $mem MB that the lab's memory needs; tried /dev/shm, ${TMPDIR:-/tmp}, /var/tmp (--mem, or set TMPDIR)"
}

# For root, a process namespace: when its first process dies, so do all others. UML's children are
# ptraced, and would run on without it if it is killed.
own_processes() {
	local unshare=(unshare --pid --fork --kill-child=KILL)

	! "${unshare[@]}" true 2>/dev/null || printf '%s\n' "${unshare[@]}"
}

cpus_allowed() {
	local range

	for range in $(sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status | tr ',' ' '); do
		seq "${range%-*}" "${range#*-}"
	done
}

# UML's processes run one at a time, and hand over to each other faster where all are on one core: a sixth of the whole
# time. Takes one that no other lab has, until that ends; if there is none any will do.
own_core() {
	local cpu fd

	core=()
	for cpu in $(cpus_allowed); do
		exec {fd}>"$cache/core-$cpu.lock"
		if flock -n "$fd"; then
			core=(taskset -c "$cpu")
			return
		fi
		exec {fd}>&-
	done
}

# Without address randomisation of the host (setarch -R) runs are alike, and memory has no gap.
# The command line goes into the seed of the kernel's randomness, so it names no folder: $job is the working
# directory.
boot() {
	local memory wrap core

	memory=$(memory_dir)
	mapfile -t wrap < <(own_processes)
	own_core
	ln -s "$parts/boot" "$job/boot"
	TMPDIR=$memory launch "${wrap[@]}" env -C "$job" "${core[@]}" setarch -R "$kdir/linux" \
		mem="${mem}M" root=/dev/root rootfstype=hostfs ro init=/proc/self/cwd/boot \
		lab_engine=uml lab_job=/proc/self/cwd \
		con=null con0=null,fd:1 earlyprintk loglevel=7 \
		dummy.numdummies=0 ifb.numifbs=0 kunit.enable=1 \
		${virtual:+time-travel=inf-cpu time-travel-start=${epoch}000000000 seed="$seed"} \
		uml_dir=./ umid=uml >"$job/console" 2>&1
}

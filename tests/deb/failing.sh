# SPDX-License-Identifier: GPL-2.0-or-later
# Modules that cannot be built: the packages, and the kernels', are configured all the same, and
# what failed and what to do is said.
. "${BASH_SOURCE%/*}/lib.sh"
kernel=${kernels[-1]}
headers=$(realpath "/lib/modules/$kernel/build")

hide_headers() {
	local k

	for k in "${kernels[@]}"; do
		mv "/lib/modules/$k/build" "/lib/modules/$k/build.hidden"
	done
}

show_headers() { # KERNEL
	mv "/lib/modules/$1/build.hidden" "/lib/modules/$1/build"
}

# An error in the middle of the module, and back.
common=$(sed -n 's|^include \(/.*\)/Makefile$|\1|p' "$headers/Makefile")
broken=$common/include/net/genetlink.h
break_headers() {
	cp -p "$broken" "$broken.good" && echo '#error broken for the test' >>"$broken"
}

mend_headers() {
	mv "$broken.good" "$broken"
}

no_module() { # KERNEL
	[ -z "$(module_of "$1")" ]
}

hide_headers
ok "no headers: the packages install" apt install "$debs"/*.deb
ok "no headers: both are configured" all_configured
ok "no headers: it is said that there is no module" tells "NO MODULE for kernel $kernel"
ok "no headers: and which package to install" tells "apt-get install linux-headers-$kernel"

# as for Debian 11's kernel
mkdir -p /lib/modules/5.10.0-1-amd64/build/include
echo CONFIG_NETFILTER_INGRESS=y >/lib/modules/5.10.0-1-amd64/build/.config
ok "a kernel before 5.16: reinstalling works" apt --reinstall install "$debs"/*.deb
ok "a kernel before 5.16: it is skipped, and why is said" tells "5.10.0-1-amd64: it needs Linux 5.16"
ok "a kernel before 5.16: both are configured" all_configured
rm -rf /lib/modules/5.10.0-1-amd64

show_headers "$kernel"
break_headers
ok "a compiler error: reinstalling works" apt --reinstall install "$debs"/*.deb
ok "a compiler error: both are configured" all_configured
ok "a compiler error: there is no module" no_module "$kernel"
ok "a compiler error: what the compiler said is shown" tells "broken for the test"
ok "a compiler error: and where all of it is" tells "/var/lib/dkms/xnetman/$version/build/make.log"
ok "a compiler error: and how to try again" tells "dkms install xnetman/$version -k $kernel"
ok "a new kernel for which it does not build: its headers are configured" \
	sh -c "dpkg-reconfigure linux-headers-$kernel >$said 2>&1"
ok "a new kernel for which it does not build: so is its image" \
	sh -c "dpkg-reconfigure linux-image-$kernel >$said 2>&1"
ok "a new kernel for which it does not build: what failed is said" tells "NO MODULE for kernel $kernel"
ok "no package is left half way" test -z "$(dpkg --audit)"
mend_headers
ok "mended: what was told to do builds the module" dkms install "xnetman/$version" -k "$kernel"
ok "mended: and it is the one for that kernel" module_is_for "$kernel" "$version"

show_headers "${kernels[0]}"
ok "headers that come later: installing them builds the module" \
	dpkg-reconfigure "linux-headers-${kernels[0]}"
ok "headers that come later: for that kernel" module_is_for "${kernels[0]}" "$version"
tap_done

# SPDX-License-Identifier: GPL-2.0-or-later
# A machine on which the packages were just installed.
. "${BASH_SOURCE%/*}/lib.sh"
files=$(dpkg -L xnetman xnetman-dkms | sort -u)

unlike() { # FIND-EXPRESSION...: none of the packages' own files is like that
	local file

	for file in $files; do
		[ -e "$file" ] && find "$file" -maxdepth 0 ! -type l "$@"
	done | { ! grep .; }
}

unit_is_right() {
	systemd-analyze verify --man=no xnetmand.service 2>&1 | grep -i xnetman && return 1
	[ -L /etc/systemd/system/multi-user.target.wants/xnetmand.service ]
}

runs() {
	"$1" --version | grep -F "$version"
}

# So that no unit fails because a module could not be built.
loaded_by_daemon_only() {
	local condition

	! grep -rs xnetman /etc/modules /etc/modules-load.d /usr/lib/modules-load.d || return
	condition=$(sed -n 's/^ExecCondition=+//p' /lib/systemd/system/xnetmand.service /lib/systemd/system/xnetmand.service.d/*)
	[ "$condition" = "/sbin/modprobe xnetman" ]
}

# With Secure Boot, as mokutil would tell it, and a key that is not enrolled.
secure_boot() {
	printf '#!/bin/sh\n[ "$1" != --sb-state ] || echo SecureBoot enabled\n' >/usr/local/bin/mokutil
	chmod 755 /usr/local/bin/mokutil
	/usr/lib/xnetman-dkms/build-module "${kernels[0]}" | grep -F "mokutil --import /var/lib/dkms/mok.pub"
}

enrolled() {
	printf '#!/bin/sh\n[ "$1" != --sb-state ] || echo SecureBoot enabled\n[ "$1" != --test-key ] || echo "$2 is already enrolled"\n' \
		>/usr/local/bin/mokutil
	! /usr/lib/xnetman-dkms/build-module "${kernels[0]}" | grep -F mokutil
}

ok "both packages are configured" all_configured
for kernel in "${kernels[@]}"; do
	ok "the module for $kernel tells our version and that kernel" module_is_for "$kernel" "$version"
done
ok "every file is as in its package" dpkg -V xnetman xnetman-dkms
ok "xnetmand finds its libraries and tells its version" runs xnetmand
ok "xnetman-ctl does" runs xnetman-ctl
ok "xnetman-web does" runs xnetman-web
ok "xnetman-web's unit is valid" sh -c "! systemd-analyze verify --man=no xnetman-web.service 2>&1 | grep -i xnetman"
ok "xnetman-vms does" runs xnetman-vms
ok "xnetman-vmctl does" runs xnetman-vmctl
ok "the virtual machine server's unit is valid" sh -c "! systemd-analyze verify --man=no xnetman-vms.service 2>&1 | grep -i xnetman"
ok "its user is there" getent passwd xnetman-vms
ok "all files are root's" unlike ! -user root
ok "and of root's group" unlike ! -group root
ok "nobody else can write any" unlike -perm /022
ok "the group xnetman is there" getent group xnetman
ok "Xen's hook is executable, or Xen would not call it" test -x /etc/xen/scripts/vif-post.d/xnetman.hook
ok "so are the hooks that build for new kernels" \
	test -x /etc/kernel/postinst.d/xnetman-dkms -a -x /etc/kernel/header_postinst.d/xnetman-dkms
ok "the unit is valid, and enabled" unit_is_right
ok "no link of anybody's is managed by default" no grep -E '^ *(links|- name)' /etc/xnetman/xnetman.yaml
ok "there is a place for networks, with none in it" \
	test -d /etc/xnetman/networks.d -a -z "$(ls -A /etc/xnetman/networks.d)"
ok "only the daemon loads the module, and is skipped without one" loaded_by_daemon_only
ok "with Secure Boot it is said how to enrol DKMS's key" secure_boot
ok "and nothing once it is enrolled" enrolled
tap_done

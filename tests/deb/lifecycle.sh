# SPDX-License-Identifier: GPL-2.0-or-later
# From an older version to nothing: install, upgrade, reinstall, remove, purge.
. "${BASH_SOURCE%/*}/lib.sh"
kernel=${kernels[0]}
ours="xnetman xnetman-dkms xnetman-guest xnetman-web xnetman-vms libxnetvms1 libxnetvms-dev"

# All but what apt, dpkg, dkms and the caches of others keep for themselves; the group stays.
everything() {
	find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o \
		-path /var/log -o -path /var/cache -o -path /var/lib/dpkg -o -path /var/lib/apt -o \
		-path "$debs" -o -path "$old" -o -path "${BASH_SOURCE%/*/*}" \) -prune -o -print |
		grep -vE '^/etc/(group|gshadow|passwd|shadow|subgid|subuid)-?$|^/var/lib/dkms/mok\.|^/etc/\.pwd\.lock$' | sort
}

only_version() { # VERSION: in DKMS, in its tree, and as module
	dkms status -m xnetman
	[ "$(dkms status -m xnetman | grep -o '^xnetman/[^,]*' | sort -u)" = "xnetman/$1" ] &&
		[ "$(ls -d /usr/src/xnetman-*)" = "/usr/src/xnetman-$1" ] && module_is_for "$kernel" "$1"
}

nothing_left() {
	everything >/tmp/after
	diff /tmp/before /tmp/after
}

everything >/tmp/before
ok "the version before installs" apt install "$old"/*.deb
ok "the version before is the one that DKMS has" only_version 0.0.9

echo 'policy: off' >/etc/xnetman/xnetman.yaml
echo 'name: net1' >/etc/xnetman/networks.d/net1.yaml
mkdir -p /var/lib/xnetman && echo history >/var/lib/xnetman/history
mkdir -p /etc/xnetman-guest && echo key >/etc/xnetman-guest/key.pem
ok "the upgrade works, and asks nothing" apt install "$debs"/*.deb
ok "upgraded: both are configured" all_configured
ok "upgraded: the module is the new one, the old is gone" only_version "$version"
ok "upgraded: the programs are the new ones" sh -c "xnetman-ctl --version | grep -F '$version'"
ok "upgraded: what the person wrote is there" \
	grep -q 'policy: off' /etc/xnetman/xnetman.yaml
ok "upgraded: their networks, too" grep -q net1 /etc/xnetman/networks.d/net1.yaml

ok "reinstalling works" apt --reinstall install "$debs"/*.deb
ok "reinstalled: all is there" only_version "$version"

ok "removing works" apt remove $ours
ok "removed: no module for any kernel" test -z "$(find /lib/modules -name 'xnetman.ko*')" -a -z "$(dkms status -m xnetman)"
ok "removed: definitions stay" test -e /etc/xnetman/networks.d/net1.yaml -a -e /etc/xnetman/xnetman.yaml
ok "removed: history stays" test -e /var/lib/xnetman/history
ok "removed: a guest's key stays" test -e /etc/xnetman-guest/key.pem
ok "removed: a kernel that is installed then does not miss it" \
	run-parts --exit-on-error --arg="$kernel" /etc/kernel/header_postinst.d

# not apt: it does not know packages that left no configuration
ok "purging works" dpkg --purge $ours
ok "purged: nothing is left" nothing_left
tap_done

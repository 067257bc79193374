# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced after lib.sh: a libvirtd of the test's own, unprivileged, with a pool in $lv/pool. $socket is its socket.

lv=$tmp/lv
as=()
chmod 711 "$tmp"
mkdir -p "$lv/run" "$lv/pool"
if [ "$(id -u)" = 0 ]; then
	as=(setpriv --reuid nobody --regid nogroup --clear-groups)
	chown -R nobody:nogroup "$lv"
fi
socket=$lv/run/libvirt/libvirt-sock
lv_start() {
	rm -f "$socket"
	env -C "$lv" HOME="$lv" XDG_RUNTIME_DIR="$lv/run" XDG_CONFIG_HOME="$lv/config" XDG_CACHE_HOME="$lv/cache" \
		XDG_DATA_HOME="$lv/data" "${as[@]}" libvirtd >"$tmp/libvirtd.log" 2>&1 &
	libvirtd=$!
	servers+=("$libvirtd")
	wait_for 30 test -S "$socket" && wait_for 30 v list
}
v() {
	timeout 60 virsh -q -c "qemu+unix:///session?socket=$socket" "$@"
}
lv_start || { cat "$tmp/libvirtd.log"; exit 1; }
v pool-define-as default dir --target "$lv/pool" >/dev/null
v pool-start default >/dev/null
v pool-autostart default >/dev/null

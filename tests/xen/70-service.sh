#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# xnetmand as systemd runs it: with all that its unit takes away from it.
. "$(dirname "$0")/lib.sh"

cursor=$(journalctl -b -n 0 --show-cursor | sed -n "s/^-- cursor: //p")
show() { systemctl show -P "$1" xnetmand; }

ok "the unit runs" systemctl is-active xnetmand
ok "it is started at boot" systemctl is-enabled xnetmand
ok "the module was loaded" test -d /sys/module/xnetman
ok "it is DKMS's" sh -c 'dkms status xnetman | grep -q installed'
is "a watchdog watches it" "$(show WatchdogUSec)" 30s
ok "it says what it does" sh -c 'systemctl status xnetmand | grep -q "networks, .* links, policy"'
pid=$(show MainPID)
is "it has no new privileges" "$(sed -n 's/NoNewPrivs:\t//p' "/proc/$pid/status")" 1
is "and CAP_DAC_OVERRIDE, CAP_NET_ADMIN and CAP_SYS_NICE only" "$(sed -n 's/CapBnd:\t//p' "/proc/$pid/status")" 0000000000801002
ok "it can write its definitions" C link add lab0 capacity 1Mbit
ok "and remove them" C link delete lab0
ok "a reload by systemd" systemctl reload xnetmand
ok "is the same process" [ "$(show MainPID)" = "$pid" ]
systemctl stop xnetmand
ok "stopped cleanly" [ "$(show Result)" = success ]
systemctl start xnetmand
ok "and started" systemctl is-active xnetmand
ok "it has not complained meanwhile" sh -c "! journalctl -b -u xnetmand -p warning -o cat --after-cursor='$cursor' | grep ."

# xnetman-guest, here as a guest of the machine that it runs on
cp /etc/xnetman/xnetman.yaml "$tmp/xnetman.yaml"
echo 'channel: {listen: "127.0.0.1:4790"}' >>/etc/xnetman/xnetman.yaml
C network add net9
systemctl restart xnetmand
ok "xnetman-guest's package installs" dpkg -i /root/guest/xnetman-guest_*.deb
ok "its unit runs" systemctl is-active xnetman-guest
ok "it says that it is not enrolled" sh -c 'xnetman-guest status | grep "^not enrolled"'
ok "enrolled by one command" xnetman-guest enroll "$(C -j channel enroll net9 | jq -r .token)"
guest_connected() { [ "$(C -j channel list | jq '.[] | select(.network == "net9").connected')" = true ]; }
ok "it connects" wait_for 20 guest_connected
ok "and cannot write but where its key is" sh -c "! nsenter -t $(systemctl show -P MainPID xnetman-guest) -m touch /etc/hosts"
is "it has CAP_DAC_OVERRIDE and CAP_NET_ADMIN only" \
	"$(sed -n 's/CapBnd:\t//p' "/proc/$(systemctl show -P MainPID xnetman-guest)/status")" 0000000000001002
ok "it has not complained" sh -c '! journalctl -b -u xnetman-guest -p warning -o cat | grep .'
ok "purged, it leaves no key" sh -c 'dpkg --purge xnetman-guest && ! test -e /etc/xnetman-guest'
# xnetman-web and xnetman-vms, which have no rights at all
http() { # URL
	python3 -c 'import sys, urllib.request as r; print(r.urlopen(sys.argv[1], timeout=60).read().decode())' "$1"
}
for unit in xnetman-web xnetman-vms; do
	systemctl start $unit
	ok "$unit: its unit runs" systemctl is-active $unit
	pid=$(systemctl show -P MainPID $unit)
	is "as a user of its own" "$(ps -o user:20= -p "$pid")" $unit
	is "that has no capability" "$(sed -n 's/CapBnd:\t//p' "/proc/$pid/status")" 0000000000000000
done
metrics() { http http://localhost:9790/metrics | grep '^xnetman_up 1'; }
ok "xnetman-web tells metrics" wait_for 20 metrics
ok "and the page" sh -c "$(declare -f http); http http://localhost:9790/ | grep -qi '<!doctype html>'"
ok "xnetman-vms answers" xnetman-vmctl node list
for unit in xnetman-web xnetman-vms; do
	ok "$unit stops cleanly" sh -c "systemctl stop $unit && test \$(systemctl show -P Result $unit) = success"
	ok "and has not complained" sh -c "! journalctl -b -u $unit -p warning -o cat | grep ."
done
C network delete net9
cp "$tmp/xnetman.yaml" /etc/xnetman/xnetman.yaml
systemctl restart xnetmand
tap_done

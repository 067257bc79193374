#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Images go to a node by libvirt's storage API: a libvirtd of this test's own, unprivileged, with QEMU emulating.
# (libvirt's test driver takes no volumes.)
. ./lib.sh

if ! command -v libvirtd >/dev/null || ! command -v qemu-system-x86_64 >/dev/null; then
	skip "images are transferred" "no libvirtd with QEMU: scripts/deps vms"
	tap_done
fi
if [ "$(id -u)" = 0 ] && [ -z "${XN_OWN_MOUNTS-}" ]; then
	XN_OWN_MOUNTS=1 exec unshare -m bash "$0" # a disk that gets full is mounted below
fi

. ./libvirtd.sh
files() {
	ls "$lv/pool" | paste -sd ' '
}
server main --node-kind "real=qemu+unix:///session?socket=$socket" || exit 1
soap registerNodes '<phyServer><name>real</name><hypervisor>real</hypervisor></phyServer>' >/dev/null
images=$tmp/main/images
admin() {
	xnetman-vms --state "$tmp/main" "$@"
}
head -c 3000017 /dev/urandom >"$tmp/disk"
# as much of a Linux kernel as QEMU looks at; it halts
/usr/bin/python3 - >"$tmp/kernel" <<-'END'
	import sys
	kernel = bytearray(8192)
	kernel[0x1f1] = 1
	kernel[0x1fe:0x202] = b"\x55\xaa\xeb\x66"
	kernel[0x202:0x208] = b"HdrS\x04\x02"
	kernel[0x211] = 1
	kernel[0x268:0x26b] = b"\xf4\xeb\xfd"
	sys.stdout.buffer.write(kernel)
END
admin image add router disk "$tmp/disk" os Debian arch x86_64 kernel-version 6.1.0
admin image add direct disk "$tmp/disk" kernel "$tmp/kernel" os Debian arch x86_64 kernel-version 6.12.0 arguments console=ttyS0
is "the repository has a file once, however many images are of it" "$(ls "$images" | wc -l)" 2

transfer='<transfer>true</transfer>'
with() { # NAME [IMAGE]
	echo "$(vm_body real "$1")<vmIP>10.0.0.7/24</vmIP><vmRAM>32</vmRAM>$transfer<image>${2-router}</image>"
}
ok "createVirtualMachine with transfer" succeeds createVirtualMachine "$(with r1)"
id=$(element operation <"$tmp/said")
ok "the disk is on the node, byte by byte" cmp "$tmp/disk" "$lv"/pool/r1.*.img
ok "it runs, in QEMU" says state running getVirtualMachineStatus "$(vm_body real r1)"
is "by libvirt's word, too" "$(v domstate r1)" running
ok "its address is on the CD for cloud-init" grep -qaF 'addresses: ["10.0.0.7/24"]' "$lv"/pool/r1.*.seed
ok "which is called as cloud-init looks for it" sh -c "head -c 40000 '$lv'/pool/r1.*.seed | grep -qai cidata"
ok "the operation tells of the bytes" says state 'done' getOperations "<operation>$id</operation>"
ok "an image is found by its three properties" succeeds createVirtualMachine \
	"$(vm_body real r2)<vmRAM>32</vmRAM>$transfer<OS>Debian</OS><arch>x86_64</arch><kernelVersion>6.12.0</kernelVersion>"
ok "with its kernel" cmp "$tmp/kernel" "$lv"/pool/r2.*.kernel
ok "which gets the image's arguments" sh -c "virsh -q -c 'qemu+unix:///session?socket=$socket' dumpxml r2 | grep -q '<cmdline>console=ttyS0'"
ok "too few properties: it is not guessed" faults Invalid createVirtualMachine \
	"$(vm_body real r3)<vmRAM>32</vmRAM>$transfer<OS>Debian</OS>"
echo keep >"$lv/pool/r9.img"
v pool-refresh default
ok "of a volume that was there, nothing is touched" succeeds createVirtualMachine "$(with r9)"
ok "and nothing when it is destroyed" succeeds destroyVirtualMachine "$(vm_body real r9)"
is "it is as it was" "$(<"$lv/pool/r9.img")" keep
rm "$lv/pool/r9.img"
ok "destroyVirtualMachine" succeeds destroyVirtualMachine "$(vm_body real r1)"
ok "and the other" succeeds destroyVirtualMachine "$(vm_body real r2)"
is "takes with it what was transferred" "$(files)" ""

# --- what goes wrong ------------------------------------------------------------------------

left_nothing() {
	[ -z "$(files)" ] && [ -z "$(v list --all --name | tr -d '\n')" ] &&
		[ "$(/usr/bin/python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
print([db.execute("select count(*) from " + t).fetchone()[0] for t in ("vms", "claims")])' "$tmp/main/registry.db")" = "[0, 0]" ] ||
		{ files; v list --all; return 1; }
}
sum=$(sha256sum <"$tmp/disk")
cp "$images/${sum%% *}" "$tmp/good"
chmod u+w "$images/${sum%% *}"
printf x | dd of="$images/${sum%% *}" bs=1 seek=2000000 conv=notrunc status=none
ok "a damaged image: a fault before anything is started" faults Image createVirtualMachine "$(with r1)"
ok "and nothing is left" left_nothing
rm "$images/${sum%% *}"
ok "an image whose file is gone: a fault" faults Image createVirtualMachine "$(with r1)"
ok "and nothing is left" left_nothing
cp "$tmp/good" "$images/${sum%% *}"
ok "an architecture that the node has not: a fault" sh -c "xnetman-vms --state '$tmp/main' image add odd disk '$tmp/kernel' \
	os x arch vax kernel-version 1"
ok "refused" faults Refused createVirtualMachine "$(with r1 odd)"
ok "and nothing is left" left_nothing

if [ "$(id -u)" = 0 ]; then
	v pool-destroy default >/dev/null
	kill -TERM "$libvirtd"
	wait "$libvirtd"
	mount -t tmpfs -o size=2m,mode=777 tmpfs "$lv/pool"
	lv_start
	ok "a disk without room for it: a fault" faults Hypervisor createVirtualMachine "$(with r1)"
	ok "which says so" grep -qi 'space' "$tmp/said"
	ok "and nothing is left" left_nothing
	kill -TERM "$libvirtd"
	wait "$libvirtd"
	umount "$lv/pool"
	lv_start
else
	skip "a disk without room for it: a fault" "needs root"
fi

# --- libvirtd goes in the middle ------------------------------------------------------------

truncate -s 2G "$tmp/huge"
admin image add huge disk "$tmp/huge" os Debian arch x86_64 kernel-version 1
ok "a large image is begun" succeeds createVirtualMachine "$(with r1 huge)<wait>false</wait>"
id=$(element operation <"$tmp/said")
ok "its progress is told" wait_for 30 sh -c "XNETVMS_SERVER=$url xnetman-vmctl -j operations id $id |
	grep -q '\"step\": \"transferring the disk\".*\"done\": [1-9]'"
kill -KILL "$libvirtd"
wait "$libvirtd" 2>/dev/null
ok "libvirtd is killed: the operation fails" wait_for 30 says state failed getOperations "<operation>$id</operation>"
lv_start
ok "what was begun is still known" faults Exists createVirtualMachine "$(with r1)"
ok "so it can be destroyed" succeeds destroyVirtualMachine "$(vm_body real r1)"
ok "and nothing is left" left_nothing
ok "the server has found libvirtd again" succeeds createVirtualMachine "$(with r1)"
ok "and all is well" says state running getVirtualMachineStatus "$(vm_body real r1)"

# --- the server goes in the middle ----------------------------------------------------------

ok "another large image is begun" succeeds createVirtualMachine "$(with r2 huge)<wait>false</wait>"
begun() {
	ls "$lv"/pool/r2.*.img
}
wait_for 30 begun
kill -KILL "$pid"
wait "$pid" 2>/dev/null
server main --node-kind "real=qemu+unix:///session?socket=$socket" || exit 1
ok "a server that was killed takes back what it had begun" wait_for 30 sh -c "! ls '$lv'/pool/r2.*"
ok "and forgets it" wait_for 30 sh -c "! XNETVMS_SERVER=$url xnetman-vmctl vm destroy real r2"
ok "what was done stays" says state running getVirtualMachineStatus "$(vm_body real r1)"
ok "destroy" succeeds destroyVirtualMachine "$(vm_body real r1)"
ok "nothing is left" left_nothing
ok "the server ends well" ends_well main "$pid"
tap_done

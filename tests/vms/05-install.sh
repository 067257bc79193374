#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What make vms-install installs is whole, and a program can be built with the library that is installed.
. ./lib.sh

root=$tmp/root
ok "make vms-install" make --no-print-directory -s -C ../.. O="$O" DESTDIR="$root" vms-install
for f in usr/local/sbin/xnetman-vms usr/local/bin/xnetman-vmctl usr/local/lib/libxnetvms.so.1 \
	usr/local/include/xnetman/vms.h usr/local/share/man/man8/xnetman-vms.8 \
	usr/local/share/man/man1/xnetman-vmctl.1 lib/systemd/system/xnetman-vms.service \
	usr/lib/sysusers.d/xnetman-vms.conf usr/share/bash-completion/completions/xnetman-vmctl; do
	ok "$f is there" test -s "$root/$f"
done
ok "the unit starts what is installed" grep -q '^ExecStart=/usr/local/sbin/xnetman-vms ' \
	"$root/lib/systemd/system/xnetman-vms.service"
version=$(<../../VERSION)
is "the server tells its version" "$("$root/usr/local/sbin/xnetman-vms" --version)" "xnetman-vms $version"
is "and so does the client" "$("$root/usr/local/bin/xnetman-vmctl" --version)" "xnetman-vmctl $version"

cat >"$tmp/program.c" <<'END'
#include <stdio.h>
#include <xnetman/vms.h>

int main(int argc, char **argv)
{
	const struct xnetvms_options options = { .endpoint = argv[argc - 1] };
	struct xnetvms *vms = xnetvms_open(&options);
	const char *echo;

	if (xnetvms_sanity_test(vms, "from C", &echo)) {
		puts(xnetvms_fault(vms)->code);
		return 1;
	}
	puts(echo);
	xnetvms_close(vms);
	return 0;
}
END
ok "a program builds with the header and the library" gcc -Wall -Werror -I"$root/usr/local/include" \
	-o "$tmp/program" "$tmp/program.c" -L"$root/usr/local/lib" -lxnetvms
ok "as does one in C++" g++ -x c++ -fsyntax-only -Wall -Werror -I"$root/usr/local/include" "$root/usr/local/include/xnetman/vms.h"
server main || exit 1
is "and calls the server" "$(LD_LIBRARY_PATH=$root/usr/local/lib "$tmp/program" "$url")" "from C"
is "without one it is told so" "$(LD_LIBRARY_PATH=$root/usr/local/lib "$tmp/program" http://127.0.0.1:9/)" Unreachable
is "the library shows nothing but its functions" \
	"$(nm -D --defined-only "$root/usr/local/lib/libxnetvms.so.1" | awk '{ print $3 }' | grep -vc '^xnetvms_\|^XNETVMS_1')" 0
ok "the server ends well" ends_well main "$pid"
tap_done

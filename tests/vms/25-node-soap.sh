#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# All services by npm's soap, which knows nothing but the WSDL.
. ./lib.sh

soap_version=1.13.0
modules=$O/npm
if ! command -v npm >/dev/null; then
	skip "all services by npm's soap" "no npm"
	tap_done
fi
[ -d "$modules/node_modules/soap" ] || {
	mkdir -p "$modules"
	npm --prefix "$modules" install --silent --no-audit --no-fund --ignore-scripts "soap@$soap_version" >&2 || {
		skip "all services by npm's soap" "npm's registry cannot be reached"
		tap_done
	}
}
node n1 $(disks r1 r2)
node n2 $(disks r3)
server main || exit 1
echo disk >"$tmp/disk"
xnetman-vms --state "$tmp/main" image add router disk "$tmp/disk" os Debian arch i686 kernel-version 6.1.0
tap_include soap env NODE_PATH="$modules/node_modules" node soap_client.js "$url"
ok "the example in JavaScript lists the nodes" sh -c "NODE_PATH='$modules/node_modules' node ../../doc/examples/vms/client.js '$url' |
	grep -q '^n1: TEST, 4 CPUs'"
ok "the server ends well" ends_well main "$pid"
tap_done

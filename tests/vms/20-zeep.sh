#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# All services by python3-zeep, which knows nothing but the WSDL.
. ./lib.sh

node n1 $(disks r1 r2)
node n2 $(disks r3)
server main || exit 1
echo disk >"$tmp/disk"
xnetman-vms --state "$tmp/main" image add router disk "$tmp/disk" os Debian arch i686 kernel-version 6.1.0
tap_include zeep /usr/bin/python3 zeep_client.py "$url"
ok "the example in Python says why what it began has failed" sh -c "! ../../doc/examples/vms/client.py '$url' n1 r9 \
	10.0.0.9/24 router >'$tmp/example' 2>&1 && grep -q 'the node takes no volumes' '$tmp/example'"
ok "the server ends well" ends_well main "$pid"
tap_done

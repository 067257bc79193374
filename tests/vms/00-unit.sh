#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The unit tests of the server's parts (unit/*_test.c, cmocka), under ASan and UBSan.
. ./lib.sh

for t in "$O"/vms-san/test/*_test; do
	tap_include "${t##*/}" env CMOCKA_MESSAGE_OUTPUT=TAP "$t"
done
tap_done

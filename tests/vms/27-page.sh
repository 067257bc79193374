#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The page in a headless Chromium: all services, by what a person would press; and who may call from a page.
. ./lib.sh

page_is() { # PATH TYPE
	curl -s -D "$tmp/headers" "$url$1" >"$tmp/body" && grep -qi "^content-type: $2" "$tmp/headers" && [ -s "$tmp/body" ]
}
node n1 $(disks r1 r2)
node n2 $(disks r3)
server main || exit 1
echo disk >"$tmp/disk"
xnetman-vms --state "$tmp/main" image add router disk "$tmp/disk" os Debian arch i686 kernel-version 6.1.0
ok "the page is at /" page_is '' text/html
ok "it may use nothing but its own files" grep -qi "^content-security-policy: default-src 'none'; script-src 'self'" "$tmp/headers"
ok "its script" page_is vms.js text/javascript
ok "its style" page_is vms.css text/css
ok "nothing else" sh -c "curl -s -o /dev/null -w '%{http_code}' '$url../etc/passwd' --path-as-is | grep -q 404"
origin() { # ORIGIN: HTTP's status of a call of a page from there
	soap sanityTest '<testString>x</testString>' -H "Origin: $1" >/dev/null
	cat "$tmp/status"
}
is "its calls are taken" "$(origin "${url%/}")" 200
is "those of a page from elsewhere are not" "$(origin http://example.org)" 403
is "nor of one on another port of this machine" "$(origin http://127.0.0.1:1)" 403
is "nor of one by another scheme" "$(origin "https${url#http}")" 403
is "nor of a file" "$(origin null)" 403

if command -v chromium >/dev/null; then
	pictures=$O/pictures/vms
	mkdir -p "$pictures"
	tap_include page env -u ASAN_OPTIONS -u LSAN_OPTIONS HOME="$tmp" /usr/bin/python3 page_client.py "$url" "$tmp/browser"
	cp "$tmp"/browser/*.png "$pictures/" && echo "# pictures: $pictures"
else
	skip "all services by the page" "no chromium: scripts/deps vms-test"
fi
ok "the server ends well" ends_well main "$pid"
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Messages that were not meant well, or not meant at all: a fault each, and the server goes on.
. ./lib.sh

node n1 $(disks r1)
server main --max-body 65536 || exit 1
soap registerNodes '<phyServer><name>n1</name></phyServer>' >/dev/null

# slowly HEAD: how many seconds a connection lasts whose client sends this and then a byte every second
slowly() {
	/usr/bin/python3 -c 'import socket, sys, time
s, start = socket.create_connection(("127.0.0.1", int(sys.argv[1]))), time.monotonic()
s.settimeout(1)
try:
	s.sendall(sys.argv[2].encode())
	while time.monotonic() - start < 120:
		s.sendall(b"x")
		try:
			if not s.recv(1):
				break
		except TimeoutError:
			pass
except OSError:
	pass
print(int(time.monotonic() - start))' "$port" "$1"
}
# they take their time: what becomes of them is looked at in the end
slowly $'POST / HTTP/1.1\r\nHost: localhost\r\nX: ' >"$tmp/slow.head" &
servers+=($!)
slowly $'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: 60000\r\n\r\n' >"$tmp/slow.body" &
servers+=($!)

S='xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"'
body() { # MESSAGE-BODY
	printf '%s' "<S:Envelope $S><S:Body>$1</S:Body></S:Envelope>"
}
test_call() { # INSIDE
	body "<sanityTest xmlns=\"urn:xnetman:vms:1\">$1</sanityTest>"
}

# is_fault <MESSAGE: answered by a fault of code Invalid, and the next call is answered as ever
is_fault() {
	post >"$tmp/said"
	[ "$(<"$tmp/status")" = 500 ] && [ "$(element code <"$tmp/said")" = Invalid ] ||
		{ cat "$tmp/status" "$tmp/said"; return 1; }
	says testString still sanityTest '<testString>still</testString>'
}

# bad PROMISE: of the message on standard input
bad() {
	cat >"$tmp/message"
	ok "$1" is_fault <"$tmp/message"
}

nested() { # DEPTH
	printf '<a>%.0s' $(seq "$1")
	printf '</a>%.0s' $(seq "$1")
}

: | bad "nothing"
echo hello | bad "no XML"
printf '<' | bad "one character"
printf '\xff\xfe<\0a\0' | bad "UTF-16"
printf '\xef\xbb\xbf%s' "$(test_call '<testString>x</testString>')" | bad "a byte order mark"
test_call $'<testString>\xc3\x28</testString>' | bad "broken UTF-8"
test_call $'<testString>\xed\xa0\x80</testString>' | bad "a surrogate in UTF-8"
test_call $'<testString>a\x01b</testString>' | bad "a control character"
printf '%s\0%s' "$(test_call '<testString>x</testString>')" garbage | bad "bytes after a NUL"
test_call '<testString>x</testString>' | head -c 150 | bad "cut off"
{ test_call '<testString>x</testString>'; echo '<more/>'; } | bad "two documents"
{ echo '<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd">'; test_call '<testString>x</testString>'; } | bad "a document type"
{ echo '<!DOCTYPE a [<!ENTITY x "y">]>'; test_call '<testString>&x;</testString>'; } | bad "an entity"
{ echo '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'; test_call '<testString>&x;</testString>'; } |
	bad "an entity that is a file"
{
	echo '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
	for c in b c d e f g h i; do
		printf '<!ENTITY %s "%s">\n' $c "$(printf '&a;%.0s' 1 2 3 4 5 6 7 8 9 10)"
	done
	echo ']>'
	test_call '<testString>&i;</testString>'
} | bad "entities of entities"
test_call '<testString>&nosuch;</testString>' | bad "an entity that is not there"
{ echo '<?xml-stylesheet href="x"?>'; test_call '<testString>x</testString>'; } | bad "a processing instruction"
test_call "$(nested 20)" | bad "20 elements deep"
test_call "$(nested 5000)" | bad "5,000 elements deep"
test_call '<testString a="1" a="2">x</testString>' | bad "an attribute twice"
test_call '<testString>x</teststring>' | bad "an end that is not the beginning's"
test_call '<p:testString>x</p:testString>' | bad "a prefix that stands for nothing"
test_call '<testString>x</testString><more/>' | bad "an element too many"
test_call '<testString>x</testString><testString>y</testString>' | bad "an element twice"
test_call '' | bad "an element that is missing"
body '<nosuch xmlns="urn:xnetman:vms:1"/>' | bad "no such service"
body '<sanityTest><testString>x</testString></sanityTest>' | bad "no namespace"
body '<sanityTest xmlns="urn:other"><testString>x</testString></sanityTest>' | bad "another namespace"
body '' | bad "an empty body"
echo "<S:Envelope $S/>" | bad "an empty envelope"
echo '<Envelope><Body/></Envelope>' | bad "an envelope without namespace"
echo '<S:Envelope xmlns:S="http://www.w3.org/2003/05/soap-envelope"><S:Body/></S:Envelope>' | bad "SOAP 1.2"
echo "<S:Envelope $S><S:Header><h:h xmlns:h=\"urn:h\" S:mustUnderstand=\"1\"/></S:Header><S:Body/></S:Envelope>" |
	bad "a header that must be understood and is not"

create() { # INSIDE
	body "<createVirtualMachine xmlns=\"urn:xnetman:vms:1\">$1</createVirtualMachine>"
}
create '<phyServer>n1</phyServer><vmName>r1</vmName><vmRAM>-1</vmRAM>' | bad "a negative size"
create '<phyServer>n1</phyServer><vmName>r1</vmName><vmRAM>99999999999999999999</vmRAM>' | bad "a size that overflows"
create '<phyServer>n1</phyServer><vmName>r1</vmName><vmRAM>0</vmRAM>' | bad "no memory at all"
create '<phyServer>n1</phyServer><vmName>r1</vmName><vmRAM>64MB</vmRAM>' | bad "a size with a unit"
create '<phyServer>n1</phyServer><vmName><a/></vmName><vmRAM>64</vmRAM>' | bad "an element where text belongs"
create '<phyServer>n1</phyServer><vmName>../r1</vmName><vmRAM>64</vmRAM>' | bad "a name that is a path"
create '<phyServer>n1</phyServer><vmName>r1&lt;/name&gt;</vmName><vmRAM>64</vmRAM>' | bad "a name that is XML"
create "<phyServer>n1</phyServer><vmName>$(printf 'r%.0s' {1..64})</vmName><vmRAM>64</vmRAM>" | bad "a name too long"
create '<phyServer>n1</phyServer><vmName></vmName><vmRAM>64</vmRAM>' | bad "an empty name"
create '<phyServer>n1</phyServer><vmName>r1</vmName><vmIP>10.0.0.1</vmIP><vmRAM>64</vmRAM>' | bad "an address without prefix"
create '<phyServer>n1</phyServer><vmName>r1</vmName><vmIP>10.0.0.1/24 init=/bin/sh</vmIP><vmRAM>64</vmRAM>' |
	bad "an address with arguments of a kernel"
create '<phyServer>n1</phyServer><vmName>r1</vmName><vmIP>10.0.0.1/33</vmIP><vmRAM>64</vmRAM>' | bad "a prefix too long"
create '<phyServer>n1</phyServer><vmName>r1</vmName><vmRAM>64</vmRAM><disk>/etc/passwd</disk>' | bad "a disk that is a path"
create '<phyServer>n1</phyServer><vmName>r1</vmName><vmRAM>64</vmRAM><netInterface>br0"/&gt;</netInterface>' |
	bad "an interface that is none"
create "<phyServer>n1</phyServer><vmName>r1</vmName><vmRAM>64</vmRAM>$(printf '<netInterface>b</netInterface>%.0s' {1..9})" |
	bad "nine interfaces"
create '<phyServer>n1</phyServer><vmName>r1</vmName><vmRAM>64</vmRAM><transfer>perhaps</transfer>' |
	bad "a boolean that is none"
body '<registerNodes xmlns="urn:xnetman:vms:1"><phyServer><name>a b</name></phyServer></registerNodes>' |
	bad "a node's name with a space"
body '<registerNodes xmlns="urn:xnetman:vms:1"><phyServer><name>n2</name><IP>10.0.0.1?command=x</IP></phyServer></registerNodes>' |
	bad "an address that adds to libvirt's URI"
body '<registerNodes xmlns="urn:xnetman:vms:1"><phyServer><name>n2</name><IP>-oProxyCommand=x</IP></phyServer></registerNodes>' |
	bad "an address that is an option"
body '<registerNodes xmlns="urn:xnetman:vms:1"><phyServer><name>n2</name><key>ssh-rsa AAAA
* ssh-rsa BBBB</key></phyServer></registerNodes>' | bad "a key of two lines"
body '<registerNodes xmlns="urn:xnetman:vms:1"><phyServer><name>n2</name><hypervisor>test:///x</hypervisor></phyServer></registerNodes>' |
	bad "a hypervisor that is a URI"
body '<registerNodes xmlns="urn:xnetman:vms:1"/>' | bad "no nodes"
body '<createVirtualNetwork xmlns="urn:xnetman:vms:1"><phyServers>n1</phyServers><phyServers>n1</phyServers><VMNames>a</VMNames><IPs>10.0.0.1/24</IPs><RAMs>64</RAMs><netInterface>b</netInterface></createVirtualNetwork>' |
	bad "lists of different lengths"
body '<createVirtualNetwork xmlns="urn:xnetman:vms:1"/>' | bad "a network of nothing"
is "nothing of it was made" "$(soap getPhysicalServerStatus '<phyServer>n1</phyServer>' | element virtualMachine)" ""

# --- HTTP -----------------------------------------------------------------------------------

status_is() { # STATUS CURL-ARGUMENT...
	local want=$1
	shift
	test "$(curl -s -o /dev/null -w '%{http_code}' --max-time 60 "$@")" = "$want"
}
good=$(test_call '<testString>x</testString>')
xml='Content-Type: text/xml'
ok "the same message without harm is answered" status_is 200 -H "$xml" -d "$good" "$url"
ok "another type of content is refused: a page could send it" status_is 415 -H 'Content-Type: text/plain' -d "$good" "$url"
ok "so is SOAP 1.2's" status_is 415 -H 'Content-Type: application/soap+xml' -d "$good" "$url"
ok "a call from a page is refused" status_is 403 -H "$xml" -H 'Origin: http://evil.example' -d "$good" "$url"
ok "a name that was made to point here is refused" status_is 403 -H "$xml" -H 'Host: evil.example' -d "$good" "$url"
ok "another path is not found" status_is 404 -H "$xml" -d "$good" "${url}x"
ok "other methods are refused" status_is 405 -X DELETE "$url"
ok "a browser's question before a call is refused" status_is 405 -X OPTIONS "$url"
head -c 70000 /dev/zero | tr '\0' ' ' >"$tmp/large"
ok "a message too large is refused" status_is 413 -H "$xml" --data-binary "@$tmp/large" "$url"
ok "also if its size is not told" status_is 413 -H "$xml" -H 'Transfer-Encoding: chunked' --data-binary "@$tmp/large" "$url"
ok "a Host header that is no host gets no WSDL" status_is 400 -H 'Host: a"b' "$url?wsdl"
for ((i = 0; i < 20; i++)); do
	head -c 2000 /dev/urandom
done >"$tmp/noise"
ok "noise instead of HTTP does no harm" sh -c "timeout 5 bash -c 'cat \"$tmp/noise\" >/dev/tcp/127.0.0.1/$port'; true"
for part in head body; do
	ok "a $part that comes a byte at a time has an end" wait_for 90 test -s "$tmp/slow.$part"
	ok "after 30 to 60 s ($(<"$tmp/slow.$part") s)" test "$(<"$tmp/slow.$part")" -ge 29 -a "$(<"$tmp/slow.$part")" -le 60
done
ok "the server still answers" status_is 200 -H "$xml" -d "$good" "$url"
ok "the server ends well" ends_well main "$pid"
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who may call: tokens, certificates, roles; and that an operator never sees another's.
. ./lib.sh

node n1 $(disks anna.1 anna.2 bert.1 p1)
server main --require-token || exit 1
for who in anna bert; do
	xnetman-vms --state "$tmp/main" access add $who operator >"$tmp/$who.token"
done
xnetman-vms --state "$tmp/main" access add paula provider >"$tmp/paula.token"
as() { # WHO COMMAND...: a check of lib.sh as this caller
	local who=$1
	shift
	"$@" -H "Authorization: Bearer $(<"$tmp/$who.token")"
}
status_is() { # STATUS CURL-ARGUMENT...
	local want=$1
	shift
	test "$(envelope sanityTest '<testString>x</testString>' | curl -s -o "$tmp/said" -w '%{http_code}' -H \
		'Content-Type: text/xml' --data-binary @- "$@" 2>/dev/null)" = "$want"
}

ok "without a token: 401" status_is 401 "$url"
ok "and a fault that says what is missing" grep -q Denied "$tmp/said"
ok "with a wrong one: 401" status_is 401 -H 'Authorization: Bearer xnv-wrong' "$url"
ok "with an empty one: 401" status_is 401 -H 'Authorization: Bearer ' "$url"
ok "with another kind of proof: 401" status_is 401 -u anna:x "$url"
ok "with the token: 200" status_is 200 -H "Authorization: Bearer $(<"$tmp/anna.token")" "$url"
ok "the registry does not have the token" sh -c "! grep -rqF '$(<"$tmp/anna.token")' '$tmp/main'"

ok "the provider registers nodes" as paula succeeds registerNodes '<phyServer><name>n1</name><IP>10.9.0.1</IP></phyServer>'
for service in registerNodes:'<phyServer><name>n2</name></phyServer>' getPhysicalServerStatus:'<phyServer>n1</phyServer>' \
	setVirtualMachineSchedulerParameters:"$(vm_body n1 anna.1)<Weight>1</Weight>" \
	migrateVirtualMachine:'<sourcePhyServer>n1</sourcePhyServer><destPhyServer>n1</destPhyServer><vmName>anna.1</vmName><live>true</live>'; do
	ok "an operator may not call ${service%%:*}" as anna faults Denied "${service%%:*}" "${service#*:}"
done
ok "an operator sees names of nodes" as anna says name n1 getRegisteredNodes ''
ok "and not their addresses" sh -c "! grep -q 10.9.0.1 '$tmp/said'"
ok "an operator may not take a disk that is not his" as anna faults Denied createVirtualMachine "$(create_body n1 p1)"
ok "nor another operator's" as anna faults Denied createVirtualMachine "$(create_body n1 x '<disk>bert.1.img</disk>')"
ok "nor one that only begins like his" as anna faults Denied createVirtualMachine "$(create_body n1 annab '<disk>annab.img</disk>')"
ok "an operator may not give himself an SLA" as anna faults Denied createVirtualMachine \
	"$(create_body n1 anna.1 '<SLA><resource>eth0</resource><Rc>1Mbit</Rc></SLA>')"
ok "so no operator's name has a dot" sh -c "! xnetman-vms --state '$tmp/main' access add anna.1 operator"
ok "an operator creates a virtual machine" as anna succeeds createVirtualMachine "$(create_body n1 anna.1)"
ok "and sees it" as anna says state running getVirtualMachineStatus "$(vm_body n1 anna.1)"
ok "another operator does not" as bert faults NotFound getVirtualMachineStatus "$(vm_body n1 anna.1)"
cp "$tmp/said" "$tmp/hidden"
ok "nor does he find what is not there" as bert faults NotFound getVirtualMachineStatus "$(vm_body n1 zz)"
ok "and both look alike" sh -c "sed 's/anna.1/zz/g' '$tmp/hidden' | cmp - '$tmp/said'"
for service in destroyVirtualMachine shutdownVirtualMachine getVirtualMachineSchedulerType \
	getVirtualMachineSchedulerParameters; do
	ok "nor may he call $service for it" as bert faults NotFound $service "$(vm_body n1 anna.1)"
done
ok "another operator's operations are not his to see" as bert succeeds getOperations ''
ok "there are none of his" sh -c "! grep -q '<xnv:id>' '$tmp/said'"
ok "his own he sees" as anna says vmName anna.1 getOperations ''
ok "the provider sees all" as paula says vmName anna.1 getOperations ''
ok "the provider may destroy it" as paula succeeds destroyVirtualMachine "$(vm_body n1 anna.1)"
xnetman-vms --state "$tmp/main" access remove anna
ok "access that was taken away is gone at once" status_is 401 -H "Authorization: Bearer $(<"$tmp/anna.token")" "$url"
ok "xnetman-vmctl takes the token from a file" xnetman-vmctl --token-file "$tmp/paula.token" test
ok "the server ends well" ends_well main "$pid"

# --- HTTPS ----------------------------------------------------------------------------------

authority() { # NAME
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
		-keyout "$tmp/$1.key" -out "$tmp/$1.pem" 2>/dev/null
}
signed() { # NAME ISSUER
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$tmp/$1.key" \
		-out "$tmp/$1.csr" 2>/dev/null
	openssl x509 -req -in "$tmp/$1.csr" -CA "$tmp/$2.pem" -CAkey "$tmp/$2.key" -days 2 -out "$tmp/$1.pem" \
		-extfile <(echo subjectAltName=IP:127.0.0.1) 2>/dev/null
	cat "$tmp/$1.pem" "$tmp/$1.key" >"$tmp/$1.both"
}
authority ca
authority other
signed here ca
signed paula ca
signed nobody ca
signed mallory other
ok "beyond this machine only by HTTPS" sh -c "xnetman-vms --listen 0.0.0.0:$(free_port) --state '$tmp/main' \
	--node-kind 'test=test://$tmp/%n.xml' 2>&1 | grep -q 'only by HTTPS'"
server main --tls-cert "$tmp/here.pem" --tls-key "$tmp/here.key" --tls-ca "$tmp/ca.pem" || exit 1
tls=(--cacert "$tmp/ca.pem")
ok "by HTTPS nobody is trusted for being local" status_is 401 "${tls[@]}" "$url"
ok "a token is" status_is 200 "${tls[@]}" -H "Authorization: Bearer $(<"$tmp/paula.token")" "$url"
ok "so is a certificate of somebody with access" status_is 200 "${tls[@]}" --cert "$tmp/paula.both" "$url"
ok "one of somebody without is not" status_is 401 "${tls[@]}" --cert "$tmp/nobody.both" "$url"
ok "one that another CA signed is not" sh -c "! curl -s -f --cacert '$tmp/ca.pem' --cert '$tmp/mallory.both' \
	-H 'Content-Type: text/xml' -d x '$url'"
ok "TLS 1.1 is refused" sh -c "! curl -s --tls-max 1.1 --cacert '$tmp/ca.pem' '$url?wsdl'"
ok "plain HTTP gets nothing" sh -c "! curl -s -f 'http://127.0.0.1:$port/?wsdl'"
ok "the WSDL says https" sh -c "curl -s --cacert '$tmp/ca.pem' '$url?wsdl' | grep -qF 'location=\"$url\"'"
ok "xnetman-vmctl with a certificate" xnetman-vmctl --ca "$tmp/ca.pem" --cert "$tmp/paula.both" test
ok "xnetman-vmctl believes no other server" sh -c "! xnetman-vmctl --ca '$tmp/other.pem' --cert '$tmp/paula.both' test"
ok "the server ends well" ends_well main "$pid"
tap_done

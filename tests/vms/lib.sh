# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by tests/vms/*.sh: nodes of libvirt's test driver, servers, and calls written by hand.
. ../tap.sh

# stop_servers: every one that this test has started, by its process.
servers=()
stop_servers() {
	[ ${#servers[@]} -eq 0 ] || kill -TERM "${servers[@]}" 2>/dev/null
	wait "${servers[@]}" 2>/dev/null
	servers=()
}
at_exit stop_servers

free_port() {
	/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# node NAME [VOLUME]...: a node's definition, with these volumes in its pool.
node() {
	local name=$1 volume
	shift
	{
		echo "<node><cpu><nodes>1</nodes><sockets>1</sockets><cores>4</cores><threads>1</threads>"
		echo "<active>4</active><mhz>2000</mhz><model>i686</model></cpu><memory>8388608</memory>"
		echo "<pool type='dir'><name>default</name><target><path>/pool</path></target>"
		for volume in "$@"; do
			echo "<volume><name>$volume</name><capacity>1000000</capacity>"
			echo "<target><format type='raw'/></target></volume>"
		done
		echo "</pool></node>"
	} >"$tmp/$name.xml"
}

# disks NAME...: the volumes that virtual machines of these names need to be created without transfer.
disks() {
	local name
	for name in "$@"; do
		echo "$name.img" "$name.kernel"
	done
}

# wait_for SECONDS COMMAND...: until it succeeds
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || return 1
		sleep 0.05
	done
}

# server NAME [OPTION]...: a server with a state of its own in $tmp/NAME; sets $port, $url, $pid.
server() {
	local name=$1 scheme=http
	shift
	port=$(free_port)
	case " $* " in *--tls-cert*) scheme=https ;; esac
	url=$scheme://127.0.0.1:$port/
	xnetman-vms --listen "127.0.0.1:$port" --state "$tmp/$name" --name "$name" \
		--node-kind "test=test://$tmp/%n.xml" "$@" serve 2>"$tmp/$name.log" &
	pid=$!
	servers+=("$pid")
	wait_for 20 grep -q 'listening at' "$tmp/$name.log" || {
		echo "# server $name did not start"
		sed 's/^/# /' "$tmp/$name.log"
		return 1
	}
	export XNETVMS_SERVER=$url
}

# ends_well NAME PID: the server ends by itself when it is asked to, and no sanitizer has anything to say.
ends_well() {
	local status
	kill -TERM "$2"
	wait "$2"
	status=$?
	[ $status -eq 0 ] && ! grep -E 'Sanitizer|runtime error' "$tmp/$1.log" || {
		echo "status $status"
		cat "$tmp/$1.log"
		return 1
	}
}

# post [CURL-OPTION]... <MESSAGE: the answer; HTTP's status to $tmp/status
post() {
	curl -s --max-time 60 -H 'Content-Type: text/xml; charset=utf-8' -w '%{http_code}' -o "$tmp/answer" \
		--data-binary @- "$@" "$url" >"$tmp/status"
	sed -e '$a\' "$tmp/answer" 2>/dev/null
}

envelope() { # SERVICE BODY
	printf '%s' "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" \
		"<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Body>" \
		"<$1 xmlns=\"urn:xnetman:vms:1\">$2</$1></S:Body></S:Envelope>"
}

# soap SERVICE BODY [CURL-OPTION]...
soap() {
	local service=$1 body=$2
	shift 2
	envelope "$service" "$body" | post "$@"
}

# element NAME <XML: text of every element with this name, one per line
element() {
	grep -o "<[a-z]*:$1>[^<]*<" | sed 's/^[^>]*>//; s/<$//'
}

# succeeds SERVICE BODY [CURL-OPTION]...
succeeds() {
	soap "$@" >"$tmp/said"
	[ "$(<"$tmp/status")" = 200 ] || { cat "$tmp/said"; return 1; }
}

# faults CODE SERVICE BODY [CURL-OPTION]...: a fault with this code and a reason
faults() {
	local code=$1
	shift
	soap "$@" >"$tmp/said"
	[ "$(<"$tmp/status")" = 500 ] && [ "$(element code <"$tmp/said")" = "$code" ] &&
		[ -n "$(element reason <"$tmp/said")" ] && grep -q '<faultstring>..*</faultstring>' "$tmp/said" ||
		{ cat "$tmp/status" "$tmp/said"; return 1; }
}

# says NAME TEXT SERVICE BODY...: the answer has this element with this text
says() {
	local name=$1 text=$2
	shift 2
	succeeds "$@" && element "$name" <"$tmp/said" | grep -qxF "$text" || { cat "$tmp/said"; return 1; }
}

vm_body() { # NODE VM: of most services
	echo "<phyServer>$1</phyServer><vmName>$2</vmName>"
}

create_body() { # NODE VM [MORE]
	echo "$(vm_body "$1" "$2")<vmIP>10.0.0.${RANDOM:0:2}/24</vmIP><vmRAM>64</vmRAM>${3-}"
}

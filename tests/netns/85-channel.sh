#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The secure channel between Dom0 and a router (netns `vr1`, over a veth pair): one command on each side enrols,
# what the router's kernel has reaches Dom0, and whoever is not the network's guest gets nowhere.
. "$(dirname "$0")/lib.sh"

conf=$tmp/conf
mkdir -p "$conf/networks.d"
cat >"$conf/xnetman.yaml" <<-END
	long_interval: 5s
	channel: {listen: "10.9.0.1:4790"}
	links: [{name: eth1, capacity: 100Mbit}]
END
for id in 1 2; do
	cat >"$conf/networks.d/net$id.yaml" <<-END
		name: net$id
		data_path: split
		ports: [vif$id.0]
		bandwidth: [{link: eth1, rc: 5Mbit}]
	END
done

# --- Dom0, and the router behind vif1.0 -------------------------------------------------------

channel() { # NETWORK FIELD
	C -j channel list | jq -r ".[] | select(.network==\"$1\") | .$2"
}

guest() { # NAME COMMAND...: xnetman-guest of the router NAME
	local name=$1
	shift
	ip netns exec "$name" xnetman-guest --config "$tmp/$name" --state "$tmp/$name.run" "$@"
}

guest_up() { # NAME
	ip netns exec "$1" xnetman-guest --config "$tmp/$1" --state "$tmp/$1.run" >>"$tmp/$1.log" 2>&1 &
	eval "$1_pid=$!"
	wait_for 10 guest "$1" status
}

guest_down() { # NAME [SIGNAL]
	local pid
	eval "pid=\$$1_pid"
	kill "${2:--TERM}" "$pid"
	wait "$pid" 2>/dev/null || true
}

state() { # NAME FIELD
	guest "$1" -j status | jq -r ".$2"
}

token() { # NETWORK
	C -j channel enroll "$1" | jq -r .token
}

connected() { test "$(channel "$1" connected)" = true; }
not_connected() { test "$(channel "$1" connected)" = false; }
all_told() { # NAME: connected, everything answered
	guest "$1" -j status | jq -e '.connected and (.pending | not)'
}
logged() { grep -q "$1" "$tmp/daemon.log"; }

hosts_up
bus_up
wire eth1
for id in 1 2; do
	ip netns add vr$id
	ip -n vr$id link set lo up
	ip link add vif$id.0 type veth peer name eth0 netns vr$id
	ip link set vif$id.0 up
	ip -n vr$id link set eth0 up
	ip -n vr$id addr add 10.1.$id.2/24 dev eth0
	ip link add ctl$id type veth peer name ctl0 netns vr$id
	ip link set ctl$id up
	ip -n vr$id link set ctl0 up
	ip addr add 10.9.0.1/32 dev ctl$id 2>/dev/null
	ip route add 10.9.0.1$id/32 dev ctl$id
	ip -n vr$id addr add 10.9.0.1$id/32 dev ctl0
	ip -n vr$id route add 10.9.0.1/32 dev ctl0 table 100
	ip -n vr$id rule add to 10.9.0.1 lookup 100
done
module_load
daemon_up

# --- enrolment --------------------------------------------------------------------------------

ok "the keys are root's alone" test "$(stat -c %a "$conf/keys" "$conf/keys/dom0.pem" | paste -sd ' ')" = "700 600"
is "nobody is enrolled at first" "$(C -j channel list | jq '[.[] | select(.key != "")] | length')" 0
token1=$(token net1)
ok "a guest enrols with one command" guest vr1 enroll "$token1"
is "and is told its network" "$(sed -n 's/.*network //p' "$tmp/out")" net1
ok "a token is good once" sh -c "! ip netns exec vr1 xnetman-guest --config $tmp/other enroll '$token1'"
ok "which is logged" logged "10.9.0.11:.* refused: "
guest_up vr1
ok "the guest connects by its key" wait_for 10 connected net1
ok "and has told everything" wait_for 10 all_told vr1
is "Dom0 has the key that the guest has" "$(channel net1 key)" "$(state vr1 key)"
ok "a network that does not exist has no guest" sh -c '! xnetman-ctl channel enroll net9'

reported() { guest vr1 -j status | jq -e '.report.resources[] | select(.resource == "eth1") | has("demand_bps")'; }
ok "each long interval Dom0 reports how the network fared" wait_for 20 reported
ok "for people with units" sh -c "ip netns exec vr1 xnetman-guest --state '$tmp/vr1.run' status | grep '^eth1 .*bit.*bit'"
sed 's/^/# /' "$tmp/out"

# --- changes ----------------------------------------------------------------------------------

told() { channel net1 routes; }
before=$(told)
ip -n vr1 route add 192.0.2.0/24 via 10.1.1.1
told_one() { all_told vr1 && test "$(told)" -gt "$before"; }
ok "a route that comes is told" wait_for 5 told_one
delay=$(state vr1 delay)
ok "from the change to Dom0's answer it took less than 100 ms ($delay s)" awk -v d="$delay" 'BEGIN { exit !(d > 0 && d < 0.1) }'
before=$(told)
ip -n vr1 route del 192.0.2.0/24
ok "and one that goes" wait_for 5 told_one
before=$(told)
ip -n vr1 nexthop add id 7 via 10.1.1.1 dev eth0
ip -n vr1 route add 198.51.100.0/24 nhid 7
ok "a route by a nexthop object, as FRR writes it, is told" wait_for 5 told_one
before=$(told)
ip -n vr1 route add blackhole 203.0.113.0/24
ok "a blackhole is told" wait_for 5 told_one
messages=$(channel net1 messages)
ip netns exec vr1 nft add table inet filter
rules_told() { all_told vr1 && test "$(channel net1 messages)" -gt "$messages"; }
ok "rules are told" wait_for 5 rules_told
routes=$(state vr1 routes)
ip -n vr1 link add dummy0 type dummy
ip -n vr1 link set dummy0 up
for i in 1 2 3; do
	ip -n vr1 route add 172.16.$i.0/24 dev dummy0
done
have() { test "$(state vr1 routes)" = "$1"; }
ok "three more routes are seen" wait_for 5 have $((routes + 3))
ip -n vr1 link set dummy0 down
ok "and go with their link, of which the kernel says nothing" wait_for 5 have "$routes"
ok "which is told" wait_for 5 all_told vr1

# many routes
many=10000
for ((i = 0; i < many; i++)); do
	echo "route add 20.$((i / 256)).$((i % 256)).0/24 via 10.1.1.1"
done >"$tmp/many"
before=$(told)
start=$(date +%s.%N)
ip -n vr1 -batch "$tmp/many"
many_told() { all_told vr1 && test "$(told)" -ge $((before + many)); }
ok "$many routes are told" wait_for 60 many_told
echo "# $many routes: written and told within $(awk -v a="$start" -v b="$(date +%s.%N)" 'BEGIN { printf "%.3f", b - a }') s, the last of them $(state vr1 delay) s from change to answer"

# --- a real router ----------------------------------------------------------------------------

# BIRD in vr1 hears of them from its neighbour `isp`.
ip netns add isp
ip -n vr1 link add eth1 type veth peer name eth0 netns isp
ip -n vr1 addr add 10.8.0.1/30 dev eth1
ip -n vr1 link set eth1 up
ip -n isp addr add 10.8.0.2/30 dev eth0
ip -n isp link set eth0 up
bird_conf() { # ROUTER OWN-ADDRESS OWN-AS OTHER-ADDRESS OTHER-AS IMPORT EXPORT
	cat <<-END
		router id $2;
		log "$tmp/bird.$1.log" all;
		protocol device {}
		protocol bgp {
			local $2 as $3;
			neighbor $4 as $5;
			connect delay time 1;
			ipv4 { import $6; export $7; next hop self; };
		}
	END
}
{
	bird_conf isp 10.8.0.2 65002 10.8.0.1 65001 none all
	echo 'protocol static { ipv4;'
	for ((i = 0; i < many; i++)); do
		echo "route 30.$((i / 256)).$((i % 256)).0/24 blackhole;"
	done
	echo '}'
} >"$tmp/isp.conf"
{
	bird_conf vr1 10.8.0.1 65001 10.8.0.2 65002 all none
	echo 'protocol kernel { ipv4 { import none; export all; }; }'
} >"$tmp/vr1.conf"
bird_up() { # ROUTER
	ip netns exec "$1" bird -f -c "$tmp/$1.conf" -s "$tmp/$1.ctl" &
	eval "bird_$1_pid=$!"
}
in_kernel() { test "$(ip -n vr1 route show proto bird | wc -l)" = "$1"; }
before=$(told) routes=$(state vr1 routes)
bird_up isp
bird_up vr1
ok "BIRD has $many routes of its neighbour in vr1's kernel" wait_for 120 in_kernel "$many"
start=$(date +%s.%N)
ok "and Dom0 has been told of all" wait_for 60 many_told
ok "which is what the guest sees, too" have $((routes + many))
echo "# BIRD: all $many told $(awk -v a="$start" -v b="$(date +%s.%N)" 'BEGIN { printf "%.3f", b - a }') s after they were seen in the kernel, the last $(state vr1 delay) s from change to answer"
kill "$bird_isp_pid"
ok "the neighbour goes, and so do its routes" wait_for 300 have "$routes"
ok "which is told" wait_for 30 all_told vr1
kill "$bird_vr1_pid"
ok "no message of the kernel was lost" sh -c "! grep -q 'lost messages' '$tmp/vr1.log'"

# --- starting over ----------------------------------------------------------------------------

key=$(channel net1 key)
daemon_down
daemon_up
start=$(date +%s.%N)
ok "after a restart of xnetmand the guest is back" wait_for 20 connected net1
ok "and tells everything again" wait_for 20 all_told vr1
echo "# all told $(awk -v a="$start" -v b="$(date +%s.%N)" 'BEGIN { printf "%.3f", b - a }') s after the daemon was ready"
is "with the same key" "$(channel net1 key)" "$key"
guest_down vr1 -KILL
ok "a guest that died is missed" wait_for 20 not_connected net1
start=$(date +%s.%N)
guest_up vr1
ok "and is back when it is started again" wait_for 20 all_told vr1
echo "# all told $(awk -v a="$start" -v b="$(date +%s.%N)" 'BEGIN { printf "%.3f", b - a }') s after the guest's start"

# --- others -----------------------------------------------------------------------------------

untouched() { # everything of net1 stays as it is
	connected net1 && test "$(channel net1 key)" = "$key" && all_told vr1
}
routes_before=$(channel net1 routes)
mkdir -m 700 "$tmp/vr2"
cp "$tmp/vr1/dom0" "$tmp/vr2/"
guest_up vr2
ok "a key that nobody enrolled is refused, and logged" wait_for 10 logged "refused: its key is not the one that is expected here: key $(state vr2 key)"
ok "its guest says that it is not let in" wait_for 10 grep -q 'Dom0 (10.9.0.1:4790): ' "$tmp/vr2.log"
guest_down vr2
guest vr2 enroll "$(token net2)"
guest_up vr2
ok "enrolled for net2 it is net2's guest" wait_for 10 connected net2
ok "and net1's is still net1's" untouched
ok "its key cannot be enrolled for net1, too" sh -c "! ip netns exec vr2 xnetman-guest --config $tmp/vr2 enroll '$(token net1)'"
ok "which is logged" logged "the guest's key is network net2's"
ok "and changes nothing" untouched
guest_down vr2
C channel revoke net2
guest_up vr2
ok "a revoked key is refused" wait_for 10 sh -c "grep -q 'refused: its key is not' '$tmp/daemon.log'"
ok "and its guest stays out" not_connected net2
guest_down vr2

# --- hostile bytes ----------------------------------------------------------------------------

hostile() { # from the router vr2, whatever is on standard input
	ip netns exec vr2 timeout 10 bash -c 'exec 3<>/dev/tcp/10.9.0.1/4790; cat >&3; cat <&3' >/dev/null 2>&1 || true
}
head -c 4096 /dev/urandom | hostile
ok "garbage is refused, and logged" wait_for 5 logged "10.9.0.12:.* refused: TLS: "
lines() { grep -c 'channel: 10.9.0.12' "$tmp/daemon.log"; }
n=$(lines)
ip netns exec vr2 bash -c 'for ((i = 0; i < 100; i++)); do exec {fd}<>/dev/tcp/10.9.0.1/4790; done; sleep 1' 2>/dev/null || true
ok "a hundred connections at once are turned away" wait_for 10 logged "refused: connects too often"
ok "with a bounded number of lines ($(($(lines) - n)))" test $(($(lines) - n)) -le 60
ok "and net1's guest does not notice" untouched
is "nobody has told anything in its name" "$(channel net1 routes)" "$routes_before"

# --- the end ----------------------------------------------------------------------------------

C network del net1
ok "without its network the guest is disconnected" wait_for 10 sh -c "test '$(state vr1 connected)' = false"
ok "and its key forgotten" test ! -e "$conf/keys/networks/net1.key"
guest_down vr1
daemon_down
for id in 1 2; do
	ip netns del vr$id
done
ip netns del isp
tap_done

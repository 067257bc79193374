#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a forwarded packet costs, with and without each method of counting, punishing or limiting networks.
# In the lab `--engine qemu --icount` 1 ns of the clock is 1 instruction, so what is measured are instructions.
#
# Usage: packet.sh [-n SIZES] [-m METHODS] [-r ROUNDS] [-k RUNS] [-p PACKETS]
# In each round each method is set up for so many networks, tried once and measured RUNS times with about PACKETS.
# Writes a line of JSON for each to $XNETMAN_OUT/packet.json, the first one about the kernel.
#
# The networks' ports are macvlans on one device, so that one generator sends to all of them in turn: full
# frames, routed out of one link. "plain" is that with nothing else; "single" is a port that is a device of its
# own, "small" the same with frames of 60 bytes (the kernel and pktgen clear a packet's memory, and QEMU counts each
# step of that), and "generator" what pktgen itself takes of a full frame.
. "$(dirname "$0")/../netns/lib.sh"

sizes="3 64 1024 4096"
methods="plain xnetman-count xnetman-punish xnetman-guard police htb nft-map nft-limit hashlimit iptables"
rounds=1 runs=5 count=8192
while getopts n:m:r:k:p: option; do
	case $option in
	n) sizes=$OPTARG ;;
	m) methods=$OPTARG ;;
	r) rounds=$OPTARG ;;
	k) runs=$OPTARG ;;
	p) count=$OPTARG ;;
	*) exit 1 ;;
	esac
done

command -v bench-networks >/dev/null || {
	echo "packet.sh: there is no bench-networks: make bench builds it" >&2
	exit 1
}

# --- the road ------------------------------------------------------------------------------------

road_up() {
	hosts_up
	# What hosts_up keeps enabled for several CPUs is no part of plain forwarding.
	! nft list table netdev pin >/dev/null 2>&1 || nft delete table netdev pin
	modprobe -qa macvlan dummy sch_htb cls_flow sch_ingress cls_matchall act_police nf_tables nft_limit nft_numgen \
		iptable_filter xt_statistic xt_hashlimit || true
	wire trunk
	wire vif
	wire eth1
	ip -n hosts link add nowhere-h type dummy
	ip -n hosts link set nowhere-h up
	ip route add 10.2.1.0/24 dev eth1
	neigh eth1 10.2.1.2
}

ports=0
ports_up() { # N: that many in all
	local i
	for ((i = ports + 1; i <= $1; i++)); do
		printf 'link add link trunk name p%d address 02:01:00:00:%02x:%02x type macvlan mode private\n' \
			$i $((i >> 8)) $((i & 255))
		printf 'link set p%d up\n' $i
	done | ip -batch -
	ports=$1
}

# traffic N PACKETS: to each port in turn; source addresses likewise
traffic() {
	device=trunk
	flows_reset
	flow 1 trunk 02:01:00:00:00:01 10.2.1.2 count "$2" dst_mac_count "$1" src_min 10.1.0.1 \
		src_max 10.1.$(($1 >> 8)).$(($1 & 255))
	packets=$2
}

# alone DEVICE MAC [SIZE]: to one device
alone() {
	device=$1
	flows_reset
	flow 1 "$1" "$2" 10.2.1.2 count "$count" pkt_size "${3:-1514}"
	packets=$count
}

# One run: ns of the clock per packet, with one decimal.
run() {
	local us
	flows_run
	us=$(ip netns exec hosts sed -n 's/.*Result: OK: \([0-9]*\)(.*/\1/p' "/proc/net/pktgen/$device-h@1")
	echo $((us * 10000 / packets)) | sed 's/.$/.&/'
}

# --- methods: NAME_on N, NAME_off ------------------------------------------------------------------

plain_on() { :; }
plain_off() { :; }

# told N PERCENT CAPACITY: as the daemon does each tick
told() {
	module_load
	K link eth1
	bench-networks make 1 "$1" p
	bench-networks push "$1" eth1 "$2" "$3"
}

xnetman-count_on() { told "$1" 0 1000; }
xnetman-count_off() { rmmod xnetman; }

xnetman-punish_on() { told "$1" 10 1000; }
xnetman-punish_off() { rmmod xnetman; }

# The link is contended all the time, so the guard looks at every packet.
xnetman-guard_on() { told "$1" 0 0.0001; }
xnetman-guard_off() { rmmod xnetman; }

# each NUMBER FORMAT: a line for each port, whose number is put in place of every %d
each() {
	seq "$1" | awk -v format="$2" '{ line = format; gsub(/%d/, $1, line); print line }'
}

# The prototype's: a rule that counts and one that drops for each network.
iptables_on() {
	{
		echo '*filter'
		each "$1" '-A FORWARD -i p%d -o eth1'
		each "$1" '-A FORWARD -i p%d -o eth1 -m statistic --mode random --probability 0.1 -j DROP'
		echo COMMIT
	} | iptables-legacy-restore
}
# Without rules its hooks would still be there, in what is measured next.
iptables_off() {
	iptables-legacy -F FORWARD
	modprobe -qr iptable_filter || true
}

# The best of nftables: a look-up leads to the network's own chain.
nft_chains() { # N RULE...
	local n=$1 rule
	shift
	{
		echo 'table ip bench {'
		for ((i = 1; i <= n; i++)); do
			echo "chain n$i {"
			printf '%s\n' "$@"
			echo '}'
		done
		echo 'map networks { type iface_index : verdict; elements = {'
		each "$n" 'p%d : goto n%d,'
		echo '} }'
		echo 'chain forward { type filter hook forward priority 0; iif vmap @networks; }'
		echo '}'
	} | nft -f -
}
nft-map_on() { nft_chains "$1" counter 'numgen random mod 10 0 drop'; }
nft-map_off() { nft delete table ip bench; }
nft-limit_on() { nft_chains "$1" 'limit rate over 4000 mbytes/second burst 100 mbytes drop'; }
nft-limit_off() { nft delete table ip bench; }

# One rule, but then all have the same rate: a network's own would need a rule of its own.
hashlimit_on() {
	iptables-legacy -A FORWARD -o eth1 -m hashlimit --hashlimit-above 500mb/s --hashlimit-burst 600mb \
		--hashlimit-mode srcip --hashlimit-name bench --hashlimit-htable-size 8192 --hashlimit-htable-max 65536 -j DROP
}
hashlimit_off() { iptables_off; }

# A class for each network, found by a filter that computes it.
htb_on() {
	local first
	first=$(cat /sys/class/net/p1/ifindex)
	{
		echo 'qdisc add dev eth1 root handle 1: htb default ffff'
		echo 'class add dev eth1 parent 1: classid 1:f000 htb rate 40gbit burst 1m cburst 1m'
		seq "$1" | awk '{ printf "class add dev eth1 parent 1:f000 classid 1:%x htb rate 10mbit ceil 40gbit " \
			"burst 1m cburst 1m quantum 1514\n", $1 }'
		echo "filter add dev eth1 parent 1: handle 1 prio 1 protocol ip flow map key iif addend -$first baseclass 1:1"
	} | tc -batch -
}
htb_off() { tc qdisc del dev eth1 root; }

police_on() {
	{
		each "$1" 'qdisc add dev p%d clsact'
		each "$1" 'filter add dev p%d ingress matchall action police rate 10gbit burst 1m conform-exceed drop'
	} | tc -batch -
	policed=$1
}
police_off() { each "$policed" 'qdisc del dev p%d clsact' | tc -batch -; }

# Is there what a method needs? Says what is missing.
can() {
	local status=0
	"$1_on" 1 >/dev/null || status=1
	"$1_off" >/dev/null 2>&1 || true
	return $status
}

# --- measuring -------------------------------------------------------------------------------------

# Does the far end get what it should? A method that does not do its work is not measured.
check_arrived() { # METHOD BEFORE SENT
	local arrived=$(($(far eth1 rx_packets) - $2)) least=$3
	case $1 in
	generator) return ;;
	xnetman-punish) least=$(($3 * 89 / 100)) most=$(($3 * 91 / 100)) ;;
	iptables | nft-map) least=$(($3 * 86 / 100)) most=$(($3 * 94 / 100)) ;;
	*) most=$3 ;;
	esac
	[ $arrived -ge $least ] && [ $arrived -le $most ] || {
		echo "packet.sh: $1: $arrived of $3 packets arrived" >&2
		exit 1
	}
}

report() { # NETWORKS METHOD ROUND VALUE...
	printf '{"networks":%d,"method":"%s","round":%d,"runs":[%s]}\n' "$1" "$2" "$3" \
		"$(IFS=,; echo "${*:4}")" | tee -a "$XNETMAN_OUT/packet.json"
}

series() { # NETWORKS METHOD ROUND RUNS
	local values=() before i
	before=$(far eth1 rx_packets)
	for ((i = 0; i < $4; i++)); do
		values+=("$(run)")
	done
	check_arrived "$2" "$before" $((packets * $4))
	report "$1" "$2" "$3" "${values[@]}"
}

measure() { # NETWORKS METHOD ROUND
	local n=$1 method=$2 again=$runs
	traffic "$n" $(((count - 1 + n) / n * n))
	"${method}_on" "$n"
	# A million rules are run through for some thousand packets: one run is enough, and takes long.
	if [ "$method" = iptables ] && [ "$n" -ge 1024 ]; then
		again=1
	else
		run >/dev/null
	fi
	series "$n" "$method" "$3" $again
	"${method}_off"
}

compiler() { # of the module
	readelf -p .comment "$XNETMAN_KO" | sed -n 's/.*GCC: /GCC /p' | head -n 1
}

printf '{"kernel":"%s","compiler":"%s"}\n' "$(uname -r)" "$(compiler)" >"$XNETMAN_OUT/packet.json"
road_up
for ((round = 1; round <= rounds; round++)); do
	alone nowhere 02:00:00:00:00:01
	run >/dev/null
	series 1 generator $round "$runs"
	alone vif "$(mac vif)"
	run >/dev/null
	series 1 single $round "$runs"
	alone vif "$(mac vif)" 60
	run >/dev/null
	series 1 small $round "$runs"
done
for n in $sizes; do
	ports_up "$n"
	for ((round = 1; round <= rounds; round++)); do
		for method in $methods; do
			if can "$method"; then
				measure "$n" "$method" $round
			else
				echo "packet.sh: this kernel or machine has not what $method needs" >&2
			fi
		done
	done
done

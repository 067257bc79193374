# SPDX-License-Identifier: GPL-2.0-or-later
# The test bed of the comparisons: networks that compete for one link, a policy that divides it, and a recorder that
# measures every policy in the same way, at both ends of Dom0, whatever the policy itself says. Sourced by contest.sh
# inside a lab. A scene (scenes/) says what there is:
#
#	link 1000			capacity, Mbit/s
#	intervals 1000 15		Ic in ms, Ics per Il
#	measure 2			so many Ils
#	network 1 split 100 600 1000	id, data path, Rc, Rl, demand by UDP; Mbit/s
#	network 2 vif 100 200 cubic 8	or by so many TCP flows with that congestion control
#	each_il 100 open 2		at that tenth of an Ic in each Il: open or close the sender of network 2
#	in_il 3 100 close 2		the same in one Il only; the first that is measured is 1. 0 0 is when traffic begins
#
# Data paths: split, Dom0 routes in a VRF; vm, a namespace with two vifs routes; vif, traffic comes from the router.
. "$(dirname "${BASH_SOURCE[0]}")/../netns/lib.sh"

ids=() measured=2
warm_up=40 # bins with traffic before the first Il that is measured
declare -A path rc rl demand flows actions
link() { capacity=$1; }
intervals() { ic=$1 ticks=$2 bin=$(($1 * 100)) bins=$(($2 * 10)); } # bin: a tenth of Ic, us; bins: of an Il
measure() { measured=$1; }
network() { ids+=("$1") path[$1]=$2 rc[$1]=$3 rl[$1]=$4 demand[$1]=$5 flows[$1]=${6:-0}; }
each_il() { actions[any.$1]+="$2 $3;"; }
in_il() { actions[$1.$2]+="$3 $4;"; }

# --- the machine ---------------------------------------------------------------------------

# Where a network's traffic is when it has come to Dom0 for the last time: what is offered to the link.
last_port() {
	case ${path[$1]} in vm) echo "vif$1.1" ;; *) echo "in$1" ;; esac
}

ports_of() {
	case ${path[$1]} in
	split) echo "vrf$1, in$1" ;;
	vm) echo "vif$1.0, vif$1.1" ;;
	vif) echo "in$1" ;;
	esac
}

bed_up() {
	local m id
	for m in macvlan sch_ingress cls_matchall cls_u32; do modprobe -q $m 2>/dev/null || true; done
	hosts_up
	bus_up
	module_load seed=5 # so that two runs in virtual time are the same
	wire eth1
	ip netns exec hosts sleep infinity &
	far_pid=$!
	for id in "${ids[@]}"; do
		wire "in$id"
		path_up "$id"
		receiver_up "$id"
		if [ "${flows[$id]}" -gt 0 ]; then
			tcp_up "$id"
		else
			sender_up "$id"
		fi
	done
}

path_up() { # ID
	case ${path[$1]} in
	split)
		ip link add "vrf$1" type vrf table "$((1000 + $1))"
		ip link set "vrf$1" up
		ip link set "in$1" master "vrf$1"
		ip route add "10.2.$1.0/24" dev eth1 table "$((1000 + $1))"
		;;
	vm) router_up "$1" ;;
	vif) ip route add "10.2.$1.0/24" dev eth1 ;;
	esac
	ip addr add "10.1.$1.1/24" dev "in$1"
}

# The virtual router, between two vifs: what comes in at in1 goes through it, and then to the link.
router_up() { # ID
	local n
	ip netns add "vr$1"
	for n in 0 1; do
		ip link add "vif$1.$n" type veth peer name eth$n netns "vr$1"
		ip link set "vif$1.$n" up
		ip -n "vr$1" link set eth$n up
		ip addr add "10.3.$((2 * $1 + n)).1/24" dev "vif$1.$n"
		ip -n "vr$1" addr add "10.3.$((2 * $1 + n)).2/24" dev eth$n
	done
	ip netns exec "vr$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0
	ip -n "vr$1" route add 10.2.0.0/16 via "10.3.$((2 * $1 + 1)).1"
	ip -n "vr$1" route add 10.1.0.0/16 via "10.3.$((2 * $1)).1"
	ip rule add iif "in$1" table "$((2000 + $1))"
	ip route add 10.2.0.0/16 via "10.3.$((2 * $1)).2" dev "vif$1.0" table "$((2000 + $1))"
	ip rule add iif "vif$1.1" table "$((3000 + $1))"
	ip route add 10.2.0.0/16 dev eth1 table "$((3000 + $1))"
}

# Each network has a receiver with a MAC of its own behind the link; what comes there is its throughput.
receiver_up() { # ID
	local mac
	printf -v mac '02:00:00:00:01:%02x' "$1"
	ip -n hosts link add link eth1-h name "net$1" address "$mac" type macvlan mode private
	ip -n hosts link set "net$1" up
	ip neigh replace "10.2.$1.2" lladdr "$mac" dev eth1 nud permanent
}

# A sender that can be shut: its wire takes the packets and they are gone.
sender_up() { # ID
	flow "$1" "in$1" "$(mac "in$1")" "10.2.$1.2" ratep "$(packets_of "$1")" xmit_mode queue_xmit
	tc -n hosts qdisc add dev "in$1-h" clsact
}

# Senders' clocks are never the same as the link's, nor as each other's; with equal ones whoever is a little ahead of the
# other would find room in a full queue each time, and the other never.
packets_of() { # ID
	awk -v mbit="${demand[$1]}" -v id="$1" 'BEGIN { print int(mbit * 1e6 / 8 / 1514 * (1 + 0.0007 * sin(2.4 * id))) }'
}

# A host that speaks TCP, 10 ms away, and its server behind the link, 10 ms from it.
tcp_up() { # ID
	ip netns add "h$1"
	ip -n hosts link set "in$1-h" netns "h$1"
	ip -n "h$1" addr add "10.1.$1.2/24" dev "in$1-h"
	ip -n "h$1" link set "in$1-h" up
	ip -n "h$1" route add default via "10.1.$1.1"
	ip -n hosts addr add "10.2.$1.2/32" dev "net$1"
	ip -n hosts route add "10.2.$1.1" dev "net$1"
	ip -n hosts route add "10.1.$1.0/24" via "10.2.$1.1" dev "net$1"
	ip -n hosts neigh replace "10.2.$1.1" lladdr "$(mac eth1)" dev "net$1" nud permanent
	ip netns exec hosts sysctl -qw "net.ipv4.conf.net$1.rp_filter=0"
	ip netns exec "h$1" ethtool -K "in$1-h" tso off gso off >/dev/null
	tc -n "h$1" qdisc add dev "in$1-h" root netem delay 10ms limit 100000
	tc -n hosts qdisc add dev "net$1" root netem delay 10ms limit 100000
	ip netns exec hosts stream serve "10.2.$1.2" &
}

declare -A shut
open() {
	[ -z "${shut[$1]:-}" ] || tc -n hosts filter del dev "in$1-h" egress
	shut[$1]=
}

close() {
	[ -n "${shut[$1]:-}" ] || tc -n hosts filter add dev "in$1-h" egress matchall action trap
	shut[$1]=yes
}

# --- the policies ----------------------------------------------------------------------------

# The link's queue: the wire is a TBF, the same for all, and below it is what the policy has.
queue_up() { # POLICY
	local id
	tc qdisc del dev eth1 root 2>/dev/null || true
	tc qdisc add dev eth1 root handle 1: tbf rate "${capacity}mbit" burst 64kb limit 4mb
	case $1 in
	TC*)
		tc qdisc add dev eth1 parent 1:1 handle 2: htb
		tc class add dev eth1 parent 2: classid 2:1 htb rate "${capacity}mbit" # whom they borrow from
		;;
	*) tc qdisc add dev eth1 parent 1:1 handle 2: bfifo limit "$((capacity * 1250))" # 10 ms ;;
	esac
	case $1 in TC*) for id in "${ids[@]}"; do class_up "$1" "$id"; done ;; esac
}

class_up() { # TC1|TC2|TC3 ID
	local rate=${rc[$2]} ceil=$capacity class
	case $1 in
	TC1) rate=${rl[$2]} ;;
	TC2) ceil=${rl[$2]} ;;
	esac
	class=$(printf %x $((16 + $2)))
	tc class add dev eth1 parent 2:1 classid "2:$class" htb rate "${rate}mbit" ceil "${ceil}mbit"
	tc qdisc add dev eth1 parent "2:$class" bfifo limit "$((capacity * 1250))" # 10 ms
	tc filter add dev eth1 parent 2: protocol ip u32 match ip dst "10.2.$2.0/24" flowid "2:$class"
}

define_all() { # POLICY
	local policy=off guard= id
	case $1 in
	unguarded) policy=xnetman guard=", guard: off" ;;
	xnet*) policy=$1 ;;
	esac
	conf=$tmp/$1
	mkdir -p "$conf/networks.d"
	cat >"$conf/xnetman.yaml" <<-END
		short_interval: ${ic}ms
		long_interval: $((ic * ticks))ms
		policy: $policy
		links: [{name: eth1, capacity: ${capacity}Mbit$guard}]
	END
	for id in "${ids[@]}"; do
		cat >"$conf/networks.d/net$id.yaml" <<-END
			name: net$id
			ports: [$(ports_of "$id")]
			bandwidth: [{link: eth1, rc: ${rc[$id]}Mbit, rl: ${rl[$id]}Mbit}]
		END
	done
}

# --- the recorder -----------------------------------------------------------------------------

ticked() {
	xnetman-ctl -j status | jq -e '.tick > 0'
}

# Microseconds, realtime, of the start of the daemon's current long interval.
il_start() {
	xnetman-ctl -j status | jq '(.time - .elapsed) * 1e6 | round'
}

exec {clock}<> <(:)
sleep_until() { # MICROSECONDS
	local left seconds
	while left=$(($1 - ${EPOCHREALTIME/[.,]/})); ((left > 0)); do
		printf -v seconds '%d.%06d' $((left / 1000000)) $((left % 1000000))
		read -rt "$seconds" -u "$clock" || :
	done
}

# Both ends' devices, as the kernel shows them, every bin from the second Il on; and what is to be done at that moment.
record() { # START
	local k action lines
	for ((k = (${EPOCHREALTIME/[.,]/} - $1) / bin + 1; k <= bins * (1 + measured); k++)); do
		sleep_until $(($1 + k * bin))
		if ((k >= bins)); then
			echo "@ $((k - bins))"
			mapfile lines <"/proc/self/net/dev"
			printf %s "${lines[@]:2}"
			mapfile lines <"/proc/$far_pid/net/dev"
			printf %s "${lines[@]:2}"
		fi
		act $((k / bins)) $((k % bins))
	done
}

act() { # IL BIN
	eval "${actions[any.$2]:-}${actions[$1.$2]:-}"
}

# Seconds and bytes: [t, offered and arrived of the first network, of the second ...]
to_json() {
	local id columns=
	for id in "${ids[@]}"; do
		columns+="$(last_port "$id"): net$id: "
	done
	awk -v columns="$columns" -v bin="$bin" '
		function flush(i) {
			if (at == "") return
			printf "[%.10g", at * bin / 1e6
			for (i = 1; i <= n; i++) printf ", %s", bytes[name[i]]
			print "]"
		}
		BEGIN { n = split(columns, name, " ") }
		$1 == "@" { flush(); at = $2; next }
		{ bytes[$1] = $2 }
		END { flush() }' | jq -cs .
}

# Changes of demand while it is measured: seconds, network, open or close.
events_json() {
	local il k action
	for ((il = 1; il <= measured; il++)); do
		for ((k = 0; k < bins; k++)); do
			while read -r action; do
				[ -z "$action" ] || echo "$(((il - 1) * bins + k)) $action"
			done < <(tr ';' '\n' <<<"${actions[any.$k]:-}${actions[$il.$k]:-}")
		done
	done | jq -cRs --argjson bin "$bin" \
		'split("\n")[:-1] | map(split(" ") | {t: ((.[0] | tonumber) * $bin / 1e6), network: "net\(.[2])", to: .[1]})'
}

contract_json() {
	local id
	for id in "${ids[@]}"; do
		jq -nc --arg id "$id" --arg path "${path[$id]}" --arg demand "${demand[$id]}" --argjson flows "${flows[$id]}" \
			--argjson rc "${rc[$id]}" --argjson rl "${rl[$id]}" \
			'{name: "net\($id)", path: $path, rc_bps: ($rc * 1e6), rl_bps: ($rl * 1e6)}
			 + if $flows > 0 then {tcp: $demand, flows: $flows} else {} end'
	done | jq -cs .
}

# One policy, from its start to its end. Writes OUT, a JSON document.
contest() { # POLICY OUT
	local start
	queue_up "$1"
	define_all "$1"
	rm -rf "$tmp/state" "$tmp/history.db"
	daemon_up
	wait_for 60 ticked
	start=$(il_start)
	sleep_until $((start + (bins - warm_up) * bin))
	act 0 0
	traffic_start
	record "$start" >"$tmp/samples"
	traffic_stop
	daemon_down
	to_json <"$tmp/samples" >"$tmp/samples.json"
	jq -nc --arg policy "$1" --argjson capacity "$capacity" --argjson ic "$ic" --argjson ticks "$ticks" \
		--argjson networks "$(contract_json)" --argjson events "$(events_json)" --slurpfile samples "$tmp/samples.json" \
		'{policy: $policy, capacity_bps: ($capacity * 1e6), ic: ($ic / 1e3), ticks: $ticks, networks: $networks,
		  events: $events, samples: $samples[0]}' >"$2"
}

udp_ids() {
	local id
	for id in "${ids[@]}"; do
		[ "${flows[$id]}" -gt 0 ] || echo "$id"
	done
}

clients=()
traffic_start() {
	local id
	[ -z "$(udp_ids)" ] || flows_start
	clients=()
	for id in "${ids[@]}"; do
		[ "${flows[$id]}" -gt 0 ] || continue
		ip netns exec "h$id" stream send "10.2.$id.2" "${flows[$id]}" "${demand[$id]}" &
		clients+=($!)
	done
}

traffic_stop() {
	local pid
	[ -z "$(udp_ids)" ] || flows_stop
	for pid in "${clients[@]}"; do
		kill "$pid"
		wait "$pid" 2>/dev/null || true
	done
}

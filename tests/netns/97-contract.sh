#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A day of a contract with a schedule, the one on which Berlin's clocks go on by an hour: four changes, each at its tick
# (the first one at or after the instant), and a history and a day's report that equal what the module's own counters say,
# judged by the contract as a person reads it. A tick is a minute here, so that the day takes minutes of virtual time.
. "$(dirname "$0")/lib.sh"

[ -n "${XNETMAN_LAB_VIRTUAL:-}" ] || {
	skip "a day of a contract" "it takes a day without virtual time"
	tap_done
	exit
}

conf=$tmp/conf
mkdir -p "$conf/networks.d"

utc() { # MM-DD HH:MM of 2027
	date -u -d "2027-$1 $2" +%s
}

date -u -s "2027-03-27 21:59:20" >/dev/null
hosts_up
wire eth1
wire vif1.0
wire vif2.0
sink eth1 198.51.100.0/24
neigh eth1 198.51.100.9
module_load

# --- the contract --------------------------------------------------------------------------------

# Of net1, in UTC: 23:00 to 01:30 (00:00 to 03:30 in Berlin, an hour of which is not there), and 06:00 to 10:00.
cat >"$conf/xnetman.yaml" <<-END
	short_interval: 60s
	long_interval: 900s
	links: [{name: eth1, capacity: 50kbit}]
	reports: {every: day, folder: $tmp/reports}
END
cat >"$conf/networks.d/net1.yaml" <<-END
	name: net1
	ports: [vif1.0]
	timezone: Europe/Berlin
	bandwidth: [{link: eth1, rc: 5kbit, rl: 10kbit}]
	schedule:
	  - when: Sun 00:00..03:30
	    bandwidth: [{link: eth1, rc: 15kbit, rl: 30kbit}]
	  - when: 08:00..12:00
	    first_day: 2027-03-28
	    bandwidth: [{link: eth1, rc: 10kbit, rl: 22.5kbit}]
END
cat >"$conf/networks.d/net2.yaml" <<-END
	name: net2
	ports: [vif2.0]
	bandwidth: [{link: eth1, rc: 10kbit, rl: 20kbit}]
END
changes="03-27T23:00 03-28T01:30 03-28T06:00 03-28T10:00"

bus_up
TZ=Europe/Berlin daemon_up # the day has 23 hours, from 23:00 to 22:00 UTC
ok "sla show knows what holds at an instant, by a person's clock" \
	test "$(C -j sla show net1 at '2027-03-28 01:15 UTC' | jq -r '.[0].entries[0], .[0].slas[0].rl_bps')" = $'Sun 00:00..03:30\n30000'
ok "and when that changes" \
	test "$(C -j sla show net1 at '2027-03-28 00:00 UTC' | jq '.[0].end')" = "$(utc 03-28 01:30)"
is "sla plan draws the hour that is not there as a blank" \
	"$(C sla plan net1 from 2027-03-28 | sed -n 's/^Sun 2027-03-28  //p')" \
	"aaaa  a.........bbbbbbbb........................"
is "sla plan tells the day's spans" \
	"$(C -j sla plan net1 from 2027-03-28 | jq -r ".[] | select(.end <= $(utc 03-28 10:00)).end" | xargs)" \
	"$(utc 03-27 23:00) $(utc 03-28 01:30) $(utc 03-28 06:00) $(utc 03-28 10:00)"

# --- admission -----------------------------------------------------------------------------------

definition() { # RC RL WHEN
	cat <<-END
		name: net3
		timezone: Europe/Berlin
		schedule:
		  - when: $3
		    bandwidth: [{link: eth1, rc: $1, rl: $2}]
	END
}

definition 15kbit 20kbit "13:00..23:00" >"$tmp/fits.yaml"
definition 27.5kbit 27.5kbit "Sun 03:00..04:00" >"$tmp/meets.yaml"
definition 30 20kbit "13:00..23:00" >"$tmp/wrong.yaml"
ok "admit: what fits beside all others at all times" C admit "$tmp/fits.yaml"
status=0
C -j admit "$tmp/meets.yaml" >"$tmp/admission" || status=$?
is "admit: what does not fit on some Sunday ends with status 7" $status 7
is "it says which check, what was sold and what would fit" \
	"$(jq -r '.checks[] | select(.ok | not) | "\(.check) \(.asked_bps) \(.sold_bps) \(.room_bps)"' "$tmp/admission" | xargs)" \
	"guarantee 27500 25000 25000 long_term 27500 50000 0"
status=0
C admit "$tmp/wrong.yaml" 2>"$tmp/why" || status=$?
is "admit: a mistake is told with file and line" "$status $(cat "$tmp/why")" \
	"1 xnetman-ctl: $tmp/wrong.yaml:5: schedule[0].bandwidth[0].rc: \"30\" has no unit: write 100Mbit, 100kbit or 100bit"
ok "network add refuses the same, and nothing is left of it" sh -c \
	"! xnetman-ctl network add net3 timezone Europe/Berlin schedule 'Sun 03:00..04:00' link eth1 rc 27.5kbit 2>$tmp/why &&
	 grep -q 'does not fit on eth1 any more at 2027' $tmp/why && [ ! -e $conf/networks.d/net3.yaml ]"
ok "network add takes what fits" C network add net3 timezone Europe/Berlin \
	schedule 13:00..23:00 link eth1 rc 15kbit rl 20kbit
ok "and writes it so that it is read again" sh -c "xnetman-ctl reload && grep -q 'when: \"13:00..23:00\"' $conf/networks.d/net3.yaml"
C network delete net3

# --- the day -------------------------------------------------------------------------------------

flow 1 vif1.0 "$(mac vif1.0)" 198.51.100.9 pkt_size 1250 ratep 5
flow 2 vif2.0 "$(mac vif2.0)" 198.51.100.9 pkt_size 1250 ratep 4
xnetman-ctl -j monitor >"$tmp/signals" 2>&1 &
monitors=$!

# After every tick what the module has counted.
xnetman-ctl -j monitor --ticks >"$tmp/ticks.json" 2>&1 &
monitors="$monitors $!"
flows_start
while [ "$(date +%s)" -lt "$(utc 03-28 22:20)" ]; do sleep 600; done
flows_stop
sleep 1
C -j history count 100000 >"$tmp/history"
# shellcheck disable=SC2086
kill $monitors

# --- each change at its tick -----------------------------------------------------------------------

jq -r 'select(.signal == "Switched" and .network == "net1") | "\(.time | floor) \(.when)"' "$tmp/signals" >"$tmp/switched"
jq -r 'select(.signal == "Tick") | .status.time | floor' "$tmp/ticks.json" >"$tmp/ticks"
is "net1's contract changed four times" "$(wc -l <"$tmp/switched")" 4
n=0
for change in $changes; do
	n=$((n + 1))
	instant=$(utc "${change%T*}" "${change#*T}")
	tick=$(awk -v i="$instant" '$1 >= i { print $1; exit }' "$tmp/ticks")
	is "change $n, $change UTC, comes with the first tick from then on" \
		"$(sed -n "${n}s/ .*//p" "$tmp/switched")" "$tick"
	ok "which is within a tick of it" test $((tick - instant)) -lt 60
done

# --- the history and the report, computed anew ----------------------------------------------------------------------

# rc and rl of a network at an instant, as the contract reads: instants of UTC, written out. Of the day's figures each
# long interval counts whose middle is in it.
cat >"$tmp/judge.awk" <<-'END'
	function rc(net, t) {
		if (net == "net2") return 10000
		if (t >= sun0 && t < sun1) return 15000
		return t >= day0 && t < day1 ? 10000 : 5000
	}
	function rl(net, t) {
		if (net == "net2") return 20000
		if (t >= sun0 && t < sun1) return 30000
		return t >= day0 && t < day1 ? 22500 : 10000
	}
	function err(due, demand, through) {
		due = due < demand ? due : demand
		return due <= 0 || through >= due ? 0 : 1 - through / due
	}
	# the tick at t decides with what holds at t; what the next one counts is judged by that
	$1 == "tick" {
		net = $2; t = $3; o = $4; d = $5
		if (net in last) {
			s = t - last[net]; D = (o - off[net]) * 8 / s; V = D - (d - drop[net]) * 8 / s
			sec[net] += s; do_[net] += D * s; vo[net] += V * s; n[net]++
			right[net] += rl(net, last[net]) * s; due[net] += rc(net, last[net]) * s
			ec[net] += err(rc(net, last[net]), D, V)
		}
		last[net] = t; off[net] = o; drop[net] = d
	}
	function begin(net) {
		sec[net] = do_[net] = vo[net] = n[net] = right[net] = due[net] = ec[net] = 0
	}
	$1 == "close" { # NET TIME D V EC EL C of the history
		net = $2
		if (sec[net] < 890) { begin(net); next }
		D = do_[net] / sec[net]; V = vo[net] / sec[net]; E = ec[net] / n[net]
		L = err(right[net] / sec[net], D, V); C = 1 - E / 2 - L / 2
		judged++
		if (abs(D - $4) > 20 || abs(V - $5) > 20 || abs(E - $6) > 0.002 || abs(L - $7) > 0.002 || abs(C - $8) > 0.002)
			printf "%s at %d: D %.0f V %.0f Ec %.4f El %.4f C %.4f, not %.0f %.0f %.4f %.4f %.4f\n", net, $3, D, V, E, L, C, $4, $5, $6, $7, $8
		else
			equal++
		middle = $3 - sec[net] / 2
		if (middle >= from && middle < to) {
			S[net] += sec[net]; O[net] += do_[net]; T[net] += vo[net]; R[net] += right[net]; G[net] += due[net]
			N[net] += n[net]; EC[net] += ec[net]; I[net]++; EL[net] += L; CO[net] += C
		}
		begin(net)
	}
	$1 == "report" { # NET and the same figures as in the line below, of the day's report
		net = $2
		split(sprintf("%d %d %.0f %.0f %.0f %.0f %.0f %.4f %.4f %.4f", I[net], N[net], S[net], O[net] / S[net], T[net] / S[net],
			G[net] / S[net], R[net] / S[net], EC[net] / N[net], EL[net] / I[net], CO[net] / I[net]), want)
		same = 1
		for (i = 1; i <= 10; i++)
			if (abs($(i + 2) - want[i]) > (i < 3 ? 0 : i < 8 ? 20 : 0.002)) same = 0
		line = ""
		for (i = 1; i <= 10; i++) line = line " " want[i]
		printf "report %s %s:%s\n", net, same ? "equal" : "another, from the counters", line
	}
	function abs(x) { return x < 0 ? -x : x }
	END { printf "equal %d of %d\n", equal, judged }
END
{
	jq -r 'select(.signal == "Tick") | .status | .time as $t | .links[0].networks[] |
		"tick \(.name) \($t) \(.offered_bytes) \(.dropped_bytes)"' "$tmp/ticks.json"
	jq -r '.[] | select(.link == "eth1") | "close \(.network) \(.time) \(.demand_bps) \(.throughput_bps) \(.ec_mean) \(.el) \(.conformity)"' "$tmp/history"
} | sort -k3,3n -k1,1r -k2,2 >"$tmp/lines"
report() { # NETWORK: of the day
	jq -r '.networks[0].resources[0] | "report '"$1"' \(.intervals) \(.ticks) \(.seconds) \(.demand_bps) \(.throughput_bps) \(.rc_bps) \(.rl_bps) \(.ec_mean) \(.el_mean) \(.conformity)"' \
		"$tmp/reports/day-2027-03-28/$1.json"
}
{
	cat "$tmp/lines"
	report net1
	report net2
} | awk -f "$tmp/judge.awk" -v from="$(utc 03-27 23:00)" -v to="$(utc 03-28 22:00)" -v sun0="$(utc 03-27 23:00)" -v sun1="$(utc 03-28 01:30)" \
	-v day0="$(utc 03-28 06:00)" -v day1="$(utc 03-28 10:00)" >"$tmp/judged"
sed 's/^/# /' "$tmp/judged" | tail -n 20
report net1 | sed 's/^/# /'
ok "a day of long intervals was judged" test "$(sed -n 's/equal [0-9]* of //p' "$tmp/judged")" -ge 180
for net in net1 net2; do
	is "the day's report of $net, of 23 hours, is their sum" "$(grep -c "^report $net equal" "$tmp/judged")" 1
done
is "each equals what the module's counters say, judged by the contract as it reads" \
	"$(sed -n 's/equal \([0-9]*\) of \([0-9]*\)/\1/p' "$tmp/judged")" "$(sed -n 's/equal [0-9]* of //p' "$tmp/judged")"
ok "nobody's contract was broken" sh -c \
	"[ \"\$(jq '[.[] | select(.conformity < 0.99 and .time > $(utc 03-27 22:40) and .time < $(utc 03-28 22:20))] | length' $tmp/history)\" = 0 ]"

# --- what does not fit is told, and controlled -------------------------------------------------------

daemon_down
sed -i 's/50kbit/35kbit/' "$conf/xnetman.yaml"
daemon_up
ok "a daemon that finds more sold than there is says so" grep -q "does not fit on eth1 any more.*going on with what there is" "$tmp/daemon.log"
sleep 150
ok "and controls" sh -c 'xnetman-ctl -j info | jq -e ".ticks > 1"'
ok "what is no worse may be set" C network set net1 priority 0
ok "what is worse may not" sh -c "! xnetman-ctl network set net2 link eth1 rl 22kbit 2>$tmp/why && grep -q 'does not fit' $tmp/why"
daemon_down
tap_done

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The SLA monitor: guarantees that are broken on purpose give one breach each, with their cause; reports equal the
# module's counters; a history that is damaged, or a disk that is full, never stops the control.
. "$(dirname "$0")/lib.sh"

conf=$tmp/conf
mkdir -p "$conf/networks.d"
cat >"$conf/xnetman.yaml" <<-END
	long_interval: 5s
	channel: {listen: "10.9.0.1:4790"}
	history: {intervals: 2d, size: 16MiB}
	reports: {every: hour, folder: $tmp/reports, keep: 2}
	links:
	  - name: eth1
	    capacity: 100Mbit
END
sold() { # NETWORK VIF SLA
	printf 'name: %s\nports: [%s]\nbandwidth: [{link: any, %s}]\n' "$1" "$2" "$3" >"$conf/networks.d/$1.yaml"
}
sold net1 vif1.0 "rc: 5Mbit, rl: 35Mbit"
sold net2 vif2.0 "rc: 10Mbit"

# The last three hours' report; FILTER sees a network's resource eth1 as .r and its breaches as .b.
rep() { # NETWORK JQ-FILTER
	C -j report "$1" from -2h | jq -r ".networks[0] |
		{r: (.resources[] | select(.name==\"eth1\")), b: .breaches} | $2"
}

breaches() { # NETWORK CAUSE KIND: how many
	rep "$1" "[.b[] | select(.cause==\"$2\" and .kind==\"$3\")] | length"
}

logged() { grep -q "$1" "$tmp/daemon.log"; }
counters() { share "$1" eth1 offered_bytes; }
net_id() { C -j network list | jq ".[] | select(.name==\"$1\").id"; }
ticks() { C -j info | jq .ticks; }
intervals() { C -j history net1 link eth1 count 1000 | jq length; }
newest() { C -j history net1 link eth1 count 1 | jq '.[-1].time // 0'; }
newer() { test "$(newest | cut -d. -f1)" -ge "$1"; }
next_intervals() { # N whole ones from now on (most of the time is slept: asking costs a lab much)
	local until=$(($(date +%s) + 5 * $1))
	sleep $((5 * $1))
	wait_until 10 newer $until
}

hosts_up
bus_up
networks_up 20 30
ip link add dom0 type veth peer name guest netns hosts
ip addr add 10.9.0.1/24 dev dom0
ip link set dom0 up
ip -n hosts addr add 10.9.0.2/24 dev guest
ip -n hosts link set guest up
# two minutes before an hour is over
date -s '2026-03-01 11:58:00' >/dev/null
module_load
daemon_up
id1=$(net_id net1) id2=$(net_id net2)
xnetman-ctl -j monitor >"$tmp/signals" 2>&1 &
monitor=$!

# --- demand beyond contract is no breach ---
flows_start
next_intervals 3
is "demand beyond contract is no breach" "$(rep net2 '.b | length')" 0
near "and kept at what was sold, the conformity is 1" "$(C -j history net2 count 1 link eth1 | jq '.[0].conformity')" 1 0.005
is "it is punished because its volume is spent" "$(rep net2 '.r.why | keys | join(",")')" spent
near "by two thirds" "$(C -j history net2 count 1 link eth1 | jq '.[0].depth')" 0.667 0.01
near "nearly all the time" "$(C -j history net2 count 1 link eth1 | jq '.[0].punished')" 1 0
is "who stays within is not punished" "$(rep net1 '.r.punished_ticks')" 0

# --- the link goes down ---
ip -n hosts link set eth1-h down
told() { # CAUSE: by a signal
	jq -es "any(.signal==\"Breach\" and .kind==\"short\" and .network==\"net1\" and .error>0 and .cause==\"$1\")" "$tmp/signals"
}
ended() { # CAUSE
	jq -es "any(.signal==\"Breach\" and .kind==\"short\" and .network==\"net1\" and .error==0 and .cause==\"$1\")" "$tmp/signals"
}
ok "a link that goes down is signalled at once" wait_until 3 told link-down
sleep 2
ip -n hosts link set eth1-h up
ok "and its end, too" wait_until 5 ended link-down
next_intervals 2
is "in the report it is one breach of the short term" "$(breaches net1 link-down short)" 1
is "its fault is the provider's" "$(rep net1 '[.b[] | select(.kind=="short").fault] | unique | join(",")')" provider
near "it lasted as long as it did" "$(rep net1 '.b[] | select(.kind=="short").seconds')" 3 1.1
is "all was lost" "$(rep net1 '.b[] | select(.kind=="short").error')" 1
ok "and of the long term, in at most two intervals" sh -c "case $(breaches net1 link-down long) in 1 | 2) ;; *) false ;; esac"
is "net2's guarantee was broken, too" "$(breaches net2 link-down short)" 1

# --- somebody else drops ---
wait_for 3 sh -c "test \$(xnetman-ctl -j info | jq .ticks) -gt $(ticks)" # right behind a tick
K push 3s "$id1" eth1 100%
ok "somebody else's push is a breach, and is called so" wait_until 5 told others
ok "until the next tick" wait_until 5 ended others
next_intervals 1
is "it is one breach" "$(breaches net1 others short)" 1
is "nobody else had one" "$(breaches net2 others short)" 0

# --- the daemon does not come to tick; the guard would spare who is below what he is allowed ---
C link set eth1 guard off
next_intervals 1
kill -STOP "$daemon_pid"
pg vif2.0-h@2 "rate 10"
sleep 2.3
kill -CONT "$daemon_pid"
late() { test "$(breaches net2 late short)" = 1; }
ok "a demand that fell while the daemon was stopped: late" wait_until 15 late
is "net1, whom no decision concerned, had no such breach" "$(breaches net1 late short)" 0
pg vif2.0-h@2 "rate 30"

# --- the report and the counters ---
flows_stop
sleep 1
volume() { rep net$1 '[.r.offered_bits, .r.used_bits] | map(. / 8) | @tsv'; }
kernel() { # as what passed while the link was down was lost there
	counter ".[] | select(.kind==\"share\" and .net_id==$1 and .device==\"eth1\") | [.offered_bytes, .dropped_bytes] | @tsv"
}
equal() { test "$(volume 1 | cut -f 1)" = "$(kernel "$id1" | cut -f 1)" && test "$(volume 2 | cut -f 1)" = "$(kernel "$id2" | cut -f 1)"; }
ok "what the report says was offered is what the module counted, to the byte" wait_until 20 equal
down=$(($(near_end eth1 tx_dropped)))
echo "# net1 $(volume 1), kernel $(kernel "$id1"); eth1 dropped $down packets"
got=$(($(volume 1 | cut -f 2) + $(volume 2 | cut -f 2)))
arrived=$(far eth1 rx_bytes)
near "what it says was let through is what arrived (less what passed as the link went up or down)" "$got" "$arrived" 5000000

# --- periods ---
hour() { test -s "$tmp/reports/hour-2026-03-01T11+0000/_all.json"; }
guest() {
	ip netns exec hosts xnetman-guest --config "$tmp/guest" --state "$tmp/guest.run" "$@"
}
token=$(C -j channel enroll net1 | jq -r .token)
guest enroll "$token" >/dev/null
guest >>"$tmp/guest.log" 2>&1 &
guest_pid=$!
wait_until 10 guest status
date -s '2026-03-01 11:59:56' >/dev/null
ok "when an hour is over its report is there" wait_until 20 hour
whole() { test -s "$tmp/reports/hour-2026-03-01T11+0000/net2.html"; }
ok "in all formats" wait_until 5 whole
is "it has what the hour's intervals had" \
	"$(jq '.networks[0].resources[] | select(.name=="eth1").offered_bits / 8' "$tmp/reports/hour-2026-03-01T11+0000/net1.json")" \
	"$(kernel "$id1" | cut -f 1)"
ok "for people, too" grep -q 'provider: the link was down' "$tmp/reports/hour-2026-03-01T11+0000/net1.txt"
ok "the operator has it in his machine" wait_until 20 guest report
digest() { jq -c '.networks[] | [.resources[0].used_bits, (.breaches | map(.cause))]'; }
is "and it is the same" "$(guest -j report | digest)" "$(digest <"$tmp/reports/hour-2026-03-01T11+0000/net1.json")"
ok "as text" sh -c "ip netns exec hosts xnetman-guest --state $tmp/guest.run report | grep -q 'Network net1'"
kill "$guest_pid"
ok "the report as HTML asks nobody for anything" sh -c "xnetman-ctl report format html | grep -q '<svg' && ! xnetman-ctl report format html | grep -qE 'src=|https?://'"
ok "a report of nothing says so" sh -c "xnetman-ctl report net9 | grep -q 'Nothing is known'"
ok "a time that is none is refused" sh -c "! xnetman-ctl report from yesterday"
date -s '2026-03-01 12:59:56' >/dev/null
second() { test -s "$tmp/reports/hour-2026-03-01T12+0000/_all.json"; }
ok "the next hour has its own" wait_until 20 second
date -s '2026-03-01 13:59:56' >/dev/null
third() { test ! -e "$tmp/reports/hour-2026-03-01T11+0000" && test -e "$tmp/reports/hour-2026-03-01T13+0000"; }
ok "and only so many are kept" wait_until 20 third
kill $monitor

# --- damage ---
# Wherever the file is cut or another byte is written (daemon_store_test tries them all), the daemon starts and punishes,
# says so if something is lost, and what can be read goes on.
before=$(intervals)
daemon_down
cp "$tmp/history.db" "$tmp/whole.db"
size=$(stat -c %s "$tmp/whole.db")
punished() { C -j status | jq -e '.links[0].networks[] | select(.name=="net2").ratio > 0.6'; }
put_history() {
	rm -f "$tmp"/history.db*
	cp "$tmp/whole.db" "$tmp/history.db"
}
noise() { # BYTE COUNT
	dd if=/dev/urandom of="$tmp/history.db" bs=1 seek="$1" count="$2" conv=notrunc status=none
}
restart() { # WHAT LEAST: intervals there must be at least
	local said
	said=$(wc -l <"$tmp/daemon.log")
	daemon_up
	ok "history $1: the daemon punishes" wait_until 10 punished
	kept=$(intervals)
	ok "history $1: and keeps what can be read ($kept of $before intervals)" test "$kept" -ge "$2"
	[ "$kept" -ge "$before" ] || ok "history $1: and says so" sh -c "tail -n +$said $tmp/daemon.log | grep -q 'history.db: damaged'"
	daemon_down
}
flows_start
for at in 0 99 4096 $((size / 2)); do
	put_history
	truncate -s "$at" "$tmp/history.db"
	restart "cut at $at of $size" 0
done
for at in 0 28 4096 $((size / 2)); do
	put_history
	noise "$at" 8
	restart "with noise at $at" 0
done
put_history
noise 4096 4096
noise 20 30
restart "with a page of noise" $((before - 30))
ok "a damaged one is kept beside" sh -c "ls $tmp/history.db.damaged-*"

# --- no room ---
mkdir "$tmp/small"
mount -t tmpfs -o size=96k small "$tmp/small"
daemon_up --history "$tmp/small/history.db"
ok "a disk that is full is told" wait_until 90 logged "history is not being written"
t=$(ticks)
on() { test "$(ticks)" -gt $((t + 3)); }
ok "and ticks go on" wait_until 10 on
ok "with punishments" punished
mount -o remount,size=20m "$tmp/small"
ok "when there is room again it is written again" wait_until 60 logged "history is being written again"
daemon_down
mount -o remount,ro "$tmp/small"
daemon_up --history "$tmp/small/history.db"
ok "on a disk that may only be read the daemon starts" wait_until 10 punished
ok "and says so" test "$(grep -c 'history is not being written' "$tmp/daemon.log")" -ge 2
daemon_down
umount "$tmp/small"
flows_stop
tap_done

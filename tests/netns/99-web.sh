#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# xnetman-web: who may ask what; Prometheus scrapes it and has the module's counters; the page in a browser.
. "$(dirname "$0")/lib.sh"

[ -n "${XNETMAN_LAB_VIRTUAL:-}" ] || {
	skip "metrics, API and page" "ten minutes of a browser take hours in an emulated machine; user space is the same everywhere"
	tap_done
	exit
}

for program in prometheus promtool chromium curl; do
	ok "$program is here (scripts/deps test-web)" command -v $program
done

conf=$tmp/conf
mkdir -p "$conf/networks.d"
cat >"$conf/xnetman.yaml" <<-END
	long_interval: 5s
	cpu: 50%
	memory: 1000routes
	links: [{name: eth1, capacity: 100Mbit}]
END
sold() { # NETWORK VIF SLA
	printf 'name: %s\nports: [%s]\nbandwidth: [{link: any, %s}]\ncpu: {rc: 5%%, rl: 20%%}\n' "$1" "$2" "$3" >"$conf/networks.d/$1.yaml"
}
sold net1 vif1.0 "rc: 5Mbit, rl: 35Mbit"
sold net2 vif2.0 "rc: 10Mbit"
sold net3 vif3.0 "rc: 1Mbit, rl: 40Mbit, rmax: 60Mbit"

at=http://localhost:9790
get() { # PATH CURL-OPTION...
	local path=$1
	shift
	curl -s -m 60 "$@" "$at$path"
}
status_of() { # PATH CURL-OPTION...: of HTTP
	get "$@" -o "$tmp/body" -w '%{http_code}'
}

# --- a lab with traffic ---
hosts_up
bus_up
networks_up 20 30 40
module_load
daemon_up
# as the unit has it: a user of no group that may change anything
setpriv --reuid=65534 --regid=65534 --clear-groups xnetman-web --name dom0.example >>"$tmp/web.log" 2>&1 &
web_pid=$!
answers() { get /metrics -o /dev/null; }
ok "it answers" wait_for 10 answers
flows_start
sleep 8

# --- records are xnetman-ctl's ---
same() { # PATH CTL-WORD...
	local path=$1 i
	shift
	for i in 1 2 3; do # a tick may be between them
		test "$(get "$path" | jq -S .)" != "$(C -j "$@" | jq -S .)" || return 0
	done
	return 1
}
ok "/api/status is xnetman-ctl status" same /api/status status
ok "/api/networks is network list" same /api/networks network list
ok "/api/links is link list" same /api/links link list
ok "/api/history is history" same "/api/history?network=net1&link=eth1&count=1" history net1 link eth1 count 1
ok "/api/sla is sla show" same "/api/sla?at=1893456000" sla show at "2030-01-01 00:00 UTC"
printf 'ports: [vif4.0]\nbandwidth: [{link: eth1, rc: 90Mbit, rl: 90Mbit}]\n' >"$tmp/net4.yaml"
yaml=(-H "Content-Type: application/yaml" --data-binary "@$tmp/net4.yaml")
ok "/api/admit is admit" test "$(get '/api/admit?name=net4' "${yaml[@]}" | jq -S .)" = "$(C -j admit "$tmp/net4.yaml" | jq -S .)"

# --- who may ask what ---
is "a name that is not this machine's is refused (DNS rebinding)" "$(status_of / -H 'Host: evil.example')" 421
is "one that --name gives is taken" "$(status_of / -H 'Host: dom0.example:9790')" 200
is "a page from elsewhere may not read" "$(status_of /api/status -H 'Sec-Fetch-Site: cross-site')" 403
is "nor post" "$(status_of /api/admit -H 'Origin: http://evil.example' "${yaml[@]}")" 403
is "nor by a form" "$(status_of /api/admit -d 'name=x')" 415
is "the page itself may" "$(status_of /api/admit -H "Origin: $at" -H 'Sec-Fetch-Site: same-origin' "${yaml[@]}")" 200
for method in PUT DELETE OPTIONS POST; do
	is "no $method" "$(status_of /api/status -X $method)" 405
done
is "HEAD is fine" "$(status_of /metrics -I)" 200
is "what is not there is said to be so" "$(status_of /api/../etc/passwd --path-as-is)" 404
is "a query that is not known, too" "$(status_of '/api/history?bound=1')" 400
is "and one that is wrong" "$(status_of '/api/history?count=-1'),$(status_of '/api/report?network=a%0Ab'),$(status_of '/api/sla?at=1e9')" 400,400,400
head -c 300000 /dev/zero | tr '\0' ' ' >"$tmp/large"
is "a large body is refused" "$(status_of /api/admit -H 'Content-Type: application/yaml' --data-binary "@$tmp/large")" 413
chunked() { ! get /api/admit -f -H 'Content-Type: application/yaml' -H 'Transfer-Encoding: chunked' --data-binary "@$tmp/large"; }
ok "also if it does not say so" chunked
printf '\377\376' >"$tmp/bad"
is "what is no text is refused" "$(status_of /api/admit -H 'Content-Type: application/yaml' --data-binary "@$tmp/bad")" 400
sleep 10
for i in $(seq 12); do status_of /api/admit "${yaml[@]}" >>"$tmp/codes"; echo >>"$tmp/codes"; done
is "admission has the daemon think only so often" "$(sort "$tmp/codes" | uniq -c | xargs)" "10 200 2 429"
policy() { get / -I | grep -qi "content-security-policy: default-src 'none'"; }
ok "the page may load nothing from elsewhere" policy
is "nothing can be changed from its user" "$(setpriv --reuid=65534 --regid=65534 --clear-groups busctl call org.xnetman1 /org/xnetman1 org.xnetman1.Manager DeleteNetwork s net1 2>&1 | grep -c -i denied)" 1
slow() { # a request that never ends is ended
	local start
	start=$(date +%s)
	{ for _ in $(seq 60); do printf 'X' || break; sleep 1; done; } 2>/dev/null | timeout 60 busybox nc localhost 9790 >/dev/null
	test $(($(date +%s) - start)) -lt 45
}
ok "a request that trickles in is cut off" slow
idle() {
	local i pids=()
	for i in $(seq 200); do
		sleep 20 | busybox nc localhost 9790 >/dev/null 2>&1 &
		pids+=($!)
	done
	sleep 25
	wait "${pids[@]}" 2>/dev/null
	answers
}
ok "and after 200 idle connections it answers still" idle

# --- metrics ---
get /metrics >"$tmp/text"
get /metrics -H 'Accept: application/openmetrics-text; version=1.0.0' >"$tmp/openmetrics"
ok "promtool check metrics is clean" sh -c "test -z \"\$(promtool check metrics <$tmp/text 2>&1)\""
ok "OpenMetrics ends in # EOF" sh -c "test \"\$(tail -n 1 $tmp/openmetrics)\" = '# EOF'"
ok "and has units" grep -qxF '# UNIT xnetman_network_offered_bytes bytes' "$tmp/openmetrics"

cat >"$tmp/prometheus.yml" <<-END
	global: {scrape_interval: 5s, evaluation_interval: 5s}
	rule_files: [$top/doc/prometheus/xnetman.rules.yml]
	scrape_configs:
	  - job_name: xnetman
	    static_configs: [{targets: ["localhost:9790"]}]
END
ok "the example of a configuration is right" promtool check config --syntax-only "$top/doc/prometheus/prometheus.yml"
ok "the alert rules are right" promtool check rules "$top/doc/prometheus/xnetman.rules.yml"
ok "and alert when they should" promtool test rules "$top/doc/prometheus/xnetman.rules.test.yml"
prometheus --config.file="$tmp/prometheus.yml" --storage.tsdb.path="$tmp/prometheus" --web.listen-address=localhost:9099 \
	>"$tmp/prometheus.log" 2>&1 &
prometheus_pid=$!
query() { # PROMQL: the values of what it finds
	curl -s -m 60 --data-urlencode "query=$1" http://localhost:9099/api/v1/query | jq -r '.data.result[].value[1]'
}
scraped() { test "$(query 'up{job="xnetman"} + xnetman_up')" = 2; }
ok "a Prometheus scrapes it" wait_until 60 scraped
flows_stop
sleep 12
for id in 1 2 3; do
	is "it has net$id's bytes as the module counted them" \
		"$(query "xnetman_network_offered_bytes_total{network=\"net$id\",link=\"eth1\",direction=\"transmit\"}")" "$(share $id eth1 offered_bytes)"
done
is "what the machine has sent is its transmit" "$(query 'xnetman_port_bytes_total{device="vif1.0",direction="transmit"}')" "$(port vif1.0 rx_bytes)"
is "a capacity is in bytes" "$(query 'xnetman_capacity_bytes_per_second{link="eth1"}')" 12500000
is "an SLA, too" "$(query 'xnetman_network_sold_bytes_per_second{network="net3",parameter="rmax"}')" 7500000
is "CPU is in cores" "$(query 'xnetman_capacity_cores{resource="cpu"}')" 0.5
is "its types are known" "$(curl -s -m 60 'http://localhost:9099/api/v1/metadata?metric=xnetman_network_offered_bytes' | jq -r '.data[][0].type')" counter
# each query of the dashboard, of everything
dashboard() {
	local expr found
	while IFS= read -r expr; do
		expr=${expr//\$__rate_interval/1m}
		found=$(query "$(sed 's/"\$[a-z]*"/".*"/g' <<<"$expr")" | wc -l)
		[ "$found" -gt 0 ] || { echo "nothing for $expr"; return 1; }
	done < <(jq -r '.panels[].targets[].expr' "$top/doc/grafana/xnetman.json")
}
ok "every panel of the dashboard has something to show" dashboard
ip -n hosts link set eth1-h down
flows_start
breach() { test "$(query 'increase(xnetman_network_breaches_total{network="net1",link="eth1",term="short"}[1m]) > 0' | wc -l)" = 1; }
ok "a breach is counted" wait_until 40 breach
firing() { test "$(query 'ALERTS{alertname="XnetmanLinkDown",alertstate="firing"}' | wc -l)" = 1; }
ok "and the alert of its cause fires" wait_until 120 firing
ip -n hosts link set eth1-h up
kill "$prometheus_pid"
wait "$prometheus_pid" 2>/dev/null || true
sleep 20

# --- the page ---
tap_include page python3 "$(dirname "$0")/web_page.py" "$at/" "$tmp/chromium" "$tmp/net4.yaml"

# --- the daemon goes and comes ---
rss() { awk '/VmRSS/ {print $2}' "/proc/$web_pid/status"; }
ok "after all that it has no more than 64 MiB ($(rss) KiB)" test "$(rss)" -lt 65536
kill -STOP "$daemon_pid"
sleep 2 # what was asked last is good for a second
status_of /api/status -m 30 >"$tmp/late" &
late_pid=$!
is "while the daemon is deaf the page is there" "$(status_of / -m 2)" 200
wait "$late_pid"
is "and who asks for figures is told in time" "$(cat "$tmp/late")" 503
kill -CONT "$daemon_pid"
wait_for 10 same /api/links link list
daemon_down
is "without the daemon there are metrics that say so" "$(get /metrics | grep -v '^#')" "xnetman_up 0"
is "and records are not there" "$(status_of /api/status)" 503
daemon_up
ok "when it is back, so are they" wait_for 10 same /api/links link list
flows_stop
kill -STOP "$daemon_pid"
get /metrics -o "$tmp/last" &
sleep 2
kill "$web_pid"
wait "$web_pid"
is "it stops when it is told to, also while somebody waits" $? 0
wait $!
is "who is told so" "$(grep -v '^#' "$tmp/last")" "xnetman_up 0"
kill -CONT "$daemon_pid"
tap_done

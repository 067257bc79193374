#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two servers on one registry in PostgreSQL, started for this: they see the same, and never do the same twice.
. ./lib.sh

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
if [ -z "$bin" ]; then
	skip "two servers share a registry in PostgreSQL" "no PostgreSQL: apt-get install postgresql"
	tap_done
fi

# It does not run as root.
as=()
[ "$(id -u)" != 0 ] || as=(setpriv --reuid postgres --regid postgres --clear-groups)
db=$tmp/db
mkdir "$db"
[ "$(id -u)" != 0 ] || chown postgres "$db"
chmod 711 "$tmp"
pg_port=$(free_port)
"${as[@]}" "$bin/initdb" -D "$db/data" -A trust -U vms >"$tmp/initdb" 2>&1 || { cat "$tmp/initdb"; exit 1; }
pg_start() {
	"${as[@]}" "$bin/postgres" -D "$db/data" -h 127.0.0.1 -p "$pg_port" -k "$db" -F >"$tmp/postgres" 2>&1 &
	postgres=$!
	servers+=("$postgres")
	wait_for 30 "$bin/pg_isready" -q -h 127.0.0.1 -p "$pg_port" || { cat "$tmp/postgres"; return 1; }
}
pg_start || exit 1
registry=postgresql://vms@127.0.0.1:$pg_port/postgres

node n1 $(disks r{1..30})
server one --registry "$registry" || exit 1
url1=$url pid1=$pid
server two --registry "$registry" || exit 1
url2=$url pid2=$pid
at() { # URL COMMAND...
	local url=$1
	shift
	"$@"
}
sql() {
	"$bin/psql" -h 127.0.0.1 -p "$pg_port" -U vms -Atc "$1" postgres
}

ok "what one server is told ..." at "$url1" says registered 1 registerNodes '<phyServer><name>n1</name></phyServer>'
ok "... the other knows" at "$url2" says name n1 getRegisteredNodes ''
ok "an unknown node is NotFound" at "$url2" faults NotFound getPhysicalServerStatus '<phyServer>n9</phyServer>'
ok "an address that is another's is Exists" at "$url1" faults Exists registerNodes \
	'<phyServer><name>a</name><IP>10.0.0.1</IP></phyServer><phyServer><name>b</name><IP>10.0.0.1</IP></phyServer>'
is "of those none is registered" "$(sql "select count(*) from nodes")" 1

# Thirty virtual machines, each asked for at both servers at the same time. libvirt's test driver keeps a node
# in each process, so that only the registry can keep them apart.
for ((i = 1; i <= 30; i++)); do
	envelope createVirtualMachine "$(create_body n1 r$i)" >"$tmp/message.$i"
	for u in "$url1" "$url2"; do
		curl -s --max-time 60 -o "$tmp/race.$i.${u//\//}" -H 'Content-Type: text/xml' --data-binary "@$tmp/message.$i" "$u" &
		racing+=($!)
	done
done
wait "${racing[@]}"
is "of 60 calls that create 30, 30 do" "$(cat "$tmp"/race.* | grep -o '<xnv:uuid>' | wc -l)" 30
is "the others are told why" "$(cat "$tmp"/race.* | grep -oE '<xnv:code>(Busy|Exists)<' | wc -l)" 30
is "the registry has each once" "$(sql "select count(*) || ' ' || count(distinct name) || ' ' || sum(ready) from vms")" "30 30 30"
is "and nothing is claimed" "$(sql "select count(*) from claims")" 0

# No update is lost: both change the same row.
for ((i = 0; i < 20; i++)); do
	envelope registerNodes "<phyServer><name>both</name><IP>10.2.0.$i</IP><IP>10.3.0.$i</IP></phyServer>" >"$tmp/message"
	for u in "$url1" "$url2"; do
		curl -s -o /dev/null -H 'Content-Type: text/xml' --data-binary "@$tmp/message" "$u" &
		racing+=($!)
	done
	wait "${racing[@]}"
done
is "a node that both change has what one of them wrote" \
	"$(sql "select string_agg(address, ' ' order by position) from addresses where node = 'both'")" "10.2.0.19 10.3.0.19"

kill -INT "$postgres" # now, whoever is connected
wait "$postgres"
ok "without the database: a fault" at "$url1" faults Internal sanityTest '<testString>x</testString>'
pg_start
ok "when it is there again, all is well" at "$url1" says testString x sanityTest '<testString>x</testString>'
ok "the first server ends well" ends_well one "$pid1"
ok "so does the second" ends_well two "$pid2"
tap_done

# SPDX-License-Identifier: GPL-2.0-or-later
# tests/bench/check: $now, what was measured, and $known, the references -> TAP.

$now[0] as $now
| [$known[0][] | select(.kernel == $now.kernel and .compiler == $now.compiler)][0] as $was
| ($now.per_packet | keys) as $methods
| ($now.per_packet["xnetman-count"]) as $count
| ($now.per_packet["xnetman-punish"]) as $punish
| def round2: . * 100 | round / 100;
def test($good; $promise): {good: $good, promise: $promise};
def skip($promise; $reason): {good: true, promise: "\($promise) # SKIP \($reason)"};
def percent($of): . / $of * 100 | round2;
[
	test($count | all(.[]; . <= 0.03 * $now.plain);
		"counting adds at most 3% to the \($now.plain) instructions of a forwarded packet: \($count)"),
	test($punish | all(.[]; . <= 0.03 * $now.plain); "punishing, too, for each packet that is offered: \($punish)"),
	(["xnetman-count", "xnetman-punish"][] as $m | $now.per_packet[$m] | ([.[]] | max / min) as $ratio
		| test($ratio <= 1.05; "\($m) is as much with 64 networks as with 3, within 5%")),
	($methods[] as $m | $now.per_packet[$m] | to_entries[]
		| "\($m) with \(.key) networks takes no more than 2% above the reference" as $promise
		| if $was == null then
			skip($promise; "there is none for \($now.kernel), \($now.compiler): tests/bench/check --update writes it")
		elif ($now.plain / $was.plain - 1 | fabs) > 0.005 then
			skip($promise; "plain forwarding takes \($now.plain) here, \($was.plain) there: another emulator")
		else
			$was.per_packet[$m][.key] as $ref
			| test($ref != null and .value <= 1.02 * $ref; "\($promise): \(.value), \($ref)")
		end),
	test($admission < 50; "admission answers beside 4,095 networks with schedules in less than 50 ms: \($admission)")
] | to_entries | (.[] | "\(if .value.good then "ok" else "not ok" end) \(.key + 1) - \(.value.promise)"), "1..\(length)"

# SPDX-License-Identifier: GPL-2.0-or-later
# From the bytes that bed.sh has recorded to the figures by which policies are judged. What is offered is what came
# to Dom0, what is served is what arrived behind the link.

def mean: if length == 0 then 0 else add / length end;
def least($a; $b): if $a < $b then $a else $b end;
def most($a; $b): if $a > $b then $a else $b end;

# 1 - served / what was to be served, not below 0. A frame that came to Dom0 right before the interval's end arrives after
# it: what is so little that it may be that is not judged.
def error($reserved; $offered; $served):
	least($reserved; $offered) as $due
	| if $due <= $reserved / 1000 then 0 else most(0; 1 - $served / $due) end;

# bit/s of column $c between samples $i and $j
def rate($s; $c; $i; $j): ($s[$j][$c] - $s[$i][$c]) * 8 / ($s[$j][0] - $s[$i][0]);

# Jain's index of fairness
def jain: if all(. == 0) then 1 else (add * add) / (length * (map(. * .) | add)) end;

# The figures of one long interval, which begins at sample $from.
def interval($run; $from):
	$run.samples as $s | ($run.ticks * 10) as $bins
	| [$run.networks | to_entries[] | .key as $n | .value as $net
	   | (1 + 2 * $n) as $in | (2 + 2 * $n) as $out
	   | rate($s; $in; $from; $from + $bins) as $offered | rate($s; $out; $from; $from + $bins) as $served
	   | [range(0; $run.ticks) | ($from + . * 10) as $i
	      | error($net.rc_bps; rate($s; $in; $i; $i + 10); rate($s; $out; $i; $i + 10))] as $ec
	   | error($net.rl_bps; $offered; $served) as $el
	   | {offered_bps: $offered, served_bps: $served, ec: ($ec | mean), el: $el,
	      conformity: (1 - ($ec | mean) / 2 - $el / 2)}];

# Means over all long intervals of a run.
def figures:
	. as $run
	| [range(0; (($run.samples | length) - 1) / ($run.ticks * 10) | floor)
	   | interval($run; . * $run.ticks * 10)] as $ils
	| [range(0; $run.networks | length) as $n | $run.networks[$n] as $net
	   | {name: $net.name}
	   + ($ils | map(.[$n]) | {
		offered_bps: (map(.offered_bps) | mean), served_bps: (map(.served_bps) | mean),
		ec: (map(.ec) | mean), el: (map(.el) | mean), conformity: (map(.conformity) | mean), conformity_min: (map(.conformity) | min),
		els: map(.el)})
	   # TCP offers what it gets: it would take all that it is entitled to
	   | .entitled_bps = if $net.tcp then $net.rl_bps else least($net.rl_bps; .offered_bps) end] as $nets
	| {policy, utilisation: (($nets | map(.served_bps) | add) / $run.capacity_bps),
	   jain: ($nets | map(least(1; .served_bps / .entitled_bps)) | jain), networks: $nets};

# How long it takes after each change of demand until everybody gets, within 5% of the link, what they go on getting: looked at in each
# fifth of an Ic (in less than that there are too few frames) until the next change, or for 4 Ic, or to the end; what they go on getting is the mean of the last Ic
# of that.
def convergence:
	. as $run | .samples as $s
	| [.events[] | .t / $run.ic * 10 | round] as $at
	| [range(0; $at | length) | . as $e | $at[$e] as $from
	   | ([$at[$e + 1] // infinite, $from + 40, ($s | length) - 1] | min) as $to
	   | select($to - $from >= 30)
	   | [range(0; $run.networks | length) | 2 + 2 * .] as $columns
	   | [range($from; $to - 1)
	      | . as $k
	      | select(any($columns[];
		(rate($s; .; $k; $k + 2) - rate($s; .; $to - 10; $to) | fabs) > 0.05 * $run.capacity_bps))] as $off
	   | {to: $run.events[$e].to, phase: ($from % 10 / 10),
	      intervals: ((if $off == [] then 0 else $off[-1] + 1 - $from end) / 10)}];

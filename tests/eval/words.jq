# SPDX-License-Identifier: GPL-2.0-or-later
# What tables of doc/evaluation.md are made of.

def policies: ["xnetman", "unguarded", "xnetmon", "TC1", "TC2", "TC3", "none"];
def row(cells): "| " + (cells | map(tostring) | join(" | ")) + " |";

# With so many digits behind the point
def digits($n):
	if . == null then "-" else
	(. * pow(10; $n) | round | fabs | tostring) as $t | (("0" * ($n + 1 - ($t | length))) // "") + $t
	| (if $n > 0 then .[:-$n] + "." + .[-$n:] else . end) end;
def figure: digits(3);
def ratio: digits(if . >= 10 then 0 elif . >= 1 then 1 else 2 end);
def milliseconds: digits(if . >= 10 then 1 else 3 end);
def on_off(x): if x then "on" else "off" end;
def scene_name($s): ($s | split("-")) as $w
	| if $w[0] == "tcp" then "8 x \($w[1]), 1 x \($w[2])" else "8 x \($w[1]), UDP flood" end;

# The paper has no table: these are its words.
def paper_5a: {
	xnetman: "1 for both, low utilisation", unguarded: "", xnetmon: "net2 favoured", TC1: "1 for both, high utilisation",
	TC2: "1 for both, low utilisation", TC3: "net2 favoured", none: "net2 favoured"}[.];
def paper_5b: {
	xnetman: "lowest El, second lowest utilisation", unguarded: "", xnetmon: "", TC1: "", TC2: "El more than 5 times xnetman's",
	TC3: "", none: ""}[.];
def paper_5c: if .control and .priority then "more than 18" elif .priority then "more than 10" elif .control then
	"(more than 2.3 times control and priority)" else "1" end;

# --- where a peer does better -----------------------------------------------------------------

def cause($scene; $what):
	if $what == "utilisation" then
		"a policy that does not let a network have its burst needs less of the link"
	elif ($scene | test("^(tcp|flood)")) then
		"a network that has used its right up has its guarantee only until the end of Il, and its flows lose packets then, where HTB lets them wait; after that they need some seconds to come back. And while nobody is above his right, flows compete in one queue, where eight get more than one, or one control more than another: the long-term rights make up for it, later in the Il"
	elif $scene == "bursts" then
		"what is above the guarantees is divided by the rights that are left (the adaptive weights of Algorithm 1), not equally: a burst at the beginning of Il, when net1 has all of its rights left, gets the smaller part of it"
	elif $scene == "fig5b" or ($scene | test("^(step|random)")) then
		"punishments follow demand one Ic late: in the Ic in which a demand comes, the link is overbooked, and its queue drops from everybody"
	else "" end;

# Lines about all policies that beat xnetman by more than 0.01 in a scene.
def beaten($scene; $what; value; $more_is_better):
	.scenes[$scene] as $f | select($f.xnetman) | ($f.xnetman | value) as $ours
	| [(policies - ["xnetman", "unguarded"])[] | . as $p | select($f[$p]) | ($f[$p] | value) as $theirs
	   | select(if $more_is_better then $theirs > $ours + 0.01 else $theirs < $ours - 0.01 end)
	   | "\($p) \($theirs | figure)"] | select(length > 0)
	| "- \($scene), \($what): xnetman \($ours | figure), \(join(", ")). " + (cause($scene; $what) as $c | if $c == "" then "" else "Why: " + $c + "." end);

# The same of a burst in simulations, over all Ic.
def beaten_simulated($what; value; $more_is_better):
	[.simulated.bursts // {} | to_entries | sort_by(.key | tonumber)[] | .key as $ic | .value
	 | (.xnetman | value) as $ours | (.xnetmon | value) as $theirs
	 | select(if $more_is_better then $theirs > $ours + 0.005 else $theirs < $ours - 0.005 end)
	 | "Ic \($ic) ms: \($ours | figure), xnetmon \($theirs | figure)"] | select(length > 0)
	| "- bursts, simulated, \($what): \(join("; ")). Why: \(cause("bursts"; $what)).";

def worse:
	. as $all
	| beaten_simulated("highest El of any burst"; .el; false), beaten_simulated("Jain's index"; .jain; true),
	  ((.scenes | keys[]) as $scene
	| $all
	| beaten($scene; "lowest conformity"; [.networks[].conformity] | min; true),
	  beaten($scene; "Jain's index"; .jain; true),
	  (select($scene | test("^(tcp|flood)")) | beaten($scene; "lowest share of an entitlement";
		[.networks[] | .served_bps / .entitled_bps | [., 1] | min] | min; true)), # more than that is nobody's due
	  (select($scene == "bursts") | beaten($scene; "mean El of a burst"; .networks[1].els | add / length; false),
		beaten($scene; "highest El of a burst"; .networks[1].els | max; false)),
	  (select($scene | startswith("fig5")) | beaten($scene; "utilisation"; .utilisation; false)));

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One scene under several policies, one after the other in the same kernel. Inside a lab.
# Usage: contest.sh SCENE[:ARGUMENT...] OUT POLICY...   writes OUT-POLICY.json
# Policies: xnetman, unguarded (xnetman without its guard), xnetmon, TC1, TC2, TC3 (the paper's profiles of HTB), none.
. "$(dirname "$0")/bed.sh"

IFS=: read -ra scene <<<"$1"
out=$2
shift 2
# A function, as a script that is sourced without arguments has those of whom it is sourced by.
read_scene() {
	. "$(dirname "$0")/scenes/${scene[0]}"
}
read_scene "${scene[@]:1}"
bed_up
for policy; do
	contest "$policy" "$out-$policy.json"
	echo "${scene[*]}: $policy done" >&2
done

# SPDX-License-Identifier: GPL-2.0-or-later
# TAP for bash scripts. Sourced. $tmp is a folder for scratch files, which goes with the script.

tmp=$(mktemp -d)
trap 'tap_exit; rm -rf "$tmp"' EXIT
tap_at_exit=()
tap_n=0
tap_failed=0

# Where it was when a command failed: of a script that ends at once then (set -e) that is why.
set -E
trap 'tap_at="${BASH_SOURCE[0]##*/}, line $LINENO: $BASH_COMMAND"' ERR
tap_at=

tap_exit() {
	local status=$? command
	[ "$status" = 0 ] || [ -n "${tap_planned:-}" ] || echo "# ended with status $status${tap_at:+ at $tap_at}" >&2
	for command in "${tap_at_exit[@]}"; do "$command" || true; done
}

# at_exit COMMAND: is run when the script ends, however that comes; the latest one first.
at_exit() {
	tap_at_exit=("$1" "${tap_at_exit[@]}")
}

# ok PROMISE COMMAND...: the promise holds if the command succeeds. Its output is shown if not.
ok() {
	local promise=$1
	shift
	tap_n=$((tap_n + 1))
	if "$@" >"$tmp/out" 2>&1; then
		echo "ok $tap_n - $promise"
	else
		echo "not ok $tap_n - $promise"
		echo "# failed: $*"
		tail -n 40 "$tmp/out" | sed 's/^/# /'
		tap_failed=$((tap_failed + 1))
	fi
}

# is PROMISE GOT WANT
is() {
	ok "$1 (got $2, want $3)" test "$2" = "$3"
}

# near PROMISE GOT WANT TOLERANCE, all absolute
near() {
	ok "$1 (got $2, want $3 +- $4)" awk -v g="$2" -v w="$3" -v t="$4" \
		'BEGIN { d = g - w; exit !(g != "" && d <= t && -d <= t) }'
}

skip() { # PROMISE WHY
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1 # SKIP $2"
}

# tap_include PREFIX COMMAND...: the tests of a command that prints TAP, as some of ours.
tap_include() {
	local prefix=$1 line result planned=
	shift
	while IFS= read -r line; do
		case $line in
		"ok "* | "not ok "*)
			result=${line%%ok *}ok
			tap_n=$((tap_n + 1))
			[ "$result" = ok ] || tap_failed=$((tap_failed + 1))
			echo "$result $tap_n - $prefix: ${line#*ok * - }"
			;;
		1..*) planned=1 ;;
		"#status "*) [ -n "$planned" ] || ok "$prefix: runs to its end (status ${line#\#status })" false ;;
		*) echo "$line" ;;
		esac
	done < <("$@" 2>&1 </dev/null; echo "#status $?")
}

tap_done() {
	tap_planned=1
	echo "1..$tap_n"
	exit $((tap_failed > 0))
}

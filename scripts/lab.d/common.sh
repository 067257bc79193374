# SPDX-License-Identifier: GPL-2.0-or-later
# What both engines share: messages, progress, locks, child processes and their end. Sourced by lab.

me=lab # who speaks
cache=${XNETMAN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/xnetman}
build=${O:-build} # as make's O, relative to the checkout
[[ $build == /* ]] || build=$checkout/$build

say() {
	progress_clear
	printf '%s: %s\n' "$me" "$*" >&2
}

fail() {
	say "$@"
	exit 125
}

bad_usage() {
	say "$@"
	say "scripts/lab --help shows the options"
	exit 125
}

# --- progress -------------------------------------------------------------------------------
# One live line on a terminal, else a line every 20 s.

progress_shown=
progress_next=20

progress() { # SECONDS TEXT
	if [[ -t 2 ]]; then
		printf '\r\033[K%s, %d s' "$me: $2" "$1" >&2
		progress_shown=1
	elif (($1 >= progress_next)); then
		printf '%s: %s, %d s\n' "$me" "$2" "$1" >&2
		progress_next=$(($1 + 20))
	fi
}

progress_clear() {
	[[ -z $progress_shown ]] || printf '\r\033[K' >&2
	progress_shown=
}

# --- child processes ------------------------------------------------------------------------
# Each leads a session of its own, so that all it starts can be ended with it, and dies with the
# lab even if that is killed with -9.

groups=()
launched=

launch() { # COMMAND...: in the background; sets launched
	setpriv --pdeathsig KILL setsid "$@" </dev/null &
	launched=$!
	groups+=("$launched")
}

kill_group() { # PID
	local pid left=()

	kill -KILL -- "-$1" 2>/dev/null || kill -KILL "$1" 2>/dev/null || :
	wait "$1" 2>/dev/null || :
	for pid in "${groups[@]}"; do
		[[ $pid == "$1" ]] || left+=("$pid")
	done
	groups=("${left[@]}")
}

exec {never}<> <(:)

# Waits until PID ends, at most SECONDS (else false), calling TICK (if any) with the seconds spent.
wait_for() { # PID SECONDS [TICK]
	local start=$SECONDS spent=0 last=0

	while kill -0 "$1" 2>/dev/null; do
		read -rt 0.05 -u "$never" || :
		spent=$((SECONDS - start))
		((spent <= $2)) || return 1
		[[ $# -lt 3 || $spent == "$last" ]] || "$3" "$spent"
		last=$spent
	done
}

# Runs COMMAND with its output in LOG, shows progress, fails with the log's end if it fails.
# progress_detail, if set, is a function that prints how far LOG says it is.
progress_detail=

step() { # WHAT LOG SECONDS COMMAND...
	local what=$1 log=$2 limit=$3 pid status=0
	shift 3

	progress_next=20
	launch "$@" >"$log" 2>&1
	pid=$launched
	wait_for "$pid" "$limit" step_progress || {
		kill_group "$pid"
		fail "$what: not done after $limit s; the log is $log"
	}
	progress_clear
	wait "$pid" || status=$?
	kill_group "$pid"
	((status == 0)) || step_failed
}

step_progress() { # SECONDS; what and log are step's
	(($1 < 3)) || progress "$1" "$what${progress_detail:+: $("$progress_detail" "$log")}"
}

step_failed() {
	say "$what failed:"
	{
		grep -E 'error:|Error |^E: |\*\*\*' "$log" | head -n 20 || :
		echo ...
		tail -n 20 "$log"
	} >&2
	fail "the whole log is $log"
}

# --- files ----------------------------------------------------------------------------------

# True if TARGET is missing, or older than anything at or below a SOURCE.
stale() { # TARGET SOURCE...
	local target=$1
	shift

	[[ -e $target && -z $(find "$@" -newer "$target" -print -quit 2>/dev/null) ]] || return 0
	return 1
}

# Only one lab at a time between lock and unlock.
lock_fd=

lock() { # FILE WHO
	local spent=0

	exec {lock_fd}>"$1"
	progress_next=0
	until flock -w 1 "$lock_fd"; do
		spent=$((spent + 1))
		progress "$spent" "waiting for $2"
		((spent < 3600)) || fail "waited an hour for $2; is it stuck? The lock is $1"
	done
	progress_clear
}

unlock() {
	exec {lock_fd}>&-
}

# Removes kernels that no lab has used for a month.
forget_old() {
	local dir

	for dir in "$cache"/{uml,qemu,root,xen}-*/; do
		[[ ! -d $dir || -z $(find "$dir" -maxdepth 1 -name complete -mtime +30) ]] || rm -rf "$dir"
	done
}

need_packages() { # PURPOSE PROGRAM-OR-FILE...
	local purpose=$1 thing
	shift

	for thing in "$@"; do
		[[ -e $thing ]] || command -v "$thing" >/dev/null || {
			progress_clear
			"$checkout/scripts/deps" "$purpose" >&2 || fail "cannot go on without $thing"
			return
		}
	done
}

# What packages depend on; of alternatives the first. Who installs them with these there needs no network.
depends() { # DEB...
	local deb

	for deb; do
		dpkg-deb -f "$deb" Depends
	done | tr ',' '\n' | sed -E 's/^ *([^ |]+).*/\1/' | sort -u |
		grep -vxF "$(for deb; do dpkg-deb -f "$deb" Package; done)"
}

# --- the end --------------------------------------------------------------------------------

job=

cleanup() {
	local pid

	trap "" HUP INT TERM
	progress_clear
	for pid in "${groups[@]}"; do
		kill_group "$pid"
	done
	[[ -z $job ]] || {
		keep_logs
		[[ ! -e $job/alive ]] || flock -w 5 "$job/alive" true || :
		rm -rf "$job"
	}
}

trap_signals() {
	trap cleanup EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# --- what COMMAND prints, and what the kernel says --------------------------------------------

followers=()

follow() { # PID: copies the command's output to ours until PID ends
	launch tail -q -s 0.1 -c +1 -f --pid="$1" "$job/stdout"
	followers=("$launched")
	[[ -L $job/stderr ]] || {
		launch tail -q -s 0.1 -c +1 -f --pid="$1" "$job/stderr" >&2
		followers+=("$launched")
	}
}

# As a pipe would, ends the lab when nobody reads what COMMAND prints (lab ... | head).
reader_there() {
	kill -0 "${followers[0]}" 2>/dev/null || ! kill -0 "$engine_pid" 2>/dev/null || exit 141
}

followed() {
	local pid

	for pid in "${followers[@]}"; do
		wait "$pid" || :
	done
}

keep_logs() {
	console=$build/lab-$kernel_key.console
	cp -f "$job/console" "$console" 2>/dev/null || :
	[[ ! -s $job/dmesg ]] || cp -f "$job/dmesg" "$build/lab-$kernel_key.dmesg"
	[[ ! -d $job/xen ]] || {
		rm -rf "$build/lab-$kernel_key.logs"
		cp -r "$job/xen" "$build/lab-$kernel_key.logs"
	}
}

# What a kernel prints when something is wrong in it, after the time stamp.
splat='\] (WARNING: |BUG: |BUG |INFO: |Oops|kernel BUG |KASAN: |UBSAN: |ODEBUG: |Kernel panic|general protection |refcount_t: |list_(add|del) corruption|-+\[ cut here|unable to handle|Internal error|rcu: INFO)|kernel BUG at |: xnetman leak'

# From the first complaint on, else the end.
crash_lines() {
	grep -E -m1 -A60 "$splat" "$job/console" || tail -n 20 "$job/console"
}

verdict() {
	local log

	keep_logs
	[[ -z $verbose ]] || cat "$job/console" >&2
	if [[ ! -s $job/status ]]; then
		say "the lab ended before the command did; from its console:"
		crash_lines >&2
		fail "the whole console is $console"
	fi
	for log in "$job/dmesg" "$job/leaks" "$job/console"; do
		[[ -s $log ]] && grep -qE "$splat" "$log" || continue
		say "the lab's kernel complained (the command's own exit status was $(<"$job/status")):"
		grep -E -m1 -A60 "$splat" "$log" >&2
		say "the kernel's whole log is $build/lab-$kernel_key.dmesg"
		exit 126
	done
	exit "$(<"$job/status")"
}

# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by netns/run and xen/run: runs a folder's test scripts as one TAP stream.

# each_test CLEAN [NAME]...: every [0-9]*.sh of the current folder, or only those; CLEAN after each.
each_test() {
	local n=0 failed=0 clean=$1 t line planned
	shift
	for t in [0-9]*.sh; do
		[ $# -eq 0 ] || case " $* " in *" ${t%.sh} "*) ;; *) continue ;; esac
		planned=
		while IFS= read -r line; do
			case $line in
			"ok "*) n=$((n + 1)) && echo "ok $n - ${t%.sh}: ${line#ok * - }" ;;
			"not ok "*) n=$((n + 1)) && echo "not ok $n - ${t%.sh}: ${line#not ok * - }" ;;
			1..*) planned=1 ;;
			"#status "*)
				[ -n "$planned" ] || {
					n=$((n + 1))
					echo "not ok $n - ${t%.sh}: runs to its end (status ${line#\#status })"
				}
				[ "${line#\#status }" -eq 0 ] || failed=1
				;;
			*) echo "$line" ;;
			esac
		done < <(bash "./$t" 2>&1 </dev/null; echo "#status $?")
		"$clean"
	done
	echo "1..$n"
	return $failed
}

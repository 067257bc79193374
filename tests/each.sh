# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by netns/run and xen/run: runs a folder's test scripts as one TAP stream.
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"

# each_test CLEAN [NAME]...: every [0-9]*.sh of the current folder, or only those; CLEAN after each.
each_test() {
	local clean=$1 t
	shift
	for t in [0-9]*.sh; do
		[ $# -eq 0 ] || case " $* " in *" ${t%.sh} "*) ;; *) continue ;; esac
		tap_include "${t%.sh}" bash "./$t"
		"$clean"
	done
	tap_done
}

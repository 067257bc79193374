# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests inside a clean machine share. Sourced by bash scripts that tests/deb/run starts with
# DEBS, the folder of the packages; OLD, that of the version before; VERSION.
set -u
. "${BASH_SOURCE%/*}/../tap.sh"
debs=$1 old=$2 version=$3
mapfile -t kernels < <(ls -v /lib/modules)

no() {
	! "$@"
}

# With what apt said in the file said.
said=$tmp/said
apt() { # WHAT-APT-GET-DOES...
	apt-get -y -q --no-install-recommends -o APT::Sandbox::User=root "$@" >"$said" 2>&1
	local status=$?
	cat "$said"
	return $status
}

# A part of the packages' output, as a fixed string.
tells() {
	grep -F -- "$1" "$said" || {
		echo "not told: $1"
		cat "$said"
		return 1
	}
}

all_configured() {
	local states

	states=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' xnetman xnetman-dkms)
	echo "$states"
	dpkg --audit
	[ -z "$(dpkg --audit)" ] && [ "$(grep -c '^ii' <<<"$states")" -eq 2 ]
}

# The file that modprobe would load.
module_of() { # KERNEL
	find "/lib/modules/$1/updates" -name 'xnetman.ko*' 2>/dev/null
}

module_is_for() { # KERNEL VERSION
	dkms status -m xnetman -v "$2" -k "$1" | grep installed &&
		[ "$(modinfo -k "$1" -F version xnetman)" = "$2" ] &&
		[[ $(modinfo -k "$1" -F vermagic xnetman) == "$1 "* ]]
}

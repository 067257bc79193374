/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The account of the current long interval, kept in a file so that it survives
 * the daemon. The kernel's counters go on while no daemon runs, so the file need
 * only be written when an Il begins and when networks or links change: whatever
 * passed since then is the counters' difference.
 */
#ifndef XN_DAEMON_ACCOUNT_H
#define XN_DAEMON_ACCOUNT_H

#include <stdint.h>

#include "daemon/state.h"
#include "daemon/worker.h"

/* What the account hangs on besides the shares. */
struct xn_account_base {
	char boot[40];	     /* boot id: times are CLOCK_MONOTONIC of that boot */
	uint64_t generation; /* of the module: it only falls when the module is loaded anew */
	uint64_t start;	     /* of the Il, ns */
};

/* This boot's id into @base. Return: 0 or -errno. */
int xn_account_boot(struct xn_account_base *base);

/* Hand the account to @worker, to be written to @path. Return: 0 or -ENOMEM. */
int xn_account_save(struct xn_worker *worker, const char *path, const struct xn_account_base *base,
		    const struct xn_state *state);

/**
 * xn_account_restore() - go on with the account in the file
 * @path: of the file
 * @base: in: boot and generation now; out: start of the Il, if it goes on
 * @now: ns, CLOCK_MONOTONIC
 * @il: length of the Il, ns
 * @state: networks and links as in the kernel now, pairs with their counters just read
 *
 * The demand of each share is what was offered, on average, since the account was written.
 *
 * Return: 1 if the Il goes on, 0 if there is none to go on with (no file, another
 * boot, Il over), or -EINVAL if the file makes no sense. On 0 and -EINVAL nothing is changed.
 */
int xn_account_restore(const char *path, struct xn_account_base *base, uint64_t now, uint64_t il,
		       struct xn_state *state);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xnetmand as a whole: what its parts share, started and stopped in order of dependency. */
#ifndef XN_DAEMON_DAEMON_H
#define XN_DAEMON_DAEMON_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "common/config.h"
#include "common/kernel.h"
#include "daemon/account.h"
#include "daemon/contract.h"
#include "daemon/device.h"
#include "daemon/domain.h"
#include "daemon/history.h"
#include "daemon/state.h"
#include "daemon/worker.h"

struct xn_bus;
struct xn_planes;
struct xn_threads;
struct xn_channel;
struct xn_trees;
struct xn_reporter;

/* From the command line. */
struct xn_options {
	const char *config;  /* folder of the definitions */
	const char *state;   /* folder of the account and the lock */
	const char *history; /* file, or "none" */
	const char *bus;     /* "system", or a D-Bus address */
	const char *costs;   /* file of xnetman-ctl calibrate */
};

/* How long the parts of the last tick took, ns. */
struct xn_tick_cost {
	uint64_t dump;
	uint64_t decide;
	uint64_t push;
};

struct xn_daemon {
	struct xn_options options;
	sd_event *event;
	int lock; /* descriptor of the lock file */

	struct xn_devices *devices;
	struct xn_domains *domains; /* of the vifs among them */
	struct xn_planes *planes;   /* of networks whose data path is split */
	struct xn_trees *trees;	    /* of classes on links, for QoS */
	struct xn_kernel *kernel;   /* NULL: the module is not loaded now */
	sd_event_source *kernel_events;
	char module_version[32];
	uint64_t generation; /* of the last push */

	struct xn_state *state;
	struct xn_account_base base;
	struct xn_contract_span contract;
	char account[4096];	  /* path of its file */
	struct xn_worker *keeper; /* writes it */

	sd_event_source *timer; /* of the tick */
	uint64_t started;	/* ns, CLOCK_MONOTONIC */
	uint64_t reading;	/* when the counters were last read, ns; 0: never */
	uint64_t ticks;
	struct xn_tick_cost cost;

	struct xn_threads *threads; /* of the kernel, that work for networks; NULL: not measured */
	struct xn_cost_model model; /* of CPU */
	bool calibrated;	    /* @model was measured on this machine */

	struct xn_history *history;   /* NULL: off */
	struct xn_reporter *reporter; /* of what it has */
	struct xn_bus *bus;
	struct xn_channel *channel; /* NULL: could not be opened */
};

/* Return: 0, or -errno with @err; then nothing is left running. */
int xn_daemon_init(struct xn_daemon *daemon, const struct xn_options *options, struct xn_err *err);
/* Ends all punishments, keeps the account. */
void xn_daemon_exit(struct xn_daemon *daemon);

/**
 * xn_daemon_reload() - read the definitions again and apply them
 *
 * Counters and accounts of what stays are kept. On error everything is as it was.
 *
 * Return: 0, or -errno with @err.
 */
int xn_daemon_reload(struct xn_daemon *daemon, struct xn_err *err);

/* Write the account's file: networks or links changed, or an Il began. */
void xn_daemon_keep(struct xn_daemon *daemon);

/* ns, CLOCK_MONOTONIC. */
uint64_t xn_now(void);
/* s since 1970 UTC. */
int64_t xn_realtime(void);

#endif

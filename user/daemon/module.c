// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening, losing and finding the module again, and listening to its events. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/apply.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/module.h"
#include "daemon/notify.h"
#include "daemon/tree.h"

/* Devices that come and go are seen by rtnetlink (device.h). */
static void on_event(enum xnetman_event event, const struct xn_record *record, uint64_t generation,
		     void *arg)
{
	struct xn_daemon *d = arg;

	(void)record;
	if (event != XNETMAN_EVENT_LEASE_EXPIRED)
		return;
	xn_log(SD_WARNING, "the lease of push %llu ran out: the module ended all punishments",
	       (unsigned long long)generation);
	for (size_t i = 0; i < d->state->n_rows * d->state->n_nets; i++)
		d->state->pairs[i].told = 0;
	xn_notify_lease_expired(d->bus);
}

static int on_readable(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	struct xn_daemon *d = arg;

	(void)source;
	(void)fd;
	(void)revents;
	if (xn_kernel_events_read(d->kernel) == -ENOBUFS)
		xn_log(SD_NOTICE, "lost events of the module");
	return 0;
}

static int listen_events(struct xn_daemon *d, struct xn_err *err)
{
	int fd = xn_kernel_events(d->kernel, on_event, d, err);
	int rc;

	if (fd < 0)
		return fd;
	rc = sd_event_add_io(d->event, &d->kernel_events, fd, EPOLLIN, on_readable, d);
	if (rc < 0)
		xn_err_set(err, "module's events: %s", strerror(-rc));
	return rc < 0 ? rc : 0;
}

int xn_module_open(struct xn_daemon *d, struct xn_err *err)
{
	struct xn_kernel_info info;

	d->kernel = xn_kernel_open(err);
	if (!d->kernel)
		return -ENODEV;
	if (xn_kernel_info(d->kernel, &info, err) || listen_events(d, err)) {
		xn_module_close(d);
		return -ENODEV;
	}
	d->generation = info.generation;
	snprintf(d->module_version, sizeof(d->module_version), "%s", info.version);
	return 0;
}

void xn_module_close(struct xn_daemon *d)
{
	d->kernel_events = sd_event_source_disable_unref(d->kernel_events);
	if (d->kernel)
		xn_kernel_close(d->kernel);
	d->kernel = NULL;
}

/* Nothing is there, measured or in force; accounts stay. */
static void forget_kernel(struct xn_state *s)
{
	for (size_t i = 0; i < s->n_nets; i++)
		s->nets[i].id = 0;
	for (size_t i = 0; i < s->n_links; i++)
		s->links[i].ifindex = s->links[i].refused = 0;
	for (size_t i = 0; i < s->n_ports; i++)
		s->ports[i].ifindex = s->ports[i].refused = 0;
	for (size_t i = 0; i < s->n_rows * s->n_nets; i++) {
		s->shares[i].demand = s->shares[i].allowed = 0;
		s->shares[i].ratio = s->shares[i].weight = 0;
		s->pairs[i].through = s->pairs[i].ec = 0;
		s->pairs[i].told = s->pairs[i].standing = 0;
	}
	xn_state_index(s);
}

bool xn_module_gone(struct xn_daemon *d, int rc)
{
	if (!d->kernel)
		return true;
	if (rc != -ENODEV)
		return false;
	xn_log(SD_ERR, "module xnetman was unloaded: nothing is counted or punished; "
		       "load it again: modprobe xnetman");
	xn_module_close(d);
	forget_kernel(d->state);
	return true;
}

void xn_module_retry(struct xn_daemon *d)
{
	struct xn_err err;

	if (xn_module_open(d, &err))
		return;
	xn_log(SD_NOTICE, "module xnetman %s is back", d->module_version);
	if (xn_apply(d, &err))
		xn_log(SD_ERR, "%s", err.text);
	xn_trees_poke(d->trees);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Starting and stopping the parts, and changing the definitions under them. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "common/book.h"
#include "common/costs.h"
#include "daemon/apply.h"
#include "daemon/bus.h"
#include "daemon/channel.h"
#include "daemon/contract.h"
#include "daemon/daemon.h"
#include "daemon/files.h"
#include "daemon/log.h"
#include "daemon/module.h"
#include "daemon/notify.h"
#include "daemon/planes.h"
#include "daemon/reporter.h"
#include "daemon/threads.h"
#include "daemon/tick.h"
#include "daemon/tree.h"
#include "daemon/watch.h"

#define DOMAINS_WAIT_MS 3000

uint64_t xn_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * XN_NS + now.tv_nsec;
}

int64_t xn_realtime(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

void xn_daemon_keep(struct xn_daemon *d)
{
	d->base.generation = d->generation;
	if (xn_account_save(d->keeper, d->account, &d->base, d->state))
		xn_log(SD_WARNING, "%s: no memory to save the account", d->account);
}

static void tell_manager(const struct xn_daemon *d)
{
	sd_notifyf(0, "READY=1\nSTATUS=%zu networks, %zu links, policy %s", d->state->n_nets,
		   d->state->n_links, xn_policy_name(d->state->config->machine.policy));
}

/* --- devices --- */

static void on_device_gone(uint32_t ifindex, void *arg)
{
	struct xn_daemon *d = arg;

	if (d->domains)
		xn_domains_forget(d->domains, ifindex);
	xn_unbind(d, ifindex);
}

static void bind_devices(struct xn_daemon *d)
{
	struct xn_err err;

	if (d->kernel) {
		xn_bind(d, &err); /* what was refused is logged there */
		xn_daemon_keep(d);
	}
	xn_planes_poke(d->planes);
	xn_trees_poke(d->trees);
}

static void on_devices_changed(void *arg)
{
	struct xn_daemon *d = arg;

	xn_domains_look(d->domains);
	bind_devices(d);
}

static void on_domains_read(void *arg)
{
	struct xn_daemon *d = arg;

	if (d->timer) /* before that, take_over() binds */
		bind_devices(d);
}

static const struct xn_device_calls device_calls = {
	.gone = on_device_gone,
	.changed = on_devices_changed,
};

/* --- definitions --- */

static int no_memory(struct xn_err *err)
{
	xn_err_set(err, "no memory");
	return -ENOMEM;
}

/* The kernel refused the new state: the old one again. */
static void roll_back(struct xn_daemon *d, struct xn_state *old)
{
	struct xn_err err;

	xn_state_free(d->state);
	d->state = old;
	xn_contract_apply(d);
	xn_apply(d, &err); /* logged there */
	xn_trees_update(d->trees, &err);
}

/* Breaches of what is no more are over. */
static void leave(struct xn_daemon *d, struct xn_state *old)
{
	struct xn_state *now = d->state;

	d->state = old;
	xn_watch_leave(d, now);
	d->state = now;
	xn_state_free(old);
}

/* What does not fit is no reason to leave networks without control: their guarantees shrink in proportion. */
static void warn_oversold(const struct xn_daemon *d)
{
	struct xn_err err;

	if (xn_book_fits(d->state->config, NULL, time(NULL), &err))
		xn_log(SD_WARNING, "%s; going on with what there is", err.text);
}

static int change(struct xn_daemon *d, struct xn_err *err)
{
	struct xn_config *config = xn_config_load(d->options.config, err);
	struct xn_state *old = d->state;
	int rc;

	if (!config)
		return -EINVAL;
	rc = xn_book_fits(config, old->config, time(NULL), err);
	if (rc) {
		xn_config_free(config);
		return rc;
	}
	d->state = xn_state_new(config, old);
	if (!d->state) {
		d->state = old;
		xn_config_free(config);
		return no_memory(err);
	}
	xn_contract_apply(d);
	xn_trees_release(d->trees);
	rc = xn_apply(d, err);
	if (!rc)
		rc = xn_trees_update(d->trees, err);
	if (rc) {
		roll_back(d, old);
		return rc;
	}
	if (config->machine.ic != old->config->machine.ic ||
	    config->machine.il != old->config->machine.il)
		xn_tick_rearm(d);
	leave(d, old);
	xn_planes_update(d->planes);
	return 0;
}

/* A mistake in it is no reason to leave networks without control. */
static void load_costs(struct xn_daemon *d)
{
	struct xn_err err;
	int rc = d->options.costs ? xn_costs_load(d->options.costs, &d->model, &err) : -ENOENT;

	d->calibrated = !rc;
	if (rc)
		d->model = xn_cost_defaults;
	if (rc && rc != -ENOENT)
		xn_log(SD_WARNING, "default costs of CPU: %s", err.text);
}

int xn_daemon_reload(struct xn_daemon *d, struct xn_err *err)
{
	int rc;

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)xn_now() / 1000);
	rc = change(d, err);
	if (!rc) {
		load_costs(d);
		warn_oversold(d);
		xn_log(SD_INFO, "definitions read: %zu networks, %zu links", d->state->n_nets,
		       d->state->n_links);
		xn_daemon_keep(d);
		xn_channel_follow(d);
		xn_notify_changed(d->bus);
	}
	tell_manager(d);
	return rc;
}

/* --- signals --- */

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *arg)
{
	struct xn_err err;

	(void)source;
	(void)info;
	if (xn_daemon_reload(arg, &err))
		xn_log(SD_ERR, "%s: definitions stay as they were", err.text);
	return 0;
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *arg)
{
	struct xn_daemon *d = arg;

	(void)source;
	(void)info;
	return sd_event_exit(d->event, 0);
}

static int add_signals(struct xn_daemon *d)
{
	static const struct {
		int signal;
		sd_event_signal_handler_t handler;
	} table[] = {
		{ SIGHUP, on_reload },
		{ SIGTERM, on_stop },
		{ SIGINT, on_stop },
	};
	sigset_t mask;
	int rc = 0;

	sigemptyset(&mask);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		sigaddset(&mask, table[i].signal);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]) && rc >= 0; i++)
		rc = sd_event_add_signal(d->event, NULL, table[i].signal, table[i].handler, d);
	return rc;
}

/* --- start --- */

static int take_lock(struct xn_daemon *d, struct xn_err *err)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/lock", d->options.state);
	d->lock = xn_make_parents(path, 0755);
	if (!d->lock)
		d->lock = xn_lock_file(path);
	if (d->lock == -EWOULDBLOCK)
		xn_err_set(err, "%s: another xnetmand is running: stop it first", path);
	else if (d->lock < 0)
		xn_err_set(err, "%s: %s", path, strerror(-d->lock));
	return d->lock < 0 ? d->lock : 0;
}

static int open_event(struct xn_daemon *d, struct xn_err *err)
{
	int rc = sd_event_new(&d->event);

	if (rc >= 0)
		rc = add_signals(d);
	if (rc >= 0)
		rc = sd_event_set_watchdog(d->event, true);
	if (rc >= 0)
		rc = xn_worker_new(&d->keeper, d->event);
	if (rc < 0)
		xn_err_set(err, "event loop: %s", strerror(-rc));
	return rc < 0 ? rc : 0;
}

static int load(struct xn_daemon *d, struct xn_err *err)
{
	struct xn_config *config = xn_config_load(d->options.config, err);

	if (!config)
		return -EINVAL;
	d->state = xn_state_new(config, NULL);
	if (!d->state) {
		xn_config_free(config);
		return no_memory(err);
	}
	xn_contract_apply(d);
	warn_oversold(d);
	return 0;
}

static int open_devices(struct xn_daemon *d, struct xn_err *err)
{
	d->devices = xn_devices_open(d->event, &device_calls, d, err);
	return d->devices ? 0 : -EIO;
}

/*
 * The vifs that are here already are bound by a former xnetmand, and what is not known to be
 * right is removed when taking over: so their domains are read first. A xenstored that takes
 * its time is not waited for: then these vifs are bound anew when it answers.
 */
static int open_domains(struct xn_daemon *d, struct xn_err *err)
{
	d->domains = xn_domains_open(d->event, d->devices, on_domains_read, d, err);
	if (!d->domains)
		return -EIO;
	xn_domains_look(d->domains);
	if (!xn_domains_wait(d->domains, DOMAINS_WAIT_MS))
		xn_log(SD_WARNING, "xenstored does not answer: going on without");
	return 0;
}

static int open_planes(struct xn_daemon *d, struct xn_err *err)
{
	d->planes = xn_planes_open(d, err);
	return d->planes ? 0 : -EIO;
}

static int open_trees(struct xn_daemon *d, struct xn_err *err)
{
	d->trees = xn_trees_open(d, err);
	return d->trees ? 0 : -EIO;
}

/* A history that can't be written is no reason to leave networks without control. */
static int open_history(struct xn_daemon *d, struct xn_err *err)
{
	int rc = 0;

	(void)err;
	if (strcmp(d->options.history, "none"))
		rc = xn_history_open(&d->history, d->options.history, d->event);
	if (rc)
		xn_log(SD_WARNING, "no history: %s", strerror(-rc));
	d->reporter = xn_reporter_new(d);
	return 0;
}

static int open_bus(struct xn_daemon *d, struct xn_err *err)
{
	return xn_bus_open(d, err);
}

static int open_threads(struct xn_daemon *d, struct xn_err *err)
{
	d->threads = xn_threads_open("/proc");
	return d->threads ? 0 : no_memory(err);
}

/* What single devices were refused is logged, and the rest works. */
static int take_over(struct xn_daemon *d, struct xn_err *err)
{
	int rc = xn_apply(d, err);
	struct xn_err what;

	xn_trees_update(d->trees, &what); /* logged there */
	return rc == -EPERM ? rc : 0;
}

/* The Il that a former xnetmand left, or a new one from now on. */
static int resume(struct xn_daemon *d, struct xn_err *err)
{
	uint64_t now = xn_now();
	int rc;

	(void)err;
	snprintf(d->account, sizeof(d->account), "%s/account.json", d->options.state);
	d->base.start = now;
	d->base.generation = d->generation;
	if (xn_account_boot(&d->base))
		xn_log(SD_WARNING, "no boot id: the account will not survive a restart");
	rc = xn_account_restore(d->account, &d->base, now, d->state->config->machine.il, d->state);
	if (rc < 0)
		xn_log(SD_WARNING, "%s: not an account: starting a new one", d->account);
	if (rc > 0) {
		xn_log(SD_INFO, "going on with the account of the long interval");
		xn_contract_apply(d);
		xn_tick_resume(d);
	}
	d->started = now;
	xn_daemon_keep(d);
	return 0;
}

int xn_daemon_init(struct xn_daemon *d, const struct xn_options *options, struct xn_err *err)
{
	static int (*const steps[])(struct xn_daemon * d, struct xn_err * err) = {
		take_lock,    open_event, load,	       xn_module_open, open_devices,
		open_domains, open_trees, open_planes, open_history,   open_threads,
		open_bus,     take_over,  resume,      xn_tick_start,  xn_channel_open,
	};
	int rc = 0;

	memset(d, 0, sizeof(*d));
	d->options = *options;
	load_costs(d);
	d->lock = -1;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && !rc; i++)
		rc = steps[i](d, err);
	if (rc) {
		xn_daemon_exit(d);
		return rc;
	}
	xn_log(SD_INFO, "version %s, module %s: %zu networks, %zu links, policy %s", XN_VERSION,
	       d->module_version, d->state->n_nets, d->state->n_links,
	       xn_policy_name(d->state->config->machine.policy));
	tell_manager(d);
	return 0;
}

/* Also of what is only half there. */
void xn_daemon_exit(struct xn_daemon *d)
{
	if (d->timer) {
		sd_notify(0, "STOPPING=1");
		xn_tick_stop(d);
		xn_tick_release(d);
		xn_daemon_keep(d);
		xn_watch_leave(d, NULL);
	}
	xn_history_close(d->history); /* what it was asked for last goes to channel and bus */
	xn_reporter_free(d->reporter);
	xn_channel_close(d->channel);
	xn_bus_close(d->bus);
	xn_threads_close(d->threads);
	xn_planes_close(d->planes);
	xn_trees_close(d->trees);
	xn_domains_close(d->domains);
	xn_devices_close(d->devices);
	xn_module_close(d);
	xn_worker_free(d->keeper);
	xn_state_free(d->state);
	sd_event_unref(d->event);
	if (d->lock >= 0)
		close(d->lock);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * At most one read is under way. It takes the vifs as they are when it begins; what changes
 * meanwhile makes for one more. What it found is kept for those of its devices that are still
 * there: an ifindex is not used again as long as its device lives, and the kernel's removal of
 * a vif comes before Xen can give its domid to another domain.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/domain.h"
#include "daemon/log.h"
#include "daemon/worker.h"
#include "daemon/xenstore.h"

#define CHECK_USEC (5 * 1000000ULL)
#define CLOSE_MS   1000

/* One vif that there is. */
struct known {
	uint32_t ifindex;
	enum xn_domain_state state;
	struct xn_identity identity; /* if KNOWN */
	uint8_t mac[6];		     /* likewise; 0: not told */
};

/* Somebody who waits for the read with this number. */
struct asked {
	struct asked *next;
	uint64_t number;
	void (*done)(void *arg);
	void *arg;
};

struct xn_domains {
	sd_event *event;
	const struct xn_devices *devices;
	void (*changed)(void *arg);
	void *arg;

	struct xn_worker *worker;
	struct xn_xenstore *store; /* the worker's while it reads */
	sd_event_source *changes;  /* of the names; NULL: not connected */
	sd_event_source *check;	   /* on while there are vifs: is the connection, are they known? */

	struct known *known; /* sorted by ifindex */
	size_t n_known;
	struct asked *asked;
	uint64_t number; /* of the last read that began */
	bool reading;
	bool again;  /* something changed since it began */
	bool reopen; /* the connection is lost */
	bool told;   /* that there is no xenstored */
	bool closing;
};

struct read_job {
	struct xn_job job;
	struct xn_domains *domains;
	uint64_t number;
	bool reopen;
	int rc;
	size_t n;
	struct xn_vif_identity vifs[]; /* sorted by domid */
};

/* --- what is known --- */

static int compare_ifindex(const void *ifindex, const void *known)
{
	uint32_t x = *(const uint32_t *)ifindex, y = ((const struct known *)known)->ifindex;

	return x < y ? -1 : x > y;
}

static int compare_known(const void *a, const void *b)
{
	return compare_ifindex(&((const struct known *)a)->ifindex, b);
}

static struct known *find(const struct xn_domains *domains, uint32_t ifindex)
{
	if (!domains->n_known)
		return NULL;
	return bsearch(&ifindex, domains->known, domains->n_known, sizeof(*domains->known),
		       compare_ifindex);
}

enum xn_domain_state xn_domains_get(const struct xn_domains *domains, uint32_t ifindex,
				    const struct xn_identity **identity)
{
	const struct known *known = find(domains, ifindex);

	if (!known)
		return XN_DOMAIN_UNREAD;
	*identity = &known->identity;
	return known->state;
}

bool xn_domains_mac(const struct xn_domains *domains, uint32_t ifindex, uint8_t mac[6])
{
	static const uint8_t none[6];
	const struct known *known = find(domains, ifindex);

	if (!known || known->state != XN_DOMAIN_KNOWN || !memcmp(known->mac, none, sizeof(none)))
		return false;
	memcpy(mac, known->mac, sizeof(known->mac));
	return true;
}

void xn_domains_forget(struct xn_domains *domains, uint32_t ifindex)
{
	struct known *known = find(domains, ifindex);

	if (!known)
		return;
	memmove(known, known + 1, (&domains->known[domains->n_known] - known - 1) * sizeof(*known));
	domains->n_known--;
}

static size_t count_vifs(const struct xn_domains *domains)
{
	size_t n, vifs = 0;
	const struct xn_device *table = xn_devices_all(domains->devices, &n);

	for (size_t i = 0; i < n; i++)
		vifs += table[i].kind == XN_DEVICE_VIF;
	return vifs;
}

/* An entry for each vif that there is, and none for others. Return: are some new? */
static bool follow_devices(struct xn_domains *domains)
{
	size_t n, n_known = 0;
	const struct xn_device *table = xn_devices_all(domains->devices, &n);
	struct known *fresh = calloc(count_vifs(domains) + 1, sizeof(*fresh));
	bool new = false;

	if (!fresh) {
		xn_log(SD_ERR, "no memory for the domains of the vifs");
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		const struct known *was;

		if (table[i].kind != XN_DEVICE_VIF)
			continue;
		was = find(domains, table[i].ifindex);
		fresh[n_known].ifindex = table[i].ifindex;
		if (was)
			fresh[n_known] = *was;
		new = new || !was;
		n_known++;
	}
	qsort(fresh, n_known, sizeof(*fresh), compare_known);
	free(domains->known);
	domains->known = fresh;
	domains->n_known = n_known;
	return new;
}

/* --- reading --- */

static void finish_read(struct xn_job *job);

static void run_read(struct xn_job *job)
{
	struct read_job *read = (struct read_job *)job;

	read->rc = xn_xenstore_read(read->domains->store, read->vifs, read->n, read->reopen);
}

static int compare_domid(const void *a, const void *b)
{
	const struct xn_vif_identity *x = a, *y = b;

	return x->vif.domid < y->vif.domid ? -1 : x->vif.domid > y->vif.domid;
}

static struct read_job *new_read(struct xn_domains *domains)
{
	size_t n, vifs = count_vifs(domains);
	const struct xn_device *table = xn_devices_all(domains->devices, &n);
	struct read_job *read = calloc(1, sizeof(*read) + vifs * sizeof(*read->vifs));

	if (!read)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (table[i].kind == XN_DEVICE_VIF)
			read->vifs[read->n++] = (struct xn_vif_identity){
				.ifindex = table[i].ifindex,
				.vif = table[i].vif,
			};
	qsort(read->vifs, read->n, sizeof(*read->vifs), compare_domid);
	read->job.run = run_read;
	read->job.done = finish_read;
	read->domains = domains;
	return read;
}

static void arm_check(struct xn_domains *domains)
{
	sd_event_source_set_time_relative(domains->check, CHECK_USEC);
	sd_event_source_set_enabled(domains->check, SD_EVENT_ONESHOT);
}

/* Begin to read, now or as soon as the read under way is over. */
static void begin_read(struct xn_domains *domains)
{
	struct read_job *read;

	domains->again = domains->reading;
	if (domains->reading)
		return;
	read = new_read(domains);
	if (!read) {
		xn_log(SD_ERR, "no memory to read the domains of the vifs");
		arm_check(domains);
		return;
	}
	read->number = ++domains->number;
	read->reopen = domains->reopen;
	domains->reopen = false;
	domains->reading = true;
	xn_worker_submit(domains->worker, &read->job);
}

/* --- changes of names --- */

static void stop_listening(struct xn_domains *domains)
{
	domains->changes = sd_event_source_disable_unref(domains->changes);
}

/* A watch also fires once when it is set: one read too many, no harm. */
static void take_changes(struct xn_domains *domains)
{
	int rc = xn_xenstore_changes(domains->store);

	if (rc < 0) {
		xn_log(SD_NOTICE, "lost xenstored: connecting again");
		stop_listening(domains);
		domains->reopen = true;
	}
	if (rc)
		begin_read(domains);
}

static int on_changes(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	(void)source;
	(void)fd;
	(void)revents;
	take_changes(arg);
	return 0;
}

static void listen_changes(struct xn_domains *domains)
{
	int fd = xn_xenstore_fd(domains->store);
	int rc;

	if (fd < 0)
		return;
	rc = sd_event_add_io(domains->event, &domains->changes, fd, EPOLLIN, on_changes, domains);
	if (rc < 0)
		xn_log(SD_ERR, "xenstored: %s: renamed domains are not noticed", strerror(-rc));
}

/* --- after a read --- */

static void tell_store(struct xn_domains *domains, const struct read_job *read)
{
	if (read->rc == -ENOTCONN && !domains->told)
		xn_log(SD_INFO,
		       "no xenstored: new vifs are ports by the names of their devices only");
	if (!read->rc && domains->told && read->n)
		xn_log(SD_INFO, "xenstored is there: vifs are ports by their domains");
	if (!read->rc || read->rc == -ENOTCONN)
		domains->told = read->rc == -ENOTCONN;
}

/* What is known stays known if there is no answer: the device is the same. */
static void learn(struct xn_domains *domains, const struct read_job *read)
{
	for (size_t i = 0; i < read->n; i++) {
		const struct xn_vif_identity *vif = &read->vifs[i];
		struct known *known = find(domains, vif->ifindex);

		if (!known)
			continue;
		if (!read->rc && vif->read) {
			known->state = XN_DOMAIN_KNOWN;
			known->identity = vif->identity;
			memcpy(known->mac, vif->mac, sizeof(vif->mac));
		} else if (known->state != XN_DOMAIN_KNOWN) {
			known->state = read->rc == -ENOTCONN ? XN_DOMAIN_NO_STORE
							     : XN_DOMAIN_UNREAD;
		}
	}
}

static bool all_known(const struct xn_domains *domains)
{
	for (size_t i = 0; i < domains->n_known; i++)
		if (domains->known[i].state != XN_DOMAIN_KNOWN)
			return false;
	return true;
}

static void answer(struct xn_domains *domains, uint64_t number)
{
	struct asked **at = &domains->asked;

	while (*at) {
		struct asked *asked = *at;

		if (asked->number > number) {
			at = &asked->next;
			continue;
		}
		*at = asked->next;
		asked->done(asked->arg);
		free(asked);
	}
}

/* A new connection is made by the next read, at once where it was an old one that broke. */
static void mind_connection(struct xn_domains *domains, const struct read_job *read)
{
	bool was_old = domains->changes;

	if (read->rc) {
		stop_listening(domains); /* before the next read closes it */
		domains->reopen = true;
		domains->again = domains->again || (read->rc == -EIO && was_old);
	} else if (!domains->changes && !domains->reopen) {
		listen_changes(domains);
	}
}

static void finish_read(struct xn_job *job)
{
	struct read_job *read = (struct read_job *)job;
	struct xn_domains *domains = read->domains;

	domains->reading = false;
	if (domains->closing) {
		free(read);
		return;
	}
	mind_connection(domains, read);
	tell_store(domains, read);
	learn(domains, read);
	domains->changed(domains->arg);
	answer(domains, read->number);
	if (domains->again)
		begin_read(domains);
	else if (domains->n_known)
		arm_check(domains);
	free(read);
}

/* --- for others --- */

void xn_domains_look(struct xn_domains *domains)
{
	if (follow_devices(domains))
		begin_read(domains);
}

int xn_domains_ask(struct xn_domains *domains, void (*done)(void *arg), void *arg)
{
	struct asked *asked = calloc(1, sizeof(*asked));

	if (!asked)
		return -ENOMEM;
	*asked = (struct asked){
		.next = domains->asked,
		.number = domains->number + 1,
		.done = done,
		.arg = arg,
	};
	domains->asked = asked;
	begin_read(domains);
	return 0;
}

bool xn_domains_wait(struct xn_domains *domains, int ms)
{
	return xn_worker_wait(domains->worker, ms);
}

/* libxenstore's descriptor does not tell when the connection is lost. */
static int on_check(sd_event_source *source, uint64_t usec, void *arg)
{
	struct xn_domains *domains = arg;

	(void)source;
	(void)usec;
	if (domains->changes)
		take_changes(domains);
	if (!domains->n_known || domains->reading)
		return 0;
	if (!domains->changes || !all_known(domains))
		begin_read(domains);
	else
		arm_check(domains);
	return 0;
}

struct xn_domains *xn_domains_open(sd_event *event, const struct xn_devices *devices,
				   void (*changed)(void *arg), void *arg, struct xn_err *err)
{
	struct xn_domains *domains = calloc(1, sizeof(*domains));
	int rc = -ENOMEM;

	if (!domains)
		goto err;
	domains->event = event;
	domains->devices = devices;
	domains->changed = changed;
	domains->arg = arg;
	domains->store = xn_xenstore_new();
	if (!domains->store)
		goto err_domains;
	rc = sd_event_add_time_relative(event, &domains->check, CLOCK_MONOTONIC, 0, 0, on_check,
					domains);
	if (rc >= 0)
		rc = sd_event_source_set_enabled(domains->check, SD_EVENT_OFF);
	if (rc >= 0)
		rc = xn_worker_new(&domains->worker, event);
	if (rc >= 0)
		return domains;
	sd_event_source_disable_unref(domains->check);
	xn_xenstore_free(domains->store);
err_domains:
	free(domains);
err:
	xn_err_set(err, "domains of the vifs: %s", strerror(-rc));
	return NULL;
}

void xn_domains_close(struct xn_domains *domains)
{
	if (!domains)
		return;
	domains->closing = true;
	sd_event_source_disable_unref(domains->check);
	stop_listening(domains);
	answer(domains, UINT64_MAX);
	if (!xn_worker_wait(domains->worker, CLOSE_MS))
		return; /* the thread still uses it all, and ends with the process */
	xn_worker_free(domains->worker);
	xn_xenstore_free(domains->store);
	free(domains->known);
	free(domains);
}

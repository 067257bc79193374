// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A configuration is made of many commands of tc, and each is told by the kernel: they say that it is time to read,
 * once there was a moment of silence. All qdiscs are read in one dump; only where one was configured are
 * classes and filters read, too.
 */
#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "daemon/log.h"
#include "guest/shaping.h"
#include "guest/tc.h"

#define SETTLE_USEC  20000 /* of silence */
#define LATEST_USEC  60000 /* after the first change, whatever comes */
#define RETRY_USEC   1000000
#define DUMP_TRIES   5
#define EVENT_BUFFER (1 << 20)

struct device {
	struct xn_qos qos;
	uint64_t version; /* of the last change; 0: the slot is free */
	bool egress;	  /* it has a clsact, not just an ingress */
};

struct xn_shaping {
	struct nl_sock *events;
	sd_event_source *io, *timer;
	void (*changed)(void *arg);
	void *arg;
	struct device devices[XN_GUEST_INTERFACES_MAX], fresh[XN_GUEST_INTERFACES_MAX];
	size_t n_fresh;
	uint64_t version, first; /* @first: change that was not read yet, us; 0: none */
	bool told_full;

	/* of the dump under way */
	struct device *device;
	uint32_t parent;
	uint16_t tables;
};

/* --- reading --- */

struct dump {
	struct xn_shaping *shaping;
	void (*take)(struct xn_shaping *shaping, const struct nlmsghdr *message);
};

static int on_dumped(struct nl_msg *msg, void *arg)
{
	struct dump *dump = arg;

	dump->take(dump->shaping, nlmsg_hdr(msg));
	return NL_OK;
}

/* Return: 0 or a libnl error; -NLE_DUMP_INTR: there were changes meanwhile. */
static int read_dump(struct xn_shaping *shaping, int type, const struct tcmsg *tcm,
		     void (*take)(struct xn_shaping *shaping, const struct nlmsghdr *message))
{
	struct dump dump = { shaping, take };
	struct nl_sock *sock = nl_socket_alloc();
	int rc;

	if (!sock)
		return -NLE_NOMEM;
	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_dumped, &dump);
	rc = nl_connect(sock, NETLINK_ROUTE);
	if (rc >= 0)
		rc = nl_send_simple(sock, type, NLM_F_DUMP, (void *)tcm, sizeof(*tcm));
	if (rc >= 0)
		rc = nl_recvmsgs_default(sock);
	nl_socket_free(sock);
	return rc < 0 ? rc : 0;
}

static struct device *fresh_at(struct xn_shaping *shaping, uint32_t ifindex)
{
	struct device *device = NULL;

	for (size_t i = 0; i < shaping->n_fresh && !device; i++)
		if (shaping->fresh[i].qos.interface == ifindex)
			device = &shaping->fresh[i];
	if (device)
		return device;
	if (shaping->n_fresh == XN_GUEST_INTERFACES_MAX) {
		if (!shaping->told_full)
			xn_log(SD_WARNING, "tc: Dom0 is told of no more than %d interfaces",
			       XN_GUEST_INTERFACES_MAX);
		shaping->told_full = true;
		return NULL;
	}
	device = &shaping->fresh[shaping->n_fresh++];
	memset(device, 0, sizeof(*device));
	device->qos.interface = ifindex;
	return device;
}

/* What does not fit is told, so that it is refused: the last there is room for says so. */
static void too_many(char text[XN_QOS_WORD], const char *what)
{
	memset(text, 0, XN_QOS_WORD);
	strncpy(text, what, XN_QOS_WORD - 1);
}

static bool is_clsact(const struct nlmsghdr *message)
{
	const struct nlattr *kind =
		nlmsg_find_attr((struct nlmsghdr *)message, sizeof(struct tcmsg), TCA_KIND);

	return kind && !strcmp(nla_get_string(kind), "clsact");
}

static void take_qdisc(struct xn_shaping *shaping, const struct nlmsghdr *message)
{
	const struct tcmsg *tcm = nlmsg_data(message);
	struct device *device;
	struct xn_qdisc q;

	if (!xn_tc_parse_qdisc(message, &q))
		return;
	device = fresh_at(shaping, tcm->tcm_ifindex);
	if (!device)
		return;
	device->egress |= is_clsact(message);
	if (device->qos.n_qdiscs < XN_QDISCS_MAX) {
		device->qos.qdiscs[device->qos.n_qdiscs++] = q;
		return;
	}
	device->qos.qdiscs[XN_QDISCS_MAX - 1].kind = XN_QDISC_OTHER;
	too_many(device->qos.qdiscs[XN_QDISCS_MAX - 1].name, "more than 16 qdiscs");
}

static void take_class(struct xn_shaping *shaping, const struct nlmsghdr *message)
{
	struct xn_qos *qos = &shaping->device->qos;
	struct xn_class class;

	if (!xn_tc_parse_class(message, &class))
		return;
	if (qos->n_classes < XN_CLASSES_MAX) {
		qos->classes[qos->n_classes++] = class;
		return;
	}
	qos->qdiscs[0].kind = XN_QDISC_OTHER;
	too_many(qos->qdiscs[0].name, "more than 64 classes");
}

static void take_filter(struct xn_shaping *shaping, const struct nlmsghdr *message)
{
	struct xn_qos *qos = &shaping->device->qos;
	struct xn_filter filter;

	if (!xn_tc_parse_filter(message, shaping->parent, &shaping->tables, &filter))
		return;
	if (qos->n_filters < XN_FILTERS_MAX) {
		qos->filters[qos->n_filters++] = filter;
		return;
	}
	qos->filters[XN_FILTERS_MAX - 1].kind = XN_FILTER_OTHER;
	too_many(qos->filters[XN_FILTERS_MAX - 1].name, "more than 64 filters");
}

static int read_filters(struct xn_shaping *shaping, uint32_t parent)
{
	const struct tcmsg tcm = {
		.tcm_ifindex = shaping->device->qos.interface,
		.tcm_parent = parent,
	};

	shaping->parent = parent;
	shaping->tables = 0;
	return read_dump(shaping, RTM_GETTFILTER, &tcm, take_filter);
}

/* Those at a class that has none below it are never asked. */
static int read_class_filters(struct xn_shaping *shaping)
{
	const struct xn_qos *qos = &shaping->device->qos;
	int rc = 0;

	for (size_t i = 0; i < qos->n_classes && !rc; i++)
		for (size_t j = 0; j < qos->n_classes; j++)
			if (qos->classes[j].parent == qos->classes[i].id) {
				rc = read_filters(shaping, qos->classes[i].id);
				break;
			}
	return rc;
}

static int read_device(struct xn_shaping *shaping, struct device *device)
{
	const struct tcmsg tcm = { .tcm_ifindex = device->qos.interface };
	int rc;

	shaping->device = device;
	rc = read_dump(shaping, RTM_GETTCLASS, &tcm, take_class);
	for (size_t i = 0; i < device->qos.n_qdiscs && !rc; i++) {
		if (device->qos.qdiscs[i].kind != XN_QDISC_CLSACT) {
			rc = read_filters(shaping, device->qos.qdiscs[i].handle);
			continue;
		}
		rc = read_filters(shaping, XN_QOS_INGRESS);
		if (!rc && device->egress)
			rc = read_filters(shaping, XN_QOS_EGRESS);
	}
	return rc ? rc : read_class_filters(shaping);
}

static int read_all(struct xn_shaping *shaping)
{
	const struct tcmsg all = { 0 };
	int rc;

	shaping->n_fresh = 0;
	rc = read_dump(shaping, RTM_GETQDISC, &all, take_qdisc);
	for (size_t i = 0; i < shaping->n_fresh && !rc; i++)
		rc = read_device(shaping, &shaping->fresh[i]);
	return rc;
}

/* --- what is new --- */

/* One that has nothing any more may still have to be told of: it gives its place up only if there is no other. */
static struct device *slot_of(struct xn_shaping *shaping, uint32_t ifindex)
{
	struct device *free_slot = NULL;

	for (size_t i = 0; i < XN_GUEST_INTERFACES_MAX; i++) {
		struct device *device = &shaping->devices[i];

		if (device->version && device->qos.interface == ifindex)
			return device;
		if (!device->version && (!free_slot || free_slot->version))
			free_slot = device;
		else if (!free_slot && !device->qos.n_qdiscs)
			free_slot = device;
	}
	return free_slot;
}

static bool store(struct xn_shaping *shaping, const struct xn_qos *qos)
{
	struct device *device = slot_of(shaping, qos->interface);

	if (!device || (device->version && !memcmp(&device->qos, qos, sizeof(*qos))))
		return false;
	device->qos = *qos;
	device->version = ++shaping->version;
	return true;
}

static bool is_fresh(const struct xn_shaping *shaping, uint32_t ifindex)
{
	for (size_t i = 0; i < shaping->n_fresh; i++)
		if (shaping->fresh[i].qos.interface == ifindex)
			return true;
	return false;
}

/* Those that have nothing any more first: their places may be needed. */
static bool compare(struct xn_shaping *shaping)
{
	bool changed = false;

	for (size_t i = 0; i < XN_GUEST_INTERFACES_MAX; i++) {
		struct device *device = &shaping->devices[i];
		struct xn_qos none = { .interface = device->qos.interface };

		if (device->version && !is_fresh(shaping, none.interface))
			changed |= store(shaping, &none);
	}
	for (size_t i = 0; i < shaping->n_fresh; i++)
		changed |= store(shaping, &shaping->fresh[i].qos);
	return changed;
}

static uint64_t now_usec(const struct xn_shaping *shaping)
{
	uint64_t now = 0;

	sd_event_now(sd_event_source_get_event(shaping->timer), CLOCK_MONOTONIC, &now);
	return now;
}

static void read_at(struct xn_shaping *shaping, uint64_t time)
{
	sd_event_source_set_time(shaping->timer, time);
	sd_event_source_set_enabled(shaping->timer, SD_EVENT_ONESHOT);
}

static int read_steadily(struct xn_shaping *shaping)
{
	int rc = -NLE_DUMP_INTR;

	for (int tries = DUMP_TRIES; tries && rc == -NLE_DUMP_INTR; tries--)
		rc = read_all(shaping);
	return rc;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *arg)
{
	struct xn_shaping *shaping = arg;
	int rc = read_steadily(shaping);

	(void)source;
	(void)usec;
	shaping->first = 0;
	if (rc) {
		if (rc != -NLE_DUMP_INTR)
			xn_log(SD_ERR, "tc: %s: trying again", nl_geterror(rc));
		read_at(shaping,
			now_usec(shaping) + (rc == -NLE_DUMP_INTR ? SETTLE_USEC : RETRY_USEC));
	} else if (compare(shaping)) {
		shaping->changed(shaping->arg);
	}
	return 0;
}

/* --- events --- */

static int on_message(struct nl_msg *msg, void *arg)
{
	struct xn_shaping *shaping = arg;
	uint64_t now = now_usec(shaping), soon = now + SETTLE_USEC, latest;

	(void)msg;
	if (!shaping->first)
		shaping->first = now;
	latest = shaping->first + LATEST_USEC;
	read_at(shaping, soon < latest ? soon : latest);
	return NL_OK;
}

static int on_events(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	struct xn_shaping *shaping = arg;
	int rc;

	(void)source;
	(void)fd;
	(void)revents;
	do
		rc = nl_recvmsgs_default(shaping->events);
	while (rc == 0);
	if (rc == -NLE_NOMEM) /* some were lost */
		read_at(shaping, now_usec(shaping) + SETTLE_USEC);
	return 0;
}

static int open_events(struct xn_shaping *shaping)
{
	int size = EVENT_BUFFER, rc;

	shaping->events = nl_socket_alloc();
	if (!shaping->events)
		return -NLE_NOMEM;
	nl_socket_disable_seq_check(shaping->events);
	nl_socket_modify_cb(shaping->events, NL_CB_VALID, NL_CB_CUSTOM, on_message, shaping);
	rc = nl_connect(shaping->events, NETLINK_ROUTE);
	if (rc)
		return rc;
	setsockopt(nl_socket_get_fd(shaping->events), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		   sizeof(size));
	rc = nl_socket_set_nonblocking(shaping->events);
	return rc ? rc : nl_socket_add_memberships(shaping->events, RTNLGRP_TC, 0);
}

/* --- life --- */

static int start(struct xn_shaping *shaping, sd_event *event, struct xn_err *err)
{
	int rc = open_events(shaping);

	if (rc) {
		xn_err_set(err, "tc: %s", nl_geterror(rc));
		return -EIO;
	}
	rc = sd_event_add_io(event, &shaping->io, nl_socket_get_fd(shaping->events), EPOLLIN,
			     on_events, shaping);
	if (rc >= 0)
		rc = sd_event_add_time_relative(event, &shaping->timer, CLOCK_MONOTONIC,
						SETTLE_USEC, 1, on_timer, shaping);
	if (rc < 0)
		xn_err_set(err, "tc: %s", strerror(-rc));
	return rc < 0 ? rc : 0;
}

struct xn_shaping *xn_shaping_open(sd_event *event, void (*changed)(void *arg), void *arg,
				   struct xn_err *err)
{
	struct xn_shaping *shaping = calloc(1, sizeof(*shaping));

	if (!shaping) {
		xn_err_set(err, "tc: no memory");
		return NULL;
	}
	shaping->changed = changed;
	shaping->arg = arg;
	if (!start(shaping, event, err)) {
		if (!read_steadily(shaping))
			compare(shaping);
		return shaping;
	}
	xn_shaping_close(shaping);
	return NULL;
}

void xn_shaping_close(struct xn_shaping *shaping)
{
	if (!shaping)
		return;
	sd_event_source_disable_unref(shaping->io);
	sd_event_source_disable_unref(shaping->timer);
	nl_socket_free(shaping->events);
	free(shaping);
}

uint64_t xn_shaping_version(const struct xn_shaping *shaping)
{
	return shaping->version;
}

const struct xn_qos *xn_shaping_next(struct xn_shaping *shaping, uint64_t *told)
{
	const struct device *next = NULL;

	for (size_t i = 0; i < XN_GUEST_INTERFACES_MAX; i++) {
		const struct device *device = &shaping->devices[i];

		if (device->version > *told && (!next || device->version < next->version))
			next = device;
	}
	if (next)
		*told = next->version;
	return next ? &next->qos : NULL;
}

size_t xn_shaping_count(const struct xn_shaping *shaping)
{
	size_t n = 0;

	for (size_t i = 0; i < XN_GUEST_INTERFACES_MAX; i++)
		n += shaping->devices[i].qos.n_qdiscs > 0;
	return n;
}

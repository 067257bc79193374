// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A table of devices, sorted by name, kept by rtnetlink's link group. If messages
 * were lost, everything is read again. What a device is, sysfs says.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/device.h"
#include "daemon/log.h"

#define EVENT_BUFFER (4 << 20) /* bytes; some thousand devices at once */

struct xn_devices {
	struct xn_device *table; /* sorted by name */
	size_t n, max;
	struct nl_sock *events;
	sd_event_source *source;
	const struct xn_device_calls *calls;
	void *arg;
	bool unsure;  /* some are */
	bool changed; /* since calls->changed() */
};

static int compare(const void *name, const void *device)
{
	return strcmp(name, ((const struct xn_device *)device)->name);
}

static struct xn_device *find_name(const struct xn_devices *devices, const char *name)
{
	if (!devices->n)
		return NULL;
	return bsearch(name, devices->table, devices->n, sizeof(*devices->table), compare);
}

static struct xn_device *find_index(const struct xn_devices *devices, uint32_t ifindex)
{
	for (size_t i = 0; i < devices->n; i++)
		if (devices->table[i].ifindex == ifindex)
			return &devices->table[i];
	return NULL;
}

static void forget(struct xn_devices *devices, struct xn_device *device)
{
	size_t after = &devices->table[devices->n] - device - 1;

	memmove(device, device + 1, after * sizeof(*device));
	devices->n--;
	devices->changed = true;
}

static void insert(struct xn_devices *devices, const struct xn_device *device)
{
	size_t at = 0;

	if (devices->n == devices->max) {
		size_t max = devices->max ? 2 * devices->max : 64;
		struct xn_device *table = reallocarray(devices->table, max, sizeof(*table));

		if (!table) {
			xn_log(SD_ERR, "no memory for device %s", device->name);
			return;
		}
		devices->table = table;
		devices->max = max;
	}
	while (at < devices->n && strcmp(devices->table[at].name, device->name) < 0)
		at++;
	memmove(&devices->table[at + 1], &devices->table[at], (devices->n - at) * sizeof(*device));
	devices->table[at] = *device;
	devices->n++;
	devices->changed = true;
}

/* What a device is does not change as long as it lives, whatever it is called. */
static void look(struct xn_devices *devices, struct xn_device *device)
{
	int rc = xn_vif_read(XN_SYSFS_NET, device->name, device->ifindex, &device->vif);

	device->kind = rc < 0 ? XN_DEVICE_UNSURE : rc ? XN_DEVICE_VIF : XN_DEVICE_OTHER;
	devices->unsure |= rc < 0;
	devices->changed |= rc >= 0;
}

static void look_again(struct xn_devices *devices)
{
	if (!devices->unsure)
		return;
	devices->unsure = false;
	for (size_t i = 0; i < devices->n; i++)
		if (devices->table[i].kind == XN_DEVICE_UNSURE)
			look(devices, &devices->table[i]);
}

/* What may change while the device stays the same. */
static void follow(struct xn_devices *devices, struct xn_device *known,
		   const struct xn_device *seen)
{
	devices->changed |= known->master != seen->master || known->lower != seen->lower ||
			    known->vlan_aware != seen->vlan_aware ||
			    memcmp(known->mac, seen->mac, sizeof(seen->mac));
	known->up = seen->up;
	known->master = seen->master;
	known->lower = seen->lower;
	known->vlan_aware = seen->vlan_aware;
	memcpy(known->mac, seen->mac, sizeof(seen->mac));
}

/* A device is there, perhaps under a new name. Whoever had the name before has lost it. */
static void learn(struct xn_devices *devices, struct xn_device *seen)
{
	struct xn_device *known = find_index(devices, seen->ifindex);

	if (known && !strcmp(known->name, seen->name)) {
		follow(devices, known, seen);
		return;
	}
	if (known) {
		seen->kind = known->kind;
		seen->vif = known->vif;
		forget(devices, known);
	}
	if (seen->kind == XN_DEVICE_UNSURE)
		look(devices, seen);
	known = find_name(devices, seen->name);
	if (known)
		forget(devices, known);
	insert(devices, seen);
}

static void lose(struct xn_devices *devices, uint32_t ifindex)
{
	struct xn_device *known = find_index(devices, ifindex);

	if (known)
		forget(devices, known);
	devices->calls->gone(ifindex, devices->arg);
}

/* By its IFLA_LINKINFO. */
static bool forwards(struct nlattr *linkinfo)
{
	static const char *const kinds[] = { "vrf", "vlan", "macvlan", "ipvlan" };
	struct nlattr *attrs[IFLA_INFO_MAX + 1], *kind;

	if (!linkinfo || nla_parse_nested(attrs, IFLA_INFO_MAX, linkinfo, NULL) < 0)
		return false;
	kind = attrs[IFLA_INFO_KIND];
	for (size_t i = 0; kind && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!nla_strcmp(kind, kinds[i]))
			return true;
	return false;
}

static uint32_t get_u32(struct nlattr *attr)
{
	return attr && nla_len(attr) >= 4 ? nla_get_u32(attr) : 0;
}

static void take_bridge(struct nlattr *info, struct xn_device *seen)
{
	struct nlattr *attrs[IFLA_INFO_MAX + 1], *data[IFLA_BR_MAX + 1];

	if (!info || nla_parse_nested(attrs, IFLA_INFO_MAX, info, NULL) < 0 ||
	    !attrs[IFLA_INFO_KIND] || strcmp(nla_get_string(attrs[IFLA_INFO_KIND]), "bridge"))
		return;
	seen->bridge = true;
	if (attrs[IFLA_INFO_DATA] &&
	    nla_parse_nested(data, IFLA_BR_MAX, attrs[IFLA_INFO_DATA], NULL) >= 0 &&
	    data[IFLA_BR_VLAN_FILTERING])
		seen->vlan_aware = nla_get_u8(data[IFLA_BR_VLAN_FILTERING]);
}

static void take_place(struct nlattr **attrs, struct xn_device *seen)
{
	seen->master = get_u32(attrs[IFLA_MASTER]);
	/* that of a veth is in another namespace: no device of ours */
	seen->lower = attrs[IFLA_LINK_NETNSID] ? 0 : get_u32(attrs[IFLA_LINK]);
	if (attrs[IFLA_ADDRESS] && nla_len(attrs[IFLA_ADDRESS]) == sizeof(seen->mac))
		memcpy(seen->mac, nla_data(attrs[IFLA_ADDRESS]), sizeof(seen->mac));
	take_bridge(attrs[IFLA_LINKINFO], seen);
}

static int on_message(struct nl_msg *msg, void *arg)
{
	const struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct nlattr *attrs[IFLA_MAX + 1];
	const struct ifinfomsg *info;
	struct xn_device seen = { .kind = XN_DEVICE_UNSURE };

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(*info), attrs, IFLA_MAX, NULL) < 0)
		return NL_SKIP;
	info = nlmsg_data(hdr);
	/* bridges tell of their ports' bridge side in the same group: not a device's coming or going */
	if (info->ifi_family != AF_UNSPEC)
		return NL_OK;
	if (hdr->nlmsg_type == RTM_DELLINK) {
		lose(arg, info->ifi_index);
	} else if (hdr->nlmsg_type == RTM_NEWLINK && attrs[IFLA_IFNAME]) {
		nla_strlcpy(seen.name, attrs[IFLA_IFNAME], sizeof(seen.name));
		seen.ifindex = info->ifi_index;
		seen.up = (info->ifi_flags & IFF_UP) && (info->ifi_flags & IFF_RUNNING);
		seen.forwards = forwards(attrs[IFLA_LINKINFO]);
		take_place(attrs, &seen);
		learn(arg, &seen);
	}
	return NL_OK;
}

/* Into an empty table, on a socket of its own. */
static int dump(struct xn_devices *devices)
{
	struct rtgenmsg all = { .rtgen_family = AF_UNSPEC };
	struct nl_sock *sock = nl_socket_alloc();
	int rc;

	if (!sock)
		return -NLE_NOMEM;
	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, on_message, devices);
	rc = nl_connect(sock, NETLINK_ROUTE);
	for (int tries = 10; tries && rc >= 0; tries--) {
		rc = nl_send_simple(sock, RTM_GETLINK, NLM_F_DUMP, &all, sizeof(all));
		if (rc >= 0)
			rc = nl_recvmsgs_default(sock);
		if (rc != -NLE_DUMP_INTR)
			break;
		rc = 0; /* devices came or went meanwhile: what was learnt stands, the rest again */
	}
	nl_socket_free(sock);
	return rc < 0 ? rc : 0;
}

/* What is not there any more is gone. If it fails the table stays as it was. */
static int read_all(struct xn_devices *devices)
{
	struct xn_device *was = devices->table;
	size_t n = devices->n, max = devices->max;
	int rc;

	devices->table = NULL;
	devices->n = devices->max = 0;
	rc = dump(devices);
	if (rc) {
		free(devices->table);
		devices->table = was;
		devices->n = n;
		devices->max = max;
		return rc;
	}
	for (size_t i = 0; i < n; i++)
		if (!find_index(devices, was[i].ifindex))
			devices->calls->gone(was[i].ifindex, devices->arg);
	free(was);
	devices->changed = true;
	return 0;
}

void xn_devices_read(struct xn_devices *devices)
{
	int rc;

	do
		rc = nl_recvmsgs_default(devices->events);
	while (rc == 0);
	if (rc == -NLE_NOMEM) {
		xn_log(SD_NOTICE, "lost device messages: reading all devices again");
		rc = read_all(devices);
		if (rc)
			xn_log(SD_ERR, "net devices: rtnetlink: %s", nl_geterror(rc));
	}
	look_again(devices);
	if (devices->changed) {
		devices->changed = false;
		devices->calls->changed(devices->arg);
	}
}

static int on_event(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	(void)source;
	(void)fd;
	(void)revents;
	xn_devices_read(arg);
	return 0;
}

static int open_events(struct xn_devices *devices)
{
	int size = EVENT_BUFFER;
	int rc;

	devices->events = nl_socket_alloc();
	if (!devices->events)
		return -NLE_NOMEM;
	nl_socket_disable_seq_check(devices->events);
	nl_socket_modify_cb(devices->events, NL_CB_VALID, NL_CB_CUSTOM, on_message, devices);
	rc = nl_connect(devices->events, NETLINK_ROUTE);
	if (rc)
		return rc;
	setsockopt(nl_socket_get_fd(devices->events), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		   sizeof(size));
	rc = nl_socket_set_nonblocking(devices->events);
	return rc ? rc : nl_socket_add_memberships(devices->events, RTNLGRP_LINK, 0);
}

struct xn_devices *xn_devices_open(sd_event *event, const struct xn_device_calls *calls, void *arg,
				   struct xn_err *err)
{
	struct xn_devices *devices = calloc(1, sizeof(*devices));
	int rc;

	if (!devices) {
		xn_err_set(err, "net devices: no memory");
		return NULL;
	}
	devices->calls = calls;
	devices->arg = arg;
	/* first listen, then read: nothing is missed in between */
	rc = open_events(devices);
	if (!rc)
		rc = read_all(devices);
	if (rc) {
		xn_err_set(err, "net devices: rtnetlink: %s", nl_geterror(rc));
		goto err_devices;
	}
	devices->changed = false;
	rc = sd_event_add_io(event, &devices->source, nl_socket_get_fd(devices->events), EPOLLIN,
			     on_event, devices);
	if (rc < 0) {
		xn_err_set(err, "net devices: %s", strerror(-rc));
		goto err_devices;
	}
	return devices;

err_devices:
	xn_devices_close(devices);
	return NULL;
}

void xn_devices_close(struct xn_devices *devices)
{
	if (!devices)
		return;
	sd_event_source_unref(devices->source);
	nl_socket_free(devices->events);
	free(devices->table);
	free(devices);
}

const struct xn_device *xn_devices_all(const struct xn_devices *devices, size_t *n)
{
	*n = devices->n;
	return devices->table;
}

const struct xn_device *xn_devices_at(const struct xn_devices *devices, uint32_t ifindex)
{
	return find_index(devices, ifindex);
}

const struct xn_device *xn_devices_find(const struct xn_devices *devices, const char *name)
{
	return find_name(devices, name);
}

uint32_t xn_devices_index(const struct xn_devices *devices, const char *name)
{
	const struct xn_device *device = find_name(devices, name);

	return device ? device->ifindex : 0;
}

bool xn_devices_up(const struct xn_devices *devices, const char *name)
{
	const struct xn_device *device = find_name(devices, name);

	return device && device->up;
}

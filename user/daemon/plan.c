// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An entry of `ports:` wants the device of its name. A vif whose domain a network names is
 * wanted by the entry that this network has for it, or else by a port of its own.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/plan.h"
#include "daemon/planes.h"

static const char *net_name(const struct xn_daemon *d, long net)
{
	return d->state->nets[net].def->name;
}

/* Without Xen's store there is nothing to know: as if there were no domains. */
static enum xn_domain_state domain_of(const struct xn_daemon *d, const struct xn_device *device,
				      const struct xn_identity **identity)
{
	if (!d->domains)
		return XN_DOMAIN_NO_STORE;
	return xn_domains_get(d->domains, device->ifindex, identity);
}

static struct xn_owner owner_of(const struct xn_daemon *d, const struct xn_identity *identity)
{
	return xn_owner_of(d->state->named, d->state->n_named, identity);
}

/* --- entries of ports: --- */

static void warn(const struct xn_daemon *d, struct xn_port *port, enum xn_claim claim,
		 const struct xn_owner *owner, const struct xn_identity *identity)
{
	const char *domain = *identity->name ? identity->name : identity->uuid;

	if (claim == XN_CLAIM_OWNED)
		xn_log(SD_WARNING,
		       "network %s: ports: %s is a vif of domain %s, which network %s names: it is "
		       "a port of %s; remove it from the ports of %s",
		       net_name(d, port->net), port->device, domain, net_name(d, owner->net),
		       net_name(d, owner->net), net_name(d, port->net));
	else
		xn_log(SD_WARNING,
		       "network %s: ports: %s is a vif of domain %s, not of %s: it is not bound; "
		       "remove it from the ports, or correct the domain",
		       net_name(d, port->net), port->device, domain,
		       d->state->nets[port->net].def->domain);
}

static bool may_have(struct xn_daemon *d, struct xn_port *port, const struct xn_device *vif)
{
	const char *domain = d->state->nets[port->net].def->domain;
	const struct xn_identity *identity;
	enum xn_domain_state state = domain_of(d, vif, &identity);
	struct xn_owner owner;
	enum xn_claim claim;

	if (state == XN_DOMAIN_NO_STORE)
		return true;
	if (state == XN_DOMAIN_KNOWN)
		owner = owner_of(d, identity);
	claim = xn_claim_of(port->net, domain && *domain, state == XN_DOMAIN_KNOWN ? &owner : NULL);
	if (claim == XN_CLAIM_GOOD || claim == XN_CLAIM_WAIT)
		return claim == XN_CLAIM_GOOD;
	if (port->told != vif->ifindex)
		warn(d, port, claim, &owner, identity);
	port->told = vif->ifindex;
	return false;
}

static void plan_listed(struct xn_daemon *d, struct xn_port *port)
{
	const struct xn_device *device = xn_devices_find(d->devices, port->device);

	port->by_domain = false;
	port->want = 0;
	if (!device || device->kind == XN_DEVICE_UNSURE)
		return;
	if (device->kind == XN_DEVICE_OTHER || may_have(d, port, device))
		port->want = device->ifindex;
}

/* --- vifs by their domains --- */

/* The one that has it, one that had no success with it so far, or a new one. */
static struct xn_port *port_of(struct xn_state *s, size_t net, const struct xn_device *vif)
{
	struct xn_port *port = xn_state_listed(s, net, vif->name);
	uint32_t at = xn_idmap_get(&s->port_by_ifindex, vif->ifindex);

	if (port)
		return port;
	if (at != XN_IDMAP_NONE && at >= s->n_listed && s->ports[at].net == net)
		return &s->ports[at];
	for (size_t i = s->n_listed; i < s->n_ports; i++) {
		port = &s->ports[i];
		if (port->net == net && !port->ifindex && !strcmp(port->device, vif->name))
			return port;
	}
	return xn_state_add_port(s, net);
}

static void tell_rival(const struct xn_daemon *d, struct xn_port *port,
		       const struct xn_owner *owner, const struct xn_identity *identity)
{
	if (owner->rival >= 0 && port->told != port->want)
		xn_log(SD_WARNING,
		       "%s: network %s names its domain by UUID %s, network %s by its name %s: it "
		       "is a port of %s",
		       port->device, net_name(d, owner->net), identity->uuid,
		       net_name(d, owner->rival), identity->name, net_name(d, owner->net));
	port->told = owner->rival >= 0 ? port->want : 0;
}

static void plan_vif(struct xn_daemon *d, const struct xn_device *vif)
{
	const struct xn_identity *identity;
	struct xn_owner owner;
	struct xn_port *port;

	if (domain_of(d, vif, &identity) != XN_DOMAIN_KNOWN)
		return;
	owner = owner_of(d, identity);
	if (owner.net < 0)
		return;
	port = port_of(d->state, owner.net, vif);
	if (!port) {
		xn_log(SD_ERR, "no memory for port %s", vif->name);
		return;
	}
	snprintf(port->device, sizeof(port->device), "%s", vif->name);
	port->want = vif->ifindex;
	port->by_domain = true;
	tell_rival(d, port, &owner, identity);
}

/* A VRF or macvlan that was made for a network. */
static void plan_plane(size_t net, uint32_t ifindex, void *arg)
{
	struct xn_daemon *d = arg;
	const struct xn_device *device = xn_devices_at(d->devices, ifindex);
	struct xn_port *port = device ? port_of(d->state, net, device) : NULL;

	if (!device)
		return; /* word of it is on its way */
	if (!port) {
		xn_log(SD_ERR, "no memory for port %s", device->name);
		return;
	}
	snprintf(port->device, sizeof(port->device), "%s", device->name);
	port->want = ifindex;
	port->by_domain = false;
}

void xn_plan_ports(struct xn_daemon *d)
{
	struct xn_state *s = d->state;
	size_t n;
	const struct xn_device *devices = xn_devices_all(d->devices, &n);

	for (size_t i = 0; i < s->n_listed; i++)
		plan_listed(d, &s->ports[i]);
	for (size_t i = s->n_listed; i < s->n_ports; i++)
		s->ports[i].want = 0;
	for (size_t i = 0; i < n; i++)
		if (devices[i].kind == XN_DEVICE_VIF)
			plan_vif(d, &devices[i]);
	xn_planes_devices(d->planes, plan_plane, d);
}

/* --- how it went --- */

static int refused(const struct xn_daemon *d, const struct xn_port *port, struct xn_err *err)
{
	if (!d->kernel) {
		xn_err_set(err, "module xnetman is not loaded: modprobe xnetman");
		return -ENODEV;
	}
	xn_err_set(err, "network %s: %s could not be bound: the journal of xnetmand says why",
		   net_name(d, port->net), port->device);
	return -EINVAL;
}

int xn_plan_network(const struct xn_daemon *d, uint32_t ifindex, const char **network,
		    struct xn_err *err)
{
	const struct xn_device *device = xn_devices_at(d->devices, ifindex);
	const struct xn_identity *identity;
	enum xn_domain_state state;

	*network = "";
	if (!device) {
		xn_err_set(err, "the device is gone");
		return -ENOENT;
	}
	for (size_t i = 0; i < d->state->n_ports; i++) {
		const struct xn_port *port = &d->state->ports[i];

		if (port->want != ifindex)
			continue;
		if (port->ifindex != ifindex)
			return refused(d, port, err);
		*network = net_name(d, port->net);
		return 0;
	}
	if (device->kind == XN_DEVICE_OTHER)
		return 0;
	if (device->kind == XN_DEVICE_UNSURE) {
		xn_err_set(err, "%s: is being renamed or removed", device->name);
		return -ENOENT;
	}
	state = domain_of(d, device, &identity);
	if (state == XN_DOMAIN_KNOWN)
		return 0;
	xn_err_set(err, "%s: %s", device->name,
		   state == XN_DOMAIN_UNREAD ? "xenstored does not know its domain"
					     : "no xenstored answers: its domain is not known");
	return -EIO;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* The bridge is asked for one entry, not for all: it may have very many. */
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "daemon/claim.h"
#include "daemon/daemon.h"

static void take_port(const struct nlmsghdr *nlh, void *arg)
{
	const struct ndmsg *ndm = nlmsg_data(nlh);

	if (nlh->nlmsg_type == RTM_NEWNEIGH)
		*(uint32_t *)arg = ndm->ndm_ifindex;
}

/* Port where the bridge of @port has @mac; 0: nowhere. */
static uint32_t learnt_at(struct xn_netreq *netreq, uint32_t port, const uint8_t mac[6])
{
	struct ndmsg ndm = {
		.ndm_family = AF_BRIDGE,
		.ndm_ifindex = port,
		.ndm_flags = NTF_MASTER,
	};
	struct nl_msg *msg = xn_netreq_message(RTM_GETNEIGH, 0, &ndm, sizeof(ndm));
	uint32_t at = 0;

	if (msg)
		nla_put(msg, NDA_LLADDR, 6, mac);
	return xn_netreq_get(netreq, msg, take_port, &at) ? 0 : at;
}

static bool is_dom0s(const struct xn_daemon *d, const uint8_t mac[6])
{
	size_t n;
	const struct xn_device *devices = xn_devices_all(d->devices, &n);

	for (size_t i = 0; i < n; i++)
		if (!memcmp(devices[i].mac, mac, 6))
			return true;
	return false;
}

bool xn_claim_good(const struct xn_daemon *d, struct xn_netreq *netreq, uint32_t port,
		   const uint8_t mac[6])
{
	const struct xn_device *device = xn_devices_at(d->devices, port);
	const struct xn_identity *identity;
	uint8_t chosen[6];

	if (!device || mac[0] & 1 || is_dom0s(d, mac))
		return false;
	if (device->kind == XN_DEVICE_VIF && d->domains &&
	    xn_domains_get(d->domains, port, &identity) != XN_DOMAIN_NO_STORE)
		return xn_domains_mac(d->domains, port, chosen) && !memcmp(chosen, mac, 6);
	return learnt_at(netreq, port, mac) == port;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Taking a network's transit packets out of the way to its router: a flower filter where an uplink's frames
 * come in sends IP unicast to the router's MAC into a chain of its own; there what is for the router itself
 * passes, and the rest is handed to the network's macvlan. Other filters of the device stay, and come first.
 */
#ifndef XN_DAEMON_DIVERT_H
#define XN_DAEMON_DIVERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/dataplane.h"
#include "daemon/netreq.h"

/* Destinations that are not diverted. */
struct xn_prefix {
	struct xn_address address;
	uint8_t length;
};

/* One port of one network at one uplink. */
struct xn_diversion {
	uint32_t uplink;     /* device whose arriving frames are looked at */
	unsigned int slot;   /* of the VRF (daemon/vrf.h) */
	unsigned int number; /* of the macvlan */
	unsigned int chain;  /* 0: none in force; 1 or 2: which of its two chains is */
	uint8_t mac[6];	     /* in force */
};

/*
 * Diverting takes a clsact qdisc. While it is made the kernel drops what is to leave by the device, and what waits there.
 * Return: is there one, whoever made it? Make it: 0, also if there is one, or -errno with @err.
 */
bool xn_divert_is_prepared(struct xn_netreq *netreq, uint32_t uplink);
int xn_divert_prepare(struct xn_netreq *netreq, uint32_t uplink, struct xn_err *err);

/**
 * xn_divert() - divert from now on, or anew, where that is prepared
 * @diversion: with @uplink, @slot, @number, @chain; @chain and @mac are updated
 * @mac: the router's
 * @macvlan: where to
 * @pass: what is for the router itself
 * @ip6: IPv6 too
 *
 * The chain is built first and then put in the place of the one before by one replacement per
 * protocol: no packet sees half of it.
 *
 * Return: 0, or -errno with @err; then what was in force still is, or nothing is diverted (@chain is 0).
 */
int xn_divert(struct xn_netreq *netreq, struct xn_diversion *diversion, const uint8_t mac[6],
	      uint32_t macvlan, const struct xn_prefix *pass, size_t n_pass, bool ip6,
	      struct xn_err *err);

/* No more. A device that is gone is no error. */
void xn_undivert(struct xn_netreq *netreq, struct xn_diversion *diversion);

/*
 * The qdisc that filters hang on stays, for the kernel drops for some ms what is to leave by a device while it
 * makes or removes one. Was it made here? Remove it if so, and if no filter is left.
 */
bool xn_divert_is_ours(struct xn_netreq *netreq, uint32_t uplink);
void xn_divert_release(struct xn_netreq *netreq, uint32_t uplink);

/* What is diverted at @uplink by a former xnetmand. Return: 0 or -errno. */
int xn_divert_find(struct xn_netreq *netreq, uint32_t uplink,
		   void (*found)(const struct xn_diversion *diversion, void *arg), void *arg);

#endif

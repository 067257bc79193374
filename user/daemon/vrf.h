/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The devices of a network's data plane: a VRF with a routing table of its own, and for each bridged port
 * a macvlan on that bridge, enslaved to the VRF. What they are for is written in their alias, by which a
 * restarted xnetmand finds them again.
 */
#ifndef XN_DAEMON_VRF_H
#define XN_DAEMON_VRF_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/dataplane.h"
#include "daemon/netreq.h"

#define XN_VRF_SLOTS	   4096	       /* planes at one time; numbered from 1 */
#define XN_VRF_TABLE	   786000      /* slot N has routing table XN_VRF_TABLE + N */
#define XN_VRF_PORTS	   32	       /* macvlans of one VRF */
#define XN_VRF_LAST_RESORT 4278198271u /* metric of the default route to the router */

/* "xn3", "xn3.0" */
void xn_vrf_name(unsigned int slot, char name[IFNAMSIZ]);
void xn_vrf_port_name(unsigned int slot, unsigned int number, char name[IFNAMSIZ]);
static inline uint32_t xn_vrf_table(unsigned int slot)
{
	return XN_VRF_TABLE + slot;
}

/*
 * Make the VRF of @network, up. What has no route in it is unreachable, not looked up elsewhere.
 * Return: 0 with @ifindex, or -errno with @err and nothing left.
 */
int xn_vrf_create(struct xn_netreq *netreq, unsigned int slot, const char *network,
		  uint32_t *ifindex, struct xn_err *err);

/* Make macvlan @number on @bridge for a port of the network. Return: as above. */
int xn_vrf_add_port(struct xn_netreq *netreq, unsigned int slot, unsigned int number, uint32_t vrf,
		    uint32_t bridge, const char *port, uint32_t *ifindex, struct xn_err *err);

/* Remove the VRF, and the routes that were made with it. One that is gone is no error. */
int xn_vrf_destroy(struct xn_netreq *netreq, unsigned int slot, uint32_t ifindex,
		   struct xn_err *err);

/* Remove a macvlan, and all its routes and neighbours. One that is gone is no error. */
int xn_vrf_remove(struct xn_netreq *netreq, uint32_t ifindex, struct xn_err *err);

/*
 * The way of what has no other: to the router, whose MAC is @mac, through the macvlan @ifindex. Replaces the
 * way that was. IPv6 is left out where Dom0 has it disabled. Return: 0 or -errno with @err.
 */
int xn_vrf_last_resort(struct xn_netreq *netreq, unsigned int slot, uint32_t ifindex,
		       const uint8_t mac[6], struct xn_err *err);

/* The gateway by which that way goes, for routes that take it too and rules that know it. */
struct xn_address xn_vrf_gateway(uint8_t family);
const char *xn_vrf_gateway_text(uint8_t family);

/* Have the kernel find out @address's MAC at this macvlan, before a packet waits for it. */
void xn_vrf_ask(struct xn_netreq *netreq, uint32_t ifindex, const struct xn_address *address);
/* Is it known by now, or known that nobody answers? */
bool xn_vrf_answered(struct xn_netreq *netreq, uint32_t ifindex, const struct xn_address *address);

/* A device found by xn_vrf_find(). */
struct xn_vrf_found {
	uint32_t ifindex, master, lower;
	unsigned int slot;
	int number;	  /* -1: the VRF itself */
	const char *name; /* of the network, or of the port */
};

/* All devices that xnetmand made. Return: 0 or -errno. */
int xn_vrf_find(struct xn_netreq *netreq,
		void (*found)(const struct xn_vrf_found *found, void *arg), void *arg);

#endif

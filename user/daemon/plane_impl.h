/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the data planes share among them: plane.c, planes.c, plane_ports.c, plane_show.c. */
#ifndef XN_DAEMON_PLANE_IMPL_H
#define XN_DAEMON_PLANE_IMPL_H

#include <systemd/sd-event.h>

#include "daemon/daemon.h"
#include "daemon/divert.h"
#include "daemon/holding.h"
#include "daemon/operator.h"
#include "daemon/own.h"
#include "daemon/planes.h"
#include "daemon/routes.h"
#include "daemon/table.h"
#include "daemon/vrf.h"

#define XN_UPLINKS     8   /* of one bridge */
#define XN_PLANE_ASKED 256 /* next hops; of more the first */

/* A diversion, and what it was built with. */
struct xn_plane_uplink {
	struct xn_diversion diversion;
	uint64_t version; /* 0: by a former xnetmand */
	bool wanted;
};

/* A bridged port of the network, and its macvlan. */
struct xn_plane_port {
	char name[IFNAMSIZ];
	uint32_t port; /* ifindex; 0: it is gone, and the macvlan is to go */
	uint32_t bridge;
	unsigned int number;
	uint32_t macvlan;
	uint8_t mac[6]; /* the router's there, if claimed */
	bool claimed;	/* by the router, and good */
	bool contested; /* and by another network */
	bool mapped;	/* routes may use it */
	char guest[16]; /* the router's name for it, if claimed */
	uint32_t index; /* likewise its ifindex */
	struct xn_plane_uplink uplinks[XN_UPLINKS];
	size_t n_uplinks;
};

/* A next hop whose MAC the kernel was told to find out. */
struct xn_plane_asked {
	uint32_t ifindex;
	struct xn_address address;
	bool answered; /* or known not to */
};

struct xn_plane {
	struct xn_plane *next;
	struct xn_planes *planes;
	char *network;
	unsigned int slot;
	uint32_t vrf; /* 0: none yet */
	struct xn_plane_port ports[XN_VRF_PORTS];
	size_t n_ports;

	struct xn_guest_interface *interfaces; /* as told */
	size_t n_interfaces;
	struct xn_routes *routes;  /* as told */
	struct xn_table *table;	   /* as they are to be in Dom0; NULL without VRF */
	struct xn_holding holding; /* how many of them */
	int hold_error;		   /* the last that was told */
	char *rules;		   /* as told and in force; NULL: none */
	size_t n_rules;
	uint64_t version; /* of the addresses told */

	struct xn_plane_asked asked[XN_PLANE_ASKED];
	size_t n_asked;
	uint64_t asked_at; /* the last, ns */

	uint32_t way;	    /* macvlan of the way to the router; 0: none yet */
	uint8_t way_mac[6]; /* of the router there */

	struct xn_operator *qos; /* its tc configuration; NULL: none yet */

	bool synced;  /* the router told everything once, to this xnetmand */
	bool refused; /* its last rules: Dom0 does not forward */
	bool settled; /* all routes are in the kernel's table */
	bool told;    /* that it is contested */
};

struct xn_planes {
	struct xn_daemon *daemon;
	struct xn_netreq *netreq;
	struct xn_own *own;
	struct xn_operators *operators;
	uint64_t version; /* of Dom0's own addresses */
	struct xn_plane *first;
	uint32_t *ours; /* uplinks whose qdisc was made here */
	size_t n_ours;
	sd_event_source *work;
	sd_event_source *later; /* once next hops had time to answer */
	bool updating;
	bool ip6; /* Dom0 forwards IPv6 */
};

/* --- plane.c --- */

struct xn_plane *xn_plane_new(struct xn_planes *planes, const char *network, unsigned int slot);
/* Memory only. */
void xn_plane_free(struct xn_plane *plane);
/* Open the table of the VRF that is there. Return: 0 or -errno with @err. */
int xn_plane_open_table(struct xn_plane *plane, struct xn_err *err);
/* The ports changed: routes and rules are put anew. */
void xn_plane_map(struct xn_plane *plane);

/* --- plane.c --- */

#define XN_RULES_TABLE 80
/* The nft table of the network's filter rules. */
void xn_plane_rules_table(const struct xn_plane *plane, char name[XN_RULES_TABLE]);

/* --- planes.c --- */

/* A moment later, as xn_planes_poke(). */
void xn_planes_poke_later(struct xn_planes *planes, uint64_t usec);
/* Packets are diverted there: what was made for that goes when it is no link any more. */
void xn_planes_note_uplink(struct xn_planes *planes, uint32_t ifindex);

/* --- plane_ports.c --- */

/* The link that the device is or stands on. NULL: none; NULL is on none. */
const char *xn_plane_link(const struct xn_daemon *daemon, const struct xn_device *device);
/* Macvlans for the network's bridged ports; those of others are only marked. */
void xn_plane_follow_ports(struct xn_plane *plane);
/* What is told of interfaces against what is known of ports. */
void xn_plane_claim(struct xn_plane *plane);
/* Decide which ports are mapped. Return: did that change? */
bool xn_plane_decide(struct xn_plane *plane);
/* Divert where the plane is ready, un-divert where not. */
void xn_plane_divert(struct xn_plane *plane);
/* Un-divert all ports, or only those that are gone. */
void xn_plane_undivert(struct xn_plane *plane, bool only_gone);
/* Remove macvlans whose ports are gone. */
void xn_plane_drop_ports(struct xn_plane *plane);

#endif

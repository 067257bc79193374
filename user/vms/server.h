/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every service needs. */
#ifndef XN_VMS_SERVER_H
#define XN_VMS_SERVER_H

#include "vms/access.h"
#include "vms/hypervisors.h"
#include "vms/nodes.h"
#include "vms/registry.h"

/* As it was started; nothing changes while it runs. */
struct xn_server {
	struct xn_registry *registry;
	struct xn_nodes *nodes;
	struct xn_hypervisors hypervisors;
	char state[512];      /* folder of keys */
	char images[512];     /* folder of the repository */
	char pool[64];	      /* storage pool of the nodes */
	int question_seconds; /* what a node may take to tell something ... */
	int work_seconds;     /* ... and to do something, as far as the caller waits for it */
	int boot_seconds; /* what a network's routers may take until they answer; 0: not waited for */
	bool require_admission; /* of nodes that have no xnetman nothing is wanted */
};

/**
 * xn_server_ask() - have a node tell something, for a bounded time
 * @work: is begun; xn_nodes_put() is due after success only
 *
 * Return: 0, or -1 with @fault.
 */
int xn_server_ask(struct xn_server *server, const struct xn_node *node, struct xn_work *work,
		  struct xn_fault *fault);

/* What a server with this name left unfinished when it ended is undone, in the background. */
void xn_server_recover(struct xn_server *server);

#endif

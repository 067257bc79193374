/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections to nodes. A node that does not answer holds up nobody but those who ask for it: what is asked of
 * a node runs on a thread of its own, a bounded number of them for each node, and whoever waits does so for a
 * bounded time.
 */
#ifndef XN_VMS_NODES_H
#define XN_VMS_NODES_H

#include <libvirt/libvirt.h>

#include "vms/fault.h"
#include "vms/hypervisors.h"

#define XN_NODE_THREADS 8 /* at work for one node */

struct xn_nodes;

/* @state: folder of the server's key and of known_hosts, for nodes that are reached by SSH. */
struct xn_nodes *xn_nodes_create(const struct xn_hypervisors *hypervisors, const char *state);

/* Work that is under way is waited for, @seconds at most. Return: 0; -1: some hangs, and uses what it was given. */
int xn_nodes_destroy(struct xn_nodes *nodes, int seconds);

/**
 * struct xn_work - something to ask of a node; embed it
 * @run: on a thread, with a connection that lives; NULL and @fault set if there is none
 * @free: when both the thread and who waited for it are done with it
 *
 * What is left in @fault is what the work says of itself: nothing if it succeeded.
 */
struct xn_work {
	void (*run)(struct xn_work *work, virConnectPtr connection);
	void (*free)(struct xn_work *work);
	struct xn_fault fault;
	struct xn_work_state *state; /* nodes.c's */
};

/* Begin work on @node. It is freed also if it cannot begin. Return: 0, or -1 with @fault. */
int xn_nodes_begin(struct xn_nodes *nodes, const struct xn_node *node, struct xn_work *work,
		   struct xn_fault *fault);

/**
 * xn_nodes_wait() - wait for work that was begun
 * @seconds: at most
 *
 * Return: 0: it is done, well or with a fault in @work; -1: not yet. xn_nodes_put() is due either way.
 */
int xn_nodes_wait(struct xn_work *work, int seconds);
void xn_nodes_put(struct xn_work *work);

/**
 * xn_nodes_connect() - a second node's connection, for work that has one
 *
 * Blocks. Return: the connection, to be closed by virConnectClose(), or NULL with @fault.
 */
virConnectPtr xn_nodes_connect(struct xn_nodes *nodes, const struct xn_node *node,
			       struct xn_fault *fault);

#endif

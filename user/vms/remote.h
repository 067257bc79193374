/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands on a node, over SSH as libvirt comes there: with the server's key, and believing only the host key that
 * the node was registered with. What libvirt has no call for is done by these: xnetman, and whether a router
 * answers.
 */
#ifndef XN_VMS_REMOTE_H
#define XN_VMS_REMOTE_H

#include "vms/server.h"

struct xn_remote;

#define XN_REMOTE_MISSING 127 /* the shell's status: there is no such program */

struct xn_answer {
	int status;	   /* of the command */
	char output[4096]; /* the beginning of its standard output ... */
	char errors[512];  /* ... and of its standard error */
};

/* Are commands possible on nodes of this kind at all? */
bool xn_remote_possible(const struct xn_server *server, const struct xn_node *node);

/* Return: a connection of one thread's, or NULL with @fault. */
struct xn_remote *xn_remote_open(const struct xn_server *server, const struct xn_node *node,
				 struct xn_fault *fault);
void xn_remote_close(struct xn_remote *remote);

/**
 * xn_remote_run() - one command, which a shell reads: what is put into it must have been checked
 * @input: its standard input; NULL: none
 *
 * Return: 0 whatever the command's status is, or -1 with @fault: it could not be run, or takes too long.
 */
int xn_remote_run(struct xn_remote *remote, const char *command, const char *input,
		  struct xn_answer *answer, struct xn_fault *fault);

#endif

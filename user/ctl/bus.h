/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls to the daemon, and what its errors mean for the exit status. */
#ifndef XN_CTL_BUS_H
#define XN_CTL_BUS_H

#include <jansson.h>

#include "common/config.h" /* struct xn_err */
#include "ctl/ctl.h"

/**
 * xn_ctl_try() - call a method of the daemon; connects first where that is still to be done
 * @err: filled in on error
 * @reply: out, new reference; NULL where nothing is returned
 * @method: of org.xnetman1.Manager
 * @types: D-Bus types of the arguments that follow
 *
 * Return: exit status.
 */
int xn_ctl_try(struct xn_ctl *ctl, struct xn_err *err, json_t **reply, const char *method,
	       const char *types, ...);

/* The same, and tells the error. */
int xn_ctl_call(struct xn_ctl *ctl, json_t **reply, const char *method, const char *types, ...);

/* A call without reply: done, or the error told. */
int xn_ctl_do(struct xn_ctl *ctl, const char *method, const char *types, ...);

typedef void (*xn_ctl_print_fn)(const struct xn_ctl *ctl, const json_t *answer);

/**
 * xn_ctl_show() - a command without arguments that shows what the daemon answers
 * @command: its words, for messages
 * @method: without arguments
 * @print: as text; with -j the answer is printed as it is
 *
 * Return: exit status, the error told.
 */
int xn_ctl_show(struct xn_ctl *ctl, const char *command, const char *method, xn_ctl_print_fn print,
		int argc, char **argv);

/* A command with one argument, called @what in messages, that @method is done to. */
int xn_ctl_do_name(struct xn_ctl *ctl, const char *command, const char *method, const char *what,
		   int argc, char **argv);

/**
 * xn_ctl_subscribe() - have the daemon's signals handled
 * @signal: called for each, in order
 * @owner: called whenever the daemon's name changes its owner; may be NULL
 *
 * Needs no running daemon, only a bus. Return: exit status, the error told.
 */
int xn_ctl_subscribe(struct xn_ctl *ctl, sd_bus_message_handler_t signal,
		     sd_bus_message_handler_t owner, void *arg);

/* How xn_ctl_run() ended; or a negative errno. */
enum xn_ctl_end {
	XN_END_STOPPED = 0, /* by xn_ctl_stop(), SIGINT, SIGTERM or SIGHUP */
	XN_END_TIME = 1,
	XN_END_DISCONNECTED = 2,
};

/* Handle signals of the bus until told to stop, or for @seconds (0: no limit). */
int xn_ctl_run(struct xn_ctl *ctl, double seconds);
void xn_ctl_stop(struct xn_ctl *ctl);

void xn_ctl_bus_close(struct xn_ctl *ctl);

#endif

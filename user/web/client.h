/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon on the bus, asked without waiting. One thread. */
#ifndef XN_WEB_CLIENT_H
#define XN_WEB_CLIENT_H

#include <jansson.h>
#include <systemd/sd-event.h>

#include "common/buserror.h"

#define XN_CALL_ARGS 3

/* A method of org.xnetman1.Manager with its arguments. */
struct xn_call {
	const char *method;
	struct xn_call_arg {
		char type; /* 's', 'x' or 'd'; 0: no more */
		const char *text;
		double number;
	} args[XN_CALL_ARGS];
};

/* What was answered. */
struct xn_answer {
	json_t *json; /* NULL: an error */
	enum xn_bus_meaning meaning;
	const char *error; /* one line for a person */
};

typedef void (*xn_answer_fn)(void *arg, const struct xn_answer *answer);
/* @arguments: an array; NULL: the daemon or the bus went or came, and signals may have been lost. */
typedef void (*xn_signal_fn)(void *arg, const char *name, const json_t *arguments);

struct xn_client;

/* @address: of the bus, NULL: the system's. It connects when it can, again and again. NULL: no memory. */
struct xn_client *xn_client_open(sd_event *event, const char *address, xn_signal_fn signal,
				 void *arg);

/* Who waits is told that there will be no answer. */
void xn_client_close(struct xn_client *client);

/* Ask. @answer is called once, now or later. */
void xn_client_call(struct xn_client *client, const struct xn_call *call, xn_answer_fn answer,
		    void *arg);

#endif

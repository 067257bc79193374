/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The secure channel of this Dom0: who may connect, from where, and what becomes of what guests say. */
#ifndef XN_DAEMON_CHANNEL_H
#define XN_DAEMON_CHANNEL_H

#include <jansson.h>

#include "channel/token.h"
#include "core/figures.h"

struct xn_channel;
struct xn_daemon;

/* Return: 0, or -errno with @err. */
int xn_channel_open(struct xn_daemon *daemon, struct xn_err *err);
/* NULL is fine. */
void xn_channel_close(struct xn_channel *channel);

/* Definitions changed. */
void xn_channel_follow(struct xn_daemon *daemon);

/*
 * An Il is closed: how each network fared with each resource, one by one, then all guests are told, each of its
 * own network.
 */
void xn_channel_judged(struct xn_daemon *daemon, const char *network, const char *resource,
		       const struct xn_figures *period);
void xn_channel_report(struct xn_daemon *daemon);

/* Networks that have a guest, connected or not: {NETWORK: null}. New reference. */
json_t *xn_channel_guests(const struct xn_daemon *daemon);

/* A period is over: the guest of @network is told at the end of this Il, or of the first when it is connected. */
void xn_channel_period(struct xn_daemon *daemon, const char *network, const json_t *report);

/**
 * xn_channel_enroll() - let a guest enrol
 * @address: of Dom0 as the guest sees it; "": as the definitions say
 * @token: out
 *
 * Return: 0, or with @err -ENOENT (no such network), -EINVAL (no address) or another -errno.
 */
int xn_channel_enroll(struct xn_daemon *daemon, const char *network, const char *address,
		      char token[XN_TOKEN_MAX], struct xn_err *err);

/* The network's key is void, its guest is disconnected. Return: 0, or -ENOENT or another -errno with @err. */
int xn_channel_revoke(struct xn_daemon *daemon, const char *network, struct xn_err *err);

/* A record per network (doc/dbus.md, ListChannels). New reference. */
json_t *xn_channel_list(const struct xn_daemon *daemon);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose the vifs are: for each vif there is, what Xen's toolstack calls its domain. Read on a
 * thread of its own; whatever is known of a vif was read while this very device was there.
 */
#ifndef XN_DAEMON_DOMAIN_H
#define XN_DAEMON_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "common/config.h" /* struct xn_err */
#include "core/owner.h"
#include "daemon/device.h"

struct xn_domains;

enum xn_domain_state {
	XN_DOMAIN_UNREAD, /* not yet, or xenstored does not know it (any more) */
	XN_DOMAIN_KNOWN,
	XN_DOMAIN_NO_STORE, /* there is no xenstored that could be asked */
};

/* @changed is called on the event loop after each read. Return: NULL with @err. */
struct xn_domains *xn_domains_open(sd_event *event, const struct xn_devices *devices,
				   void (*changed)(void *arg), void *arg, struct xn_err *err);
/* Asked ones are answered. A read that xenstored never answered is left behind. NULL is fine. */
void xn_domains_close(struct xn_domains *domains);

/* Devices came, went or changed names: read the domains of vifs that are new. */
void xn_domains_look(struct xn_domains *domains);

/* A device is gone. */
void xn_domains_forget(struct xn_domains *domains, uint32_t ifindex);

/* Wait until nothing is being read, at most @ms. Return: so it is. */
bool xn_domains_wait(struct xn_domains *domains, int ms);

/**
 * xn_domains_ask() - read them all again
 * @done: called on the event loop after a read that began after this call, and after @changed
 *
 * Return: 0, or -ENOMEM; then @done is not called.
 */
int xn_domains_ask(struct xn_domains *domains, void (*done)(void *arg), void *arg);

/* What is known of the vif at @ifindex; @identity is out if it is KNOWN. */
enum xn_domain_state xn_domains_get(const struct xn_domains *domains, uint32_t ifindex,
				    const struct xn_identity **identity);

/* The MAC of the domain's end of the vif at @ifindex. Return: is it known? */
bool xn_domains_mac(const struct xn_domains *domains, uint32_t ifindex, uint8_t mac[6]);

#endif

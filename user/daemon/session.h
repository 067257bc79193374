/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guests that speak to Dom0: each connection is one network's, by its key, and what it says goes to that
 * network's plane and nowhere else. Everything here is on the event loop, in small slices.
 */
#ifndef XN_DAEMON_SESSION_H
#define XN_DAEMON_SESSION_H

#include <jansson.h>
#include <systemd/sd-event.h>

#include "channel/message.h"
#include "common/qos.h"
#include "channel/transport.h"
#include "daemon/pins.h"

struct xn_sessions;

/* Where what guests say goes: by network, never by connection. */
struct xn_session_calls {
	/* Is there such a network at all? */
	bool (*defined)(const char *network, void *arg);
	/* Does Dom0 hold its data plane? If not, none of those below is called. */
	bool (*split)(const char *network, void *arg);
	void (*sync_begin)(const char *network, void *arg);
	void (*sync_end)(const char *network, void *arg);
	/* Return: 0, or -errno with @err, as daemon/plane.h. */
	int (*interfaces)(const char *network, const struct xn_interfaces *all, struct xn_err *err,
			  void *arg);
	int (*route)(const char *network, const struct xn_route_change *change, struct xn_err *err,
		     void *arg);
	int (*rules)(const char *network, const char *json, size_t length, struct xn_err *err,
		     void *arg);
	/* Return: as rules; what was refused leaves what was before. */
	int (*qos)(const char *network, const struct xn_qos *qos, struct xn_err *err, void *arg);
};

/* @dir: of the keys: dom0.pem and networks/. Return: NULL with @err. */
struct xn_sessions *xn_sessions_open(sd_event *event, const char *dir,
				     const struct xn_session_calls *calls, void *arg,
				     struct xn_err *err);
void xn_sessions_close(struct xn_sessions *sessions);

struct xn_pins *xn_sessions_pins(const struct xn_sessions *sessions);
const struct xn_fingerprint *xn_sessions_key(const struct xn_sessions *sessions);

/**
 * xn_sessions_add() - somebody has connected
 * @transport: is taken
 * @source: where from, for bounds on those that are not known yet: any bytes, the same for the same peer
 */
void xn_sessions_add(struct xn_sessions *sessions, struct xn_transport *transport,
		     const uint8_t source[16]);

/* How many from @source are not known yet. */
size_t xn_sessions_strangers(const struct xn_sessions *sessions, const uint8_t source[16]);

/* Is its guest connected? */
bool xn_sessions_has(const struct xn_sessions *sessions, const char *network);

/* End the session of @network, if there is one. */
void xn_sessions_end(struct xn_sessions *sessions, const char *network, const char *why);

/* Definitions changed: networks went, or their data path is another. */
void xn_sessions_follow(struct xn_sessions *sessions);

/* Send a report to the guest of @network, if it is connected. */
void xn_sessions_report(struct xn_sessions *sessions, const char *network, const char *json);

/* Of a network: its key, its connection and what it has said (doc/dbus.md, ListChannels). New reference. */
json_t *xn_sessions_show(const struct xn_sessions *sessions, const char *network);

/* s, CLOCK_BOOTTIME: for xn_pins_*(). */
uint64_t xn_sessions_now(void);

#endif

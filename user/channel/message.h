/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages of the secure channel as bytes (doc/channel.md). Decoding takes nothing on trust: what
 * it lets through has the ranges that common/dataplane.h says, and nothing is left over. No I/O.
 */
#ifndef XN_CHANNEL_MESSAGE_H
#define XN_CHANNEL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/dataplane.h"

#define XN_CHANNEL_VERSION 1
#define XN_BODY_MAX	   (64 * 1024) /* bytes after the head */
#define XN_HEAD_SIZE	   5	       /* length of the body (4), type (1) */
#define XN_BATCH_MAX	   512	       /* routes of a message */
#define XN_RULES_MAX	   (1024 * 1024)
#define XN_CHUNK_MAX	   (32 * 1024) /* of rules, in a message */
#define XN_REPORT_MAX	   (60 * 1024)
#define XN_SECRET_SIZE	   16
#define XN_TEXT_MAX	   255 /* bytes of names and reasons */

enum xn_type {
	XN_HELLO = 1,  /* both */
	XN_ENROLL,     /* guest */
	XN_ENROLLED,   /* Dom0 */
	XN_SYNC_BEGIN, /* guest, as the next */
	XN_SYNC_END,
	XN_INTERFACES,
	XN_ROUTES,
	XN_RULES,
	XN_ACK, /* Dom0, as the next */
	XN_REFUSED,
	XN_REPORT,
	XN_PING, /* both */
	XN_PONG,
	XN_QOS,	  /* guest: channel/qos.h */
	XN_TYPES, /* how many, and one */
};

/* Name for people; "?" if it is none. */
const char *xn_type_name(unsigned int type);

#define XN_HELLO_SPLIT 1 /* Dom0 wants the data plane: the network's data path is split */

struct xn_hello {
	uint16_t version;
	uint8_t flags;
	char name[XN_TEXT_MAX + 1]; /* Dom0: of the network; guest: its program and version */
};

struct xn_interfaces {
	size_t n;
	struct xn_guest_interface list[XN_GUEST_INTERFACES_MAX];
};

struct xn_route_change {
	bool add;
	struct xn_guest_route route; /* to delete: destination, length and metric only */
};

#define XN_RULES_FIRST 1 /* begins the rules anew */
#define XN_RULES_LAST  2 /* they are whole now */

struct xn_chunk {
	uint8_t flags;
	const char *text; /* in the message */
	size_t length;
};

struct xn_refusal {
	uint32_t serial; /* of what was refused; 0: the connection */
	char reason[XN_TEXT_MAX + 1];
};

struct xn_reader;
struct xn_writer;

/*
 * Each pair writes or reads a body. A writer without room turns bad. Decoders return NULL, or what is wrong
 * with it; then what they fill in means nothing.
 */
void xn_encode_hello(struct xn_writer *w, const struct xn_hello *hello);
const char *xn_decode_hello(struct xn_reader *r, struct xn_hello *hello);

void xn_encode_interfaces(struct xn_writer *w, uint32_t serial, const struct xn_interfaces *all);
const char *xn_decode_interfaces(struct xn_reader *r, uint32_t *serial, struct xn_interfaces *all);

/*
 * Routes one by one: a batch is its serial, their number and so many of them. xn_batch_begin() leaves room for
 * the number, which xn_batch_end() fills in.
 */
uint8_t *xn_batch_begin(struct xn_writer *w, uint32_t serial);
void xn_batch_end(uint8_t *number, uint16_t n);
void xn_encode_route(struct xn_writer *w, bool add, const struct xn_guest_route *route);
const char *xn_decode_batch(struct xn_reader *r, uint32_t *serial, uint16_t *n);
const char *xn_decode_route(struct xn_reader *r, struct xn_route_change *change);

void xn_encode_chunk(struct xn_writer *w, uint32_t serial, const struct xn_chunk *chunk);
const char *xn_decode_chunk(struct xn_reader *r, uint32_t *serial, struct xn_chunk *chunk);

void xn_encode_refusal(struct xn_writer *w, const struct xn_refusal *refusal);
const char *xn_decode_refusal(struct xn_reader *r, struct xn_refusal *refusal);

/* SYNC_BEGIN, SYNC_END, ACK: a serial. */
void xn_encode_serial(struct xn_writer *w, uint32_t serial);
const char *xn_decode_serial(struct xn_reader *r, uint32_t *serial);

/* ENROLLED: a name. */
void xn_encode_name(struct xn_writer *w, const char *name);
const char *xn_decode_name(struct xn_reader *r, char name[XN_TEXT_MAX + 1]);

/* Was everything read, and no more than there was? Return: as the decoders. */
const char *xn_decode_end(const struct xn_reader *r);

#endif

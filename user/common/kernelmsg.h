/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of the module's netlink family: bytes <-> structs, no socket. */
#ifndef XN_COMMON_KERNELMSG_H
#define XN_COMMON_KERNELMSG_H

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "common/kernel.h"

/* Bytes of a message, in it. */
struct xn_bytes {
	const char *data;
	size_t size;
};

/* Everything a message of the module can say. Attributes that are absent are 0 or NULL. */
struct xn_message {
	struct xn_record record; /* what is said outside of records */
	uint32_t record_size;
	struct xn_bytes records; /* see xn_message_records() */
	uint32_t kind;		 /* enum xnetman_kind, 0: none */
	uint32_t event;		 /* enum xnetman_event, 0: none */
	uint64_t generation;
	uint32_t lease_ms;
	uint32_t sampler;
	uint32_t mark_mask;
	const char *version; /* into the message */
	uint64_t sampled;
	struct xn_bytes destinations4, destinations6;
};

/* Read one message of the family. Return: false if it is malformed. */
bool xn_message_parse(const struct nlmsghdr *nlh, struct xn_message *message);

/* Call @fn with each record of a message that was parsed. */
void xn_message_records(const struct xn_message *message, xn_record_fn fn, void *arg);

/**
 * xn_message_error() - what an NLMSG_ERROR or NLMSG_DONE says
 * @nlh: the message
 * @text: out, the kernel's own words, into the message; NULL if there are none
 *
 * Return: 0 or -errno.
 */
int xn_message_error(const struct nlmsghdr *nlh, const char **text);

/* A request being built. @failed: an attribute found no memory. */
struct xn_request {
	struct nlmsghdr *nlh;
	size_t room; /* bytes allocated */
	bool failed;
};

/* Begin a request with room for @payload bytes of attributes; it grows. */
void xn_request_init(struct xn_request *request, uint16_t family, uint8_t command, size_t payload);
void xn_request_exit(struct xn_request *request);
void xn_request_put(struct xn_request *request, uint16_t type, const void *value, size_t size);
void xn_request_put_u32(struct xn_request *request, uint16_t type, uint32_t value);

/* XNETMAN_A_RATIOS, as many attributes of at most 64 KiB as it takes. */
void xn_request_put_ratios(struct xn_request *request, const struct xnetman_ratio *ratios,
			   size_t n);

/* XNETMAN_A_PRIORITIES, likewise. */
void xn_request_put_priorities(struct xn_request *request,
			       const struct xnetman_priority *priorities, size_t n);

/* XNETMAN_A_GUARD: a nest, or several, for each link. */
void xn_request_put_guards(struct xn_request *request, const struct xn_guard *guards, size_t n);

/* Bytes of attributes that @n guards take at most. */
size_t xn_guards_size(size_t n);

/* Bytes of attributes that @n ratios or priorities take at most. */
size_t xn_entries_size(size_t n);

#endif

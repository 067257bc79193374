/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arrays of structs in attributes, of which a tick has thousands of entries: no policy looks at them, whoever
 * reads them checks every member.
 */
#ifndef XNET_ARRAY_H
#define XNET_ARRAY_H

#include <net/netlink.h>

/* What is wrong with an entry. */
struct xnet_fault {
	int err;
	const char *text;
};

int xnet_array_length(const struct nlattr *attr, size_t size, struct netlink_ext_ack *extack);
int xnet_array_blame(const struct nlattr *attr, u32 index, const struct xnet_fault *fault,
		     struct netlink_ext_ack *extack);

#endif /* XNET_ARRAY_H */

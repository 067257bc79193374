// SPDX-License-Identifier: GPL-2.0-only
/* Arrays of structs in attributes. */
#include <linux/xnetman.h>

#include "array.h"
#include "compat.h"

static const char *xnet_array_name(const struct nlattr *attr)
{
	switch (nla_type(attr)) {
	case XNETMAN_A_RATIOS:
		return "RATIOS";
	case XNETMAN_A_PRIORITIES:
		return "PRIORITIES";
	default:
		return "ENTITLED";
	}
}

/* May sleep. Return: is there room for a text? */
static bool xnet_array_says(const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	NL_SET_BAD_ATTR(extack, attr);
	return extack && !xnet_extack_init();
}

/**
 * xnet_array_length - how many entries an array has
 * @attr: the attribute
 * @size: of an entry, bytes
 * @extack: why not
 *
 * Return: that or -EINVAL: it ends within an entry.
 */
int xnet_array_length(const struct nlattr *attr, size_t size, struct netlink_ext_ack *extack)
{
	if (nla_len(attr) % size == 0)
		return nla_len(attr) / size;
	if (xnet_array_says(attr, extack))
		XNET_ERR_MSG_FMT(extack, "%s has %d bytes: not a multiple of its entries' %zu",
				 xnet_array_name(attr), nla_len(attr), size);
	return -EINVAL;
}

/**
 * xnet_array_blame - say what is wrong with an entry
 * @attr: the attribute
 * @index: of the entry in it, from 0
 * @fault: what is wrong
 * @extack: where it is said
 *
 * Return: the error.
 */
int xnet_array_blame(const struct nlattr *attr, u32 index, const struct xnet_fault *fault,
		     struct netlink_ext_ack *extack)
{
	if (xnet_array_says(attr, extack))
		XNET_ERR_MSG_FMT(extack, "%s[%u]: %s", xnet_array_name(attr), index, fault->text);
	return fault->err;
}

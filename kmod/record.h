/* SPDX-License-Identifier: GPL-2.0-only */
/* Records: an object's name and counters as user space gets them, several in one message. */
#ifndef XNET_RECORD_H
#define XNET_RECORD_H

#include <linux/skbuff.h>
#include <linux/xnetman.h>

/* The records of a message that is being filled. */
struct xnet_records {
	struct sk_buff *skb;
	struct nlattr *array;
	enum xnetman_kind kind;
	u32 n;
};

int xnet_records_begin(struct xnet_records *records, struct sk_buff *skb, enum xnetman_kind kind);
bool xnet_records_add(struct xnet_records *records, const void *object);
void xnet_records_end(struct xnet_records *records);

#endif /* XNET_RECORD_H */

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The message QOS: the whole tc configuration of one interface (doc/channel.md). As channel/message.h; no I/O. */
#ifndef XN_CHANNEL_QOS_H
#define XN_CHANNEL_QOS_H

#include "common/qos.h"

struct xn_reader;
struct xn_writer;

void xn_encode_qos(struct xn_writer *w, uint32_t serial, const struct xn_qos *qos);

/*
 * What is let through has numbers within the arrays' sizes, known kinds and texts that print; whether it makes
 * sense is for daemon/operator_check.h. Return: NULL, or what is wrong.
 */
const char *xn_decode_qos(struct xn_reader *r, uint32_t *serial, struct xn_qos *qos);

#endif

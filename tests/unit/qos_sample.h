/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An operator's configuration to begin with, and random ones. */
#ifndef XN_TESTS_QOS_SAMPLE_H
#define XN_TESTS_QOS_SAMPLE_H

#include "common/qos.h"

/*
 * HTB 1: with 1:1 (100 Mbit/s) above 1:10 (prio 0, fq_codel 10: in it) and 1:20 (prio 1, PRIO 20: in it), flower and
 * u32 filters at 1:, fw at 20:, police at ingress.
 */
void sample_qos(struct xn_qos *qos);

/* Numbers within what the channel carries, without sense; @seed: any. */
void random_qos(struct xn_qos *qos, unsigned int seed);

#endif

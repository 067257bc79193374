/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A figure of 0..1 as one character of a sparkline. */
#ifndef XN_CTL_HISTORY_H
#define XN_CTL_HISTORY_H

#include <stdbool.h>

/* Only 1, to three digits, is a full block. */
const char *xn_ctl_spark(double value, bool utf8);

#endif

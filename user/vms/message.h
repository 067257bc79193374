/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a message may be before anything else looks at it: well-formed XML in UTF-8 without a document type,
 * entities, processing instructions, and not deep. gSOAP is lenient in all of these.
 */
#ifndef XN_VMS_MESSAGE_H
#define XN_VMS_MESSAGE_H

#include <stddef.h>

#include "common/config.h" /* struct xn_err */

#define XN_MESSAGE_DEPTH    16	  /* the services need 5 */
#define XN_MESSAGE_ELEMENTS 50000 /* 1,000 nodes are registered with 12,000 */

/* Once, before threads. */
void xn_message_init(void);

/* Return: 0, or -1 with @err, which says what is not allowed and in which line. */
int xn_message_check(const char *xml, size_t size, struct xn_err *err);

#endif

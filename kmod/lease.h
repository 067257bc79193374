/* SPDX-License-Identifier: GPL-2.0-only */
/* The lease of a push: when it ends without another, so do all punishments, and the guard. */
#ifndef XNET_LEASE_H
#define XNET_LEASE_H

#include <linux/types.h>

void xnet_lease_start(u32 ms);
u32 xnet_lease_left_ms(void);
void xnet_lease_exit(void);

#endif /* XNET_LEASE_H */

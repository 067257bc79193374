// SPDX-License-Identifier: GPL-2.0-only
/* The lease of a push: when it ends without another, so do all punishments. */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/workqueue.h>

#include "event.h"
#include "guards.h"
#include "lease.h"
#include "main.h"
#include "ratios.h"
#include "trace.h"

static void xnet_lease_work(struct work_struct *work);

static DECLARE_DELAYED_WORK(xnet_lease, xnet_lease_work);
static ktime_t xnet_lease_end; /* 0: no lease; under xnet_lock */

/* ns; 0 when it is over or there is none */
static u64 xnet_lease_left(void)
{
	s64 left = ktime_to_ns(ktime_sub(xnet_lease_end, ktime_get()));

	return max_t(s64, left, 0);
}

/*
 * The timer wheel is late by up to an eighth of what one asks for. So ask for
 * less, and again when that is over, until what is left is exact to a jiffy.
 */
static void xnet_lease_arm(void)
{
	unsigned long left = nsecs_to_jiffies(xnet_lease_left());

	schedule_delayed_work(&xnet_lease, left > 64 ? left - left / 8 : left + 1);
}

static void xnet_lease_expire(void)
{
	xnet_lease_end = 0;
	xnet_ratios_publish(NULL);
	xnet_guards_publish(NULL);
	trace_lease(xnet_generation, 0);
	xnet_event_lease_expired(xnet_generation);
}

static void xnet_lease_work(struct work_struct *work)
{
	mutex_lock(&xnet_lock);
	if (xnet_lease_left())
		xnet_lease_arm();
	else if (xnet_lease_end)
		xnet_lease_expire();
	mutex_unlock(&xnet_lock);
}

/* The lease ends @ms from now, whatever it was before. Under xnet_lock. */
void xnet_lease_start(u32 ms)
{
	xnet_lease_end = ktime_add_ms(ktime_get(), ms);
	cancel_delayed_work(&xnet_lease);
	xnet_lease_arm();
	trace_lease(xnet_generation, ms);
}

/* What is left of the lease, rounded up; 0: none. Under xnet_lock. */
u32 xnet_lease_left_ms(void)
{
	return div_u64(xnet_lease_left() + NSEC_PER_MSEC - 1, NSEC_PER_MSEC);
}

void xnet_lease_exit(void)
{
	cancel_delayed_work_sync(&xnet_lease);
	xnet_lease_end = 0;
}

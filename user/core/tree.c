// SPDX-License-Identifier: GPL-2.0-or-later
/* The figures of a link's tree of HTB classes. */
#include <math.h>

#include "core/tree.h"

#define BELOW	      0.995    /* of the capacity: what is sent at most */
#define HOST	      0.0025   /* of the capacity: Dom0's for sure */
#define RATE_MIN      125.0    /* bytes/s; HTB knows no 0 */
#define UNLIMITED     125e9    /* bytes/s */
#define WIRE_OVERHEAD 24       /* preamble, gap and FCS of an Ethernet frame, bytes */
#define WIRE_MIN      84       /* a shortest frame with those, bytes */
#define QUEUE_TIME    10e-3    /* s at the highest rate, where no shaper says more */
#define QUEUE_MIN     131072.0 /* bytes: two GSO packets */
#define QUEUE_MAX     268435456.0
#define TRUNK_TIME    100e-6 /* s: that late a timer may be before capacity is lost */
#define BURST_TIME    2e-3   /* s */
#define LIMITER_TIME  50e-3  /* s */
#define LIMITER_MIN   131072.0

static double bytes(double bits)
{
	return bits / 8;
}

static uint64_t rate_of(double rate)
{
	return llround(fmax(rate, RATE_MIN));
}

static double frames(const struct xn_tree_link *link, double n)
{
	return n * link->frame;
}

static uint8_t prio_of(unsigned int priority)
{
	return XN_QOS_PRIORITY_MAX - priority;
}

static uint32_t queue_of(double size)
{
	return fmin(fmax(size, QUEUE_MIN), QUEUE_MAX);
}

/* @rate of @share of it is what leaves at most, whatever is below. */
static struct xn_tree_class trunk(const struct xn_tree_link *link, double rate)
{
	struct xn_tree_class class = {
		.rate = rate_of(rate),
		.ceil = rate_of(rate),
		.burst = frames(link, 2) + rate * TRUNK_TIME,
		.quantum = link->frame,
	};

	class.cburst = class.burst;
	return class;
}

struct xn_tree_class xn_tree_wire(const struct xn_tree_link *link)
{
	struct xn_tree_class class;

	if (link->speed <= 0)
		return trunk(link, bytes(link->capacity) * BELOW);
	class = trunk(link, bytes(link->speed) * BELOW);
	class.overhead = WIRE_OVERHEAD;
	class.mpu = WIRE_MIN;
	return class;
}

/* Its own rate is next to nothing, so that all that borrows does so from the wire: both ceilings hold. */
struct xn_tree_class xn_tree_capacity(const struct xn_tree_link *link)
{
	struct xn_tree_class class = trunk(link, bytes(link->capacity) * BELOW);

	if (link->speed > 0)
		class.rate = RATE_MIN;
	return class;
}

/* What was sold to the last bit must fit below the ceiling with Dom0's part. */
static double fit(const struct xn_tree_link *link)
{
	double room = link->capacity * (BELOW - HOST);

	return link->sold > room ? room / link->sold : 1;
}

/*
 * A class within its rate waits at most until all others have spent their bursts. If its own bucket was full
 * before that, it would lose what it was guaranteed. With bursts of rate x T, the sum of which is what the link
 * sends in T, it waits no longer than T; and each needs a frame or two, which takes time, too.
 */
static double burst_of(const struct xn_tree_link *link, double rate)
{
	double turns = frames(link, 2 * (link->networks + 1)) / bytes(link->capacity);

	return frames(link, 2) + rate * (BURST_TIME + turns);
}

struct xn_tree_class xn_tree_host(const struct xn_tree_link *link)
{
	double rate = bytes(link->capacity) * HOST, ceil = bytes(link->capacity) * BELOW;

	return (struct xn_tree_class){
		.rate = rate_of(rate),
		.ceil = rate_of(ceil),
		.burst = burst_of(link, rate),
		.cburst = frames(link, 2) + ceil * TRUNK_TIME,
		.quantum = link->frame,
		.limit = queue_of(ceil * QUEUE_TIME),
		.prio = prio_of(0),
	};
}

static void shape(struct xn_tree_class *class, const struct xn_shaper *shaper, uint32_t frame)
{
	double rate = bytes(shaper->rate);

	class->ceil = rate_of(rate);
	class->cburst = shaper->burst > 0 ? shaper->burst : 2 * frame + rate * BURST_TIME;
	class->limit = fmin(fmax(rate * shaper->delay / 1e9, 2 * frame), QUEUE_MAX);
}

struct xn_tree_class xn_tree_network(const struct xn_tree_link *link,
				     const struct xn_tree_want *want)
{
	double rate = bytes(want->guarantee) * fit(link), ceil = bytes(link->capacity) * BELOW;
	struct xn_tree_class class = {
		.rate = rate_of(rate),
		.ceil = rate_of(ceil),
		.burst = burst_of(link, rate),
		.cburst = frames(link, 2) + ceil * TRUNK_TIME,
		.quantum = link->frame,
		.limit = queue_of(ceil * QUEUE_TIME),
		.prio = prio_of(want->priority),
	};

	if (want->limits && want->limits->shaper.rate > 0 &&
	    bytes(want->limits->shaper.rate) < ceil)
		shape(&class, &want->limits->shaper, link->frame);
	if (class.ceil < class.rate)
		class.ceil = class.rate;
	return class;
}

struct xn_tree_class xn_tree_alone(const struct xn_limits *limits, uint32_t frame)
{
	struct xn_tree_class class = {
		.ceil = rate_of(UNLIMITED),
		.cburst = 1 << 20,
		.quantum = frame,
		.limit = 1 << 20,
	};

	if (limits->shaper.rate > 0)
		shape(&class, &limits->shaper, frame);
	class.rate = class.ceil;
	class.burst = class.cburst;
	return class;
}

uint32_t xn_limiter_burst(const struct xn_limiter *limiter)
{
	if (limiter->burst > 0)
		return limiter->burst;
	return fmin(fmax(bytes(limiter->rate) * LIMITER_TIME, LIMITER_MIN), 1 << 30);
}

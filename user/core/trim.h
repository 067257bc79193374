/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of a network's routes Dom0 holds when not all may be (SPEC section 3): a pure function.
 *
 * A packet of a route that is trimmed must reach the router by the default route, and not take
 * a shorter prefix that is still held: that one may lead somewhere else. So a route may be held
 * only if all that it covers are, and the rules are
 *
 * - what a route is worth is the mean use of itself and of all that it covers, since it can stay
 *   only together with them; and each of these is worth as much at least;
 * - what is worth least goes first; among equals what covers goes first, then lower addresses;
 * - no flapping: a route that is held counts as used twice as much and two samples more than it
 *   was, so another one takes its place only if it was used clearly more.
 *
 * A default route of the router itself covers everything: it is held only if everything is.
 */
#ifndef XN_CORE_TRIM_H
#define XN_CORE_TRIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XN_TRIM_NONE SIZE_MAX

/**
 * struct xn_trim_item - one route
 * @above: index of the longest prefix that covers it, below its own; XN_TRIM_NONE: nothing does
 * @use: samples of its packets, recent ones more, >= 0
 * @held: in: is it? out: shall it be?
 * @barred: it must not be
 * @free: it takes nothing of the limit (a default route)
 * @worth, @sum, @count: of xn_trim() alone
 */
struct xn_trim_item {
	size_t above;
	double use;
	bool held;
	bool barred;
	bool free;
	double worth;
	double sum;
	size_t count;
};

/**
 * xn_trim() - choose the routes to hold
 * @items: all routes, those that cover others before these
 * @n: how many
 * @limit: most that may be held; SIZE_MAX: all
 * @scratch: room for @n
 *
 * Return: how many are held, without the free ones.
 */
size_t xn_trim(struct xn_trim_item *items, size_t n, size_t limit, double *scratch);

/*
 * A limit that falls counts at once; one that rises, when it has been up for so many intervals. What a
 * network may hold depends on what others ask for, and a route that returns is not to go again at once.
 */
#define XN_TRIM_INTERVALS 5

struct xn_trim_room {
	size_t last[XN_TRIM_INTERVALS];
	unsigned int n; /* known */
};

/* This interval's limit. Return: the one to keep to. */
size_t xn_trim_room(struct xn_trim_room *room, size_t limit);

#endif

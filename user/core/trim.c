// SPDX-License-Identifier: GPL-2.0-or-later
/* Which of a network's routes Dom0 holds when not all may be. */
#include <stdint.h>
#include <string.h>

#include "core/trim.h"

#define HELD_FACTOR 2
#define HELD_MORE   2 /* samples */

static double score(const struct xn_trim_item *item)
{
	return item->held ? HELD_FACTOR * item->use + HELD_MORE : item->use;
}

/* Does it compete for the room there is? */
static bool competes(const struct xn_trim_item *item)
{
	return !item->barred && !item->free;
}

/* What covers a barred one is barred, too. */
static void bar(struct xn_trim_item *items, size_t n)
{
	for (size_t i = n; i--;)
		if (items[i].barred && items[i].above != XN_TRIM_NONE)
			items[items[i].above].barred = true;
}

/* Means go up from what is covered, then the greater worth comes down. */
static void value(struct xn_trim_item *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		items[i].sum = score(&items[i]);
		items[i].count = 1;
	}
	for (size_t i = n; i--;) {
		struct xn_trim_item *above;

		items[i].worth = items[i].sum / items[i].count;
		if (items[i].above == XN_TRIM_NONE)
			continue;
		above = &items[items[i].above];
		above->sum += items[i].sum;
		above->count += items[i].count;
	}
	for (size_t i = 0; i < n; i++) {
		size_t above = items[i].above;

		if (above != XN_TRIM_NONE && competes(&items[above]) &&
		    items[i].worth < items[above].worth)
			items[i].worth = items[above].worth;
	}
}

static void swap(double *a, double *b)
{
	double kept = *a;

	*a = *b;
	*b = kept;
}

/* Hoare's selection. Return: the @k-th smallest, from 0; @values are in another order then. */
static double select_value(double *values, size_t n, size_t k)
{
	ptrdiff_t low = 0, high = n - 1, want = k;

	while (low < high) {
		double pivot = values[low + (high - low) / 2];
		ptrdiff_t i = low, j = high;

		while (i <= j) {
			while (values[i] < pivot)
				i++;
			while (values[j] > pivot)
				j--;
			if (i <= j)
				swap(&values[i++], &values[j--]);
		}
		if (want <= j)
			high = j;
		else if (want >= i)
			low = i;
		else
			break;
	}
	return values[k];
}

/* Trims the @k (> 0) that are worth least. */
static void trim_least(struct xn_trim_item *items, size_t n, size_t k, double *scratch)
{
	size_t competing = 0, less = 0, equal;
	double dearest;

	for (size_t i = 0; i < n; i++)
		if (competes(&items[i]))
			scratch[competing++] = items[i].worth;
	dearest = select_value(scratch, competing, k - 1);
	for (size_t i = 0; i < n; i++)
		less += competes(&items[i]) && items[i].worth < dearest;
	equal = k - less;
	for (size_t i = 0; i < n; i++) {
		bool tie = items[i].worth == dearest;

		if (!competes(&items[i]) || items[i].worth > dearest || (tie && !equal))
			continue;
		equal -= tie;
		items[i].held = false;
	}
}

/* What is free is held if all that it covers are. */
static void settle_free(struct xn_trim_item *items, size_t n)
{
	for (size_t i = n; i--;)
		if (!items[i].held && items[i].above != XN_TRIM_NONE && items[items[i].above].free)
			items[items[i].above].held = false;
}

size_t xn_trim(struct xn_trim_item *items, size_t n, size_t limit, double *scratch)
{
	size_t competing = 0;

	bar(items, n);
	value(items, n);
	for (size_t i = 0; i < n; i++) {
		items[i].held = !items[i].barred;
		competing += competes(&items[i]);
	}
	if (competing > limit)
		trim_least(items, n, competing - limit, scratch);
	settle_free(items, n);
	return competing > limit ? limit : competing;
}

size_t xn_trim_room(struct xn_trim_room *room, size_t limit)
{
	size_t least = limit;

	memmove(room->last + 1, room->last, sizeof(room->last) - sizeof(room->last[0]));
	room->last[0] = limit;
	if (room->n < XN_TRIM_INTERVALS)
		room->n++;
	for (unsigned int i = 1; i < room->n; i++)
		least = room->last[i] < least ? room->last[i] : least;
	return least;
}

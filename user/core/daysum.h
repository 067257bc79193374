/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the networks of one time zone were sold together on a day of its wall's clock, slot by slot: the inner part
 * of core/admission.h.
 */
#ifndef XN_CORE_DAYSUM_H
#define XN_CORE_DAYSUM_H

#include <stddef.h>
#include <stdint.h>

#include "admission.h"

/*
 * Figures of rows that are added up at once. For each slot there is a sum of what was sold of each; and where somebody asks
 * or gives back, behind these, a sum of that.
 */
#define XN_LANES 8
#define XN_CELLS (2 * XN_LANES)

struct xn_lanes {
	int8_t (*of)[XN_FIGURES]; /* lane of each row; -1: none */
	size_t n;		  /* a multiple of 4, 4..XN_LANES */
};

struct xn_daysum;

/**
 * xn_daysum_create() - begin with the networks of one time zone
 * @members: they; kept, and must stay
 * @n: at least 1
 * @slot: minutes; begin and end of all entries are multiples of it, and so is a day
 *
 * Return: it, to be freed with xn_daysum_destroy(), or NULL: out of memory.
 */
struct xn_daysum *xn_daysum_create(const struct xn_member *const *members, size_t n, int slot);
void xn_daysum_destroy(struct xn_daysum *z);

/* Sums begin anew, for other lanes. Days that are asked for may be earlier again. */
void xn_daysum_reset(struct xn_daysum *z, const struct xn_lanes *lanes);

/* Digest of all that the sums of a day depend on, but for its weekday. Days never go back by more than a week. */
uint64_t xn_daysum_digest(struct xn_daysum *z, int32_t day);

/* Sums of a day, beyond what holds without entries: of each slot xn_daysum_cells(). Valid until the next call. */
const double *xn_daysum_values(struct xn_daysum *z, int32_t day);

/* lanes->n, or twice that if somebody asks. */
size_t xn_daysum_cells(const struct xn_daysum *z);

const struct xn_zone *xn_daysum_zone(const struct xn_daysum *z);

/* The last year in which a date that an entry names has still to come or to end; at least @year. */
int xn_daysum_last_year(const struct xn_daysum *z, int year);

/* The next day, @day or later, on which its entries may be others than a week before; @none if it is not before that. */
int32_t xn_daysum_next_change(struct xn_daysum *z, int32_t day, int32_t none);

#endif

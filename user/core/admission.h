/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Admission (SPEC section 6): what all networks together were sold of each resource, at every instant of
 * everybody's schedules, against what there is.
 *
 * Exact for all time to come. Dates that a schedule names, and years for which a time zone has no rule yet,
 * are gone through day by day; after them the calendar has only fourteen kinds of years (the weekday of
 * 1 January, leap year or not), so it is enough to go on until each kind has come.
 */
#ifndef XN_CORE_ADMISSION_H
#define XN_CORE_ADMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schedule.h"

/* What is added up of a resource. */
enum xn_figure {
	XN_GUARANTEE, /* Rc + Re */
	XN_LONG_TERM, /* Rl */
	XN_FIGURES,
};

#define XN_ENTRY_ALWAYS -1

/* What a network was sold of one resource, while an entry of its schedule holds. */
struct xn_term {
	size_t row; /* the resource */
	int entry;  /* of the schedule, or XN_ENTRY_ALWAYS; of those that hold the last counts */
	double figures[XN_FIGURES];
};

struct xn_member {
	struct xn_schedule schedule;
	const struct xn_term *terms; /* by row, then by entry */
	size_t n_terms;
	bool counts; /* it is part of the sums */
	int asks; /* 1: its figures are what is asked for; -1: they are given back for that; 0: neither */
};

struct xn_book {
	const struct xn_member *members;
	size_t n_members;
	const double (*capacity)[XN_FIGURES]; /* of each row; INFINITY: not judged */
	size_t n_rows;
};

/* Where there is least room for what is asked for. */
struct xn_tightest {
	bool asked;  /* somewhere more than nothing is asked for */
	int64_t at;  /* s since 1970 UTC: the first instant that is as tight */
	double sold; /* sum of all that count, there */
	double room; /* capacity less that; < 0: it does not fit */
};

/**
 * xn_book_check() - find the tightest instants from @now on
 * @book: the book
 * @now: s since 1970 UTC
 * @tightest: out, for each row
 *
 * Only instants are looked at at which more is asked for than given back.
 *
 * Return: 0 or -ENOMEM.
 */
int xn_book_check(const struct xn_book *book, int64_t now,
		  struct xn_tightest (*tightest)[XN_FIGURES]);

/* A figure of one network while entries @held (bits) hold. */
double xn_member_figure(const struct xn_member *member, size_t row, enum xn_figure figure,
			uint32_t held);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the statuses of successive ticks to a series (core/series.h). */
#ifndef XN_CTL_RECORDER_H
#define XN_CTL_RECORDER_H

#include <stdbool.h>
#include <jansson.h>

struct xn_recorder {
	const char *link;
	json_t *series;
	json_t *last;	  /* status of the tick before, NULL at the start */
	double start;	  /* time of the first status */
	double t;	  /* of the newest tick recorded */
	size_t ticks;	  /* recorded */
	size_t intervals; /* recorded */
	size_t missed;	  /* went by without their status being seen */
};

void xn_recorder_init(struct xn_recorder *rec, const char *link);
void xn_recorder_exit(struct xn_recorder *rec);

/**
 * xn_recorder_feed() - take in what GetStatus said after a tick
 * @status: is kept
 *
 * What was allowed during a tick was decided at the one before, so the first status only starts
 * the clock, and a tick after a missed one can't be recorded. The same status again is ignored; a
 * tick number that goes back is a restarted daemon.
 *
 * Return: true if a tick was recorded.
 */
bool xn_recorder_feed(struct xn_recorder *rec, json_t *status);

#endif

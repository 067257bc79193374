/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Means of a series (core/series.h) per network. */
#ifndef XN_CTL_SUMMARY_H
#define XN_CTL_SUMMARY_H

#include <stdbool.h>
#include <jansson.h>

#include "common/config.h" /* struct xn_err */

/**
 * xn_series_load() - read and check a series
 * @path: file, or "-" for standard input
 *
 * Return: new reference, or NULL with @err filled in.
 */
json_t *xn_series_load(const char *path, struct xn_err *err);

/* Is this a series: are all its figures there, of the right type? @path is for messages. */
int xn_series_check(const json_t *series, const char *path, struct xn_err *err);

/* Names of all networks of a series, in order of appearance: {"name": true, ...}. New reference. */
json_t *xn_series_names(const json_t *series);

/* The record of network @name in a tick or interval, NULL if it was not there then. */
const json_t *xn_series_network(const json_t *tick, const char *name);

/**
 * xn_series_summary() - one record per network
 * @series: a checked series
 *
 * "name", means over the ticks "demand_bps", "throughput_bps", "ratio", "weight", "ec", and over
 * the long intervals after the first "el", "conformity", "conformity_min" (absent without any).
 *
 * Return: new array.
 */
json_t *xn_series_summary(const json_t *series);

/* The summary as a table on stdout. */
void xn_series_print_summary(const json_t *summary, bool colour);

#endif

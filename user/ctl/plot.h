/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures like the paper's figure 4 from a series (core/series.h), drawn by gnuplot. */
#ifndef XN_CTL_PLOT_H
#define XN_CTL_PLOT_H

#include <jansson.h>

/**
 * xn_plot_series() - draw a series as BASE-a (throughput), BASE-b (weights), BASE-c (errors)
 * @series: as in core/series.h; at least one tick
 * @base: path and start of the names of the files
 * @formats: "svg", "png" or both with a comma
 * @title: of the figures, or NULL
 *
 * Says on stderr what went wrong.
 *
 * Return: 0, or -errno (-EINVAL: bad series or formats; -ENOENT: gnuplot is not installed).
 */
int xn_plot_series(const json_t *series, const char *base, const char *formats, const char *title);

#endif

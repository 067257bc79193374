/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quantities as people write them: "100Mbit", "1.5Gbit", "15s". */
#ifndef XN_CORE_UNITS_H
#define XN_CORE_UNITS_H

#include <stddef.h>
#include <stdint.h>

/**
 * xn_parse_rate() - bit/s from "100Mbit" (iproute2's units, any case)
 * @text: number and unit: bit, kbit, mbit, gbit, tbit, and Kibit .. Tibit
 * @bps: out, bit/s, finite and >= 0
 *
 * A number without unit is refused, except "0"; so is "Mbps", which iproute2
 * reads as bytes and people as bits.
 *
 * Return: NULL, or a clause that says what is wrong and what to write; good until this thread
 * parses again.
 */
const char *xn_parse_rate(const char *text, double *bps);

/* Seconds -> ns from "1s", "500ms", "100us". Same conventions; > 0. */
const char *xn_parse_time(const char *text, uint64_t *ns);

/* Percent "30%" or plain 0..1 -> 0..1. */
const char *xn_parse_ratio(const char *text, double *ratio);

/* "100Mbit", "1.5Gbit", "0bit": 4 significant digits at most. Return: @buf. */
char *xn_format_rate(double bps, char *buf, size_t size);

/* Text that xn_parse_rate() reads back to the same bit/s, for files. Return: @buf. */
char *xn_format_rate_exact(double bps, char *buf, size_t size);

/* "1s", "500ms". Return: @buf. */
char *xn_format_time(uint64_t ns, char *buf, size_t size);

/* Longest text of the formatters, with the NUL. */
#define XN_UNIT_TEXT 40

#endif

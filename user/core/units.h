/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quantities as people write them: "100Mbit", "1.5Gbit", "15s", "50%", "4000routes". */
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

/**
 * xn_parse_cores() - cores of CPU from "0.5", "1.5cores" or "50%" (of one core)
 *
 * The number alone is one of cores. Conventions of xn_parse_rate().
 */
const char *xn_parse_cores(const char *text, double *cores);

/* What a route is taken to need of Dom0's memory with its next hops, bytes; a round figure. */
#define XN_ROUTE_BYTES 512

/**
 * xn_parse_routes() - routes from "4000routes", or from bytes as "2MiB" at XN_ROUTE_BYTES each
 *
 * Conventions of xn_parse_rate().
 */
const char *xn_parse_routes(const char *text, double *routes);

/* Bytes from "64kB", "64KiB", "1500B": whole ones. Conventions of xn_parse_rate(). */
const char *xn_parse_bytes(const char *text, double *bytes);

/* Seconds -> ns from "1s", "500ms", "100us". Same conventions; > 0. */
const char *xn_parse_time(const char *text, uint64_t *ns);

/* Percent "30%" or plain 0..1 -> 0..1. */
const char *xn_parse_ratio(const char *text, double *ratio);

/* "100Mbit", "1.5Gbit", "0bit": 4 significant digits at most. Return: @buf. */
char *xn_format_rate(double bps, char *buf, size_t size);

/* Text that xn_parse_rate() reads back to the same bit/s, for files. Return: @buf. */
char *xn_format_rate_exact(double bps, char *buf, size_t size);

/* "0.5cores", "1core": 4 significant digits at most. Return: @buf. */
char *xn_format_cores(double cores, char *buf, size_t size);

/* Text that xn_parse_cores() reads back to the same. Return: @buf. */
char *xn_format_cores_exact(double cores, char *buf, size_t size);

/* "4000routes", whole ones. Return: @buf. */
char *xn_format_routes(double routes, char *buf, size_t size);

/* Text that xn_parse_routes() reads back to the same. Return: @buf. */
char *xn_format_routes_exact(double routes, char *buf, size_t size);

/* Text that xn_parse_bytes() reads back to the same whole bytes. Return: @buf. */
char *xn_format_bytes_exact(double bytes, char *buf, size_t size);

/* "1s", "500ms". Return: @buf. */
char *xn_format_time(uint64_t ns, char *buf, size_t size);

/* Longest text of the formatters, with the NUL. */
#define XN_UNIT_TEXT 40

#endif

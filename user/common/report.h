/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report (doc/dbus.md, GetReport) for people: as text, and as an HTML page that needs nothing else. */
#ifndef XN_COMMON_REPORT_H
#define XN_COMMON_REPORT_H

#include <jansson.h>
#include <stdbool.h>

/* Whatever the report is missing is shown as nothing. Times are local. To be freed; NULL without memory. */
char *xn_report_text(const json_t *report);
char *xn_report_html(const json_t *report);

/* Is this a report, as far as its shape goes? */
bool xn_report_is(const json_t *json);

/* --- for both --- */

#define XN_REPORT_FIGURE 48 /* bytes of a figure as text */

const char *xn_report_string(const json_t *record, const char *key);
double xn_report_number(const json_t *record, const char *key);
/* "demand" of a resource or of one of its points, in its unit: number, and text with the unit. */
double xn_report_rate(const json_t *resource, const json_t *record, const char *what);
char *xn_report_amount(const json_t *resource, double rate, char buf[XN_REPORT_FIGURE]);
/* "2026-11-21 14:03:00 +0100". */
char *xn_report_time(double time, char buf[XN_REPORT_FIGURE]);
/* "3 h 20 min". */
char *xn_report_span(double seconds, char buf[XN_REPORT_FIGURE]);
/* "spent 80%, shared 20%": reasons of the punishments of a resource, the most frequent first; "" if there are none. */
char *xn_report_why(const json_t *resource, char *buf, size_t size);
/* Breaches of a network's resources, of both kinds; and its lowest and mean conformity. */
double xn_report_breaches(const json_t *network);
double xn_report_conformity(const json_t *network, double *lowest);

#endif

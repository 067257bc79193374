/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Definitions of networks from the words of the command line. */
#ifndef XN_CTL_DEFINE_H
#define XN_CTL_DEFINE_H

#include <jansson.h>

#include "common/config.h" /* struct xn_err */

/**
 * xn_ctl_define() - change a definition as the words say
 * @def: definition (doc/definitions.md) as JSON; changed in place, also on error
 * @argc: number of words
 * @argv: [data_path vm|split] [domain D] [priority N] [port DEV]...
 *        [link LINK|cpu|memory [rc R] [re R] [rl R] [rmax R] [restricted on|off]]...
 *        [timezone ZONE] [disk BYTES] [interfaces N]
 *        [schedule WHEN [first_day DAY] [last_day DAY] [link ...] [cpu ...] [memory ...]]...
 *        [no schedule WHEN]... [no timezone] [no disk] [no interfaces] [no domain] [no port DEV]... [no link LINK]... [no cpu] [no memory]
 * @err: filled in on error
 *
 * Only what is named changes. Return: 0 or -EINVAL.
 */
int xn_ctl_define(json_t *def, int argc, char **argv, struct xn_err *err);

#endif

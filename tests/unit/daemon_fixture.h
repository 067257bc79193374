/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Definitions in a folder that vanishes, and states made of them. */
#ifndef DAEMON_FIXTURE_H
#define DAEMON_FIXTURE_H

#include "daemon/state.h"

/* The test's own folder; made at first use. */
const char *fixture_dir(void);
/* DIR/@name, in a buffer that the next call overwrites. */
const char *fixture_path(const char *name);
void fixture_write(const char *name, const char *text);
void fixture_remove(const char *name);

/* State of the definitions in the folder; fails the test if they are wrong. */
struct xn_state *fixture_state(const struct xn_state *old);

/* Group teardown for cmocka: removes the folder. */
int fixture_exit(void **state);

#endif

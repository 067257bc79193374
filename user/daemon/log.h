/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log lines for the journal, or for a person at a terminal. */
#ifndef XN_DAEMON_LOG_H
#define XN_DAEMON_LOG_H

#include <systemd/sd-daemon.h>

/**
 * xn_log() - one line, any thread
 * @level: SD_ERR, SD_WARNING, SD_NOTICE, SD_INFO or SD_DEBUG
 *
 * The journal gets the level as sd-daemon's prefix; a terminal gets the program's name.
 */
void xn_log(const char *level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif

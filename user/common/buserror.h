/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an error of a call to the daemon means, and how a person is told. */
#ifndef XN_COMMON_BUSERROR_H
#define XN_COMMON_BUSERROR_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

/* The numbers are xnetman-ctl's exit status, and "code" of an error in JSON. */
enum xn_bus_meaning {
	XN_MEANS_DONE = 0,
	XN_MEANS_FAILURE = 1, /* invalid input, or it could not be done */
	XN_MEANS_UNREACHABLE = 2,
	XN_MEANS_NOT_FOUND = 3,
	XN_MEANS_EXISTS = 4,
	XN_MEANS_DENIED = 5,
	XN_MEANS_MODULE = 6,
};

/**
 * xn_bus_error_read() - of a call that failed
 * @error: as sd-bus gave it; without a name there was no answer
 * @ret: -errno of the call
 * @text: out, one line for a person; good as long as @error, or for ever
 * @foreign: out, true: @text is of no error of ours, and says little without its sender; may be NULL
 */
enum xn_bus_meaning xn_bus_error_read(const sd_bus_error *error, int ret, const char **text,
				      bool *foreign);

#endif

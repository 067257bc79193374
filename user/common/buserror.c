// SPDX-License-Identifier: GPL-2.0-or-later
/* Errors of the bus, and of the daemon behind it. */
#include <errno.h>
#include <string.h>

#include <xnetman/bus.h>

#include "common/buserror.h"

#define START_IT  "start it with: systemctl start xnetmand"
#define NOT_YOU	  "permission denied: only root and members of the group xnetman may change this"
#define RESTART	  "xnetmand is of another version than this program: restart it"
#define UNREACHED "xnetmand is not running: " START_IT

/* What an error of the bus means; @say replaces its message, which is for programmers. */
static const struct {
	const char *name;
	enum xn_bus_meaning meaning;
	const char *say;
} meanings[] = {
	{ XN_BUS_ERROR_INVALID, XN_MEANS_FAILURE, NULL },
	{ XN_BUS_ERROR_NOT_FOUND, XN_MEANS_NOT_FOUND, NULL },
	{ XN_BUS_ERROR_EXISTS, XN_MEANS_EXISTS, NULL },
	{ XN_BUS_ERROR_MODULE, XN_MEANS_MODULE, NULL },
	{ SD_BUS_ERROR_ACCESS_DENIED, XN_MEANS_DENIED, NOT_YOU },
	{ SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED, XN_MEANS_DENIED, NOT_YOU },
	{ SD_BUS_ERROR_SERVICE_UNKNOWN, XN_MEANS_UNREACHABLE, UNREACHED },
	{ SD_BUS_ERROR_NAME_HAS_NO_OWNER, XN_MEANS_UNREACHABLE, UNREACHED },
	{ SD_BUS_ERROR_DISCONNECTED, XN_MEANS_UNREACHABLE, "the D-Bus connection was closed" },
	{ SD_BUS_ERROR_NO_REPLY, XN_MEANS_UNREACHABLE, "xnetmand stopped before it answered" },
	{ SD_BUS_ERROR_TIMEOUT, XN_MEANS_UNREACHABLE, "xnetmand does not answer" },
	{ SD_BUS_ERROR_UNKNOWN_METHOD, XN_MEANS_UNREACHABLE, RESTART },
	{ SD_BUS_ERROR_UNKNOWN_INTERFACE, XN_MEANS_UNREACHABLE, RESTART },
	{ SD_BUS_ERROR_UNKNOWN_OBJECT, XN_MEANS_UNREACHABLE,
	  "xnetmand is still starting, or of another version: try again" },
};

enum xn_bus_meaning xn_bus_error_read(const sd_bus_error *error, int ret, const char **text,
				      bool *foreign)
{
	bool unused;

	*(foreign ? foreign : &unused) = false;
	for (size_t i = 0; error->name && i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (strcmp(error->name, meanings[i].name))
			continue;
		*text = meanings[i].say	 ? meanings[i].say
			: error->message ? error->message
					 : error->name;
		return meanings[i].meaning;
	}
	*(foreign ? foreign : &unused) = true;
	*text = !error->name ? strerror(-ret) : error->message ? error->message : error->name;
	/* Without an answer of the daemon, the way to it is at fault. */
	return error->name && ret != -ENOTCONN && ret != -ECONNRESET ? XN_MEANS_FAILURE
								     : XN_MEANS_UNREACHABLE;
}

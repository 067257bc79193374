/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of xnetman-vms. */
#ifndef XN_VMS_OPTIONS_H
#define XN_VMS_OPTIONS_H

#include "vms/http.h"

struct xn_vms_options {
	struct xn_http_options http;
	struct xn_hypervisors hypervisors;
	const char *registry; /* URI; NULL: a file in @state */
	const char *state;    /* folder */
	const char *name;     /* of this server; NULL: the host's */
	const char *pool;
	int question_seconds, work_seconds, boot_seconds;
	bool require_admission;
	int argc; /* what is left: a command */
	char **argv;
};

/* Take them, or say what is wrong and exit. */
void xn_vms_options(int argc, char **argv, struct xn_vms_options *options);

#endif

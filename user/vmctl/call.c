// SPDX-License-Identifier: GPL-2.0-or-later
/* Around a call: the connection, what failed, and progress. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl/args.h"
#include "ctl/output.h"
#include "vmctl/call.h"

#define BAR_WIDTH 30
#define POLL_NS	  200000000L

struct xnetvms *xn_vmctl_open(struct xn_ctl *ctl)
{
	struct xn_vmctl *vmctl = (struct xn_vmctl *)ctl;

	if (!vmctl->vms)
		vmctl->vms = xnetvms_open(&vmctl->options);
	if (!vmctl->vms)
		xn_ctl_fail(ctl, XN_EXIT_FAILURE,
			    "no connection can be made: look at the files of --ca and --cert");
	return vmctl->vms;
}

json_t *xn_vmctl_args(struct xn_ctl *ctl, const char *const *names, const struct xn_arg *args,
		      size_t n, int argc, char **argv)
{
	struct xn_err err;
	json_t *parsed = xn_args_parse(names, args, n, argc, argv, &err);

	if (!parsed)
		xn_ctl_fail(ctl, XN_EXIT_FAILURE, "%s", err.text);
	return parsed;
}

static int exit_of(const char *code)
{
	static const struct {
		const char *code;
		int status;
	} codes[] = {
		{ "Invalid", XN_EXIT_FAILURE },	    { "Unreachable", XN_EXIT_UNREACHABLE },
		{ "Timeout", XN_EXIT_UNREACHABLE }, { "NotFound", XN_EXIT_NOT_FOUND },
		{ "Exists", XN_EXIT_EXISTS },	    { "Busy", XN_EXIT_EXISTS },
		{ "Denied", XN_EXIT_DENIED },
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (!strcmp(code, codes[i].code))
			return codes[i].status;
	return XN_EXIT_NODE;
}

json_t *xn_vmctl_string(const char *text)
{
	return text ? json_string(text) : json_null();
}

/* What came from a node is not to steer the terminal; its lines stay lines. */
static void print_table(const char *table)
{
	for (; *table; table++)
		if (*table == '\n' || ((unsigned char)*table >= ' ' && *table != 0x7f))
			fputc(*table, stderr);
}

int xn_vmctl_fail(struct xn_ctl *ctl)
{
	const struct xnetvms_fault *fault = xnetvms_fault(((struct xn_vmctl *)ctl)->vms);
	int code = exit_of(fault->code);
	char text[1200], clean[1200];

	if (fault->admission && !ctl->json)
		print_table(fault->admission);
	snprintf(text, sizeof(text), "%s%s%s", fault->reason, fault->libvirt ? ": " : "",
		 fault->libvirt ? fault->libvirt : "");
	fprintf(stderr, "xnetman-vmctl: %s\n", xn_ctl_clean(text, clean, sizeof(clean)));
	if (ctl->json)
		xn_ctl_print_json(ctl,
				  json_pack("{s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:o}", "error",
					    fault->reason, "code", code, "fault", fault->code,
					    "phyServer", xn_vmctl_string(fault->phy_server),
					    "vmName", xn_vmctl_string(fault->vm_name), "libvirt",
					    xn_vmctl_string(fault->libvirt), "operation",
					    xn_vmctl_string(fault->operation), "admission",
					    xn_vmctl_string(fault->admission)));
	return code;
}

const char *xn_vmctl_text(const json_t *args, const char *key)
{
	return json_string_value(json_object_get(args, key));
}

/* --- progress ------------------------------------------------------------------------------- */

bool xn_vmctl_shows(const struct xn_ctl *ctl)
{
	return !ctl->json && isatty(STDERR_FILENO);
}

static void draw(const struct xnetvms_operation *operation)
{
	const char *step = operation->step ? operation->step : "";
	int full = operation->total ? BAR_WIDTH * operation->done / operation->total : 0;
	char clean[80];

	fprintf(stderr, "\r\033[K%s", xn_ctl_clean(step, clean, sizeof(clean)));
	if (operation->total)
		fprintf(stderr, " [%.*s%*s] %3.0f%%", full, "##############################",
			BAR_WIDTH - full, "", 100.0 * operation->done / operation->total);
}

static int tell_failure(struct xn_ctl *ctl, const struct xnetvms_operation *operation)
{
	return xn_ctl_fail(ctl, XN_EXIT_NODE, "%s %s: %s", operation->service,
			   operation->vm_name ? operation->vm_name : "", operation->step);
}

int xn_vmctl_follow(struct xn_ctl *ctl, const char *id)
{
	const struct timespec wait = { .tv_nsec = POLL_NS };
	struct xnetvms *vms = xn_vmctl_open(ctl);
	const struct xnetvms_operation *operation;
	char own[64];
	size_t n;

	snprintf(own, sizeof(own), "%s", id);
	while (true) {
		if (xnetvms_get_operations(vms, own, NULL, NULL, &operation, &n))
			return xn_vmctl_fail(ctl);
		if (!n)
			return xn_ctl_fail(ctl, XN_EXIT_NOT_FOUND, "no operation %s", own);
		if (strcmp(operation->state, "running"))
			break;
		draw(operation);
		nanosleep(&wait, NULL);
	}
	fprintf(stderr, "\r\033[K");
	return strcmp(operation->state, "done") ? tell_failure(ctl, operation) : XN_EXIT_OK;
}

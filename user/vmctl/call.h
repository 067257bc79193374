/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every command of xnetman-vmctl does around its call. */
#ifndef XN_VMCTL_CALL_H
#define XN_VMCTL_CALL_H

#include <jansson.h>
#include <xnetman/vms.h>

#include "ctl/ctl.h"

/* Exit status beside enum xn_ctl_exit's first six, for what only a node has. */
enum {
	XN_EXIT_NODE = 6, /* the node, its hypervisor or an image failed */
};

/* One run of the program. @ctl comes first: commands are given that. */
struct xn_vmctl {
	struct xn_ctl ctl;
	struct xnetvms_options options;
	struct xnetvms *vms; /* NULL until the first call */
};

/* The connection; opened when it is first asked for. Return: NULL, and the error told. */
struct xnetvms *xn_vmctl_open(struct xn_ctl *ctl);

/* Arguments of a command, see xn_args_parse(). Return: NULL, and the error told. */
struct xn_arg;
json_t *xn_vmctl_args(struct xn_ctl *ctl, const char *const *names, const struct xn_arg *args,
		      size_t n, int argc, char **argv);

/* Tell why the last call failed. Return: exit status. */
int xn_vmctl_fail(struct xn_ctl *ctl);

/* Text of an argument; NULL: it was not given. */
const char *xn_vmctl_text(const json_t *args, const char *key);

/* Follow operation @id to its end, with a bar on a terminal. Return: exit status. */
int xn_vmctl_follow(struct xn_ctl *ctl, const char *id);

/* Is progress to be shown? Then calls that take long do not wait, and are followed. */
bool xn_vmctl_shows(const struct xn_ctl *ctl);

/* A member that may be null. */
json_t *xn_vmctl_string(const char *text);

extern const struct xn_ctl_command xn_vmctl_vm_commands[];
extern const struct xn_ctl_command xn_vmctl_network_commands[];
extern const struct xn_ctl_command xn_vmctl_node_commands[];
extern const struct xn_ctl_command xn_vmctl_image_commands[];
int xn_vmctl_operations(struct xn_ctl *ctl, int argc, char **argv);
int xn_vmctl_test(struct xn_ctl *ctl, int argc, char **argv);

#endif

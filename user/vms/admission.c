// SPDX-License-Identifier: GPL-2.0-or-later
/* xnetman-ctl and xnetmand's D-Bus interface on the node, over SSH. */
#include <string.h>

#include "vms/admission.h"
#include "vms/remote.h"

#define WITH_SBIN "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; "

enum {
	CTL_REFUSED = 7, /* xnetman-ctl's exit status: it does not fit */
};

/* The last line of a table says why. */
static const char *last_line(const char *text, char line[512])
{
	size_t end = strlen(text), begin;

	while (end && text[end - 1] == '\n')
		end--;
	for (begin = end; begin && text[begin - 1] != '\n';)
		begin--;
	snprintf(line, 512, "%.*s", (int)(end - begin < 400 ? end - begin : 400), text + begin);
	return line;
}

static int refuse(const struct xn_node *node, const struct xn_answer *answer,
		  struct xn_fault *fault)
{
	char line[512];

	if (!fault->code)
		XN_COPY(fault->admission, answer->output);
	return xn_fault_set(fault, XN_FAULT_REFUSED, "node \"%s\" has no room for it. %s",
			    node->name, last_line(answer->output, line));
}

static int failed(const struct xn_node *node, const struct xn_answer *answer,
		  struct xn_fault *fault)
{
	char line[512];

	return xn_fault_set(fault, XN_FAULT_REFUSED, "xnetman of node \"%s\": %s", node->name,
			    answer->status == XN_REMOTE_MISSING ? "it is not installed there"
								: last_line(answer->errors, line));
}

static int ask(struct xn_remote *remote, const struct xn_server *server, const struct xn_node *node,
	       const char *definition, bool keep, struct xn_fault *fault)
{
	struct xn_answer answer;

	if (xn_remote_run(remote, WITH_SBIN "xnetman-ctl admit -", definition, &answer, fault))
		return -1;
	if (!answer.status)
		return 0;
	if (answer.status == CTL_REFUSED)
		return refuse(node, &answer, fault);
	if (answer.status == XN_REMOTE_MISSING && !keep && !server->require_admission)
		return 0;
	return failed(node, &answer, fault);
}

/* Whoever else was admitted since is in xnetmand's own check of this. */
static int add(struct xn_remote *remote, const struct xn_node *node, const struct xn_vm *vm,
	       const char *definition, struct xn_fault *fault)
{
	struct xn_answer answer;
	char command[4096];

	/* no character in name and definition ends the quotes: both were made of checked parts */
	snprintf(command, sizeof(command),
		 "busctl --quiet call org.xnetman1 /org/xnetman1 org.xnetman1.Manager AddNetwork "
		 "ss '%s' '%s'",
		 vm->name, definition);
	if (xn_remote_run(remote, command, NULL, &answer, fault))
		return -1;
	return answer.status ? failed(node, &answer, fault) : 0;
}

int xn_admission_enter(const struct xn_server *server, const struct xn_node *node,
		       const struct xn_vm *vm, const char *definition, bool keep,
		       struct xn_fault *fault)
{
	struct xn_remote *remote;
	int ret;

	if (!xn_remote_possible(server, node)) {
		if (!keep && !server->require_admission)
			return 0;
		return xn_fault_set(fault, XN_FAULT_REFUSED,
				    "node \"%s\" is not reached over SSH, so its xnetman can't be "
				    "asked",
				    node->name);
	}
	remote = xn_remote_open(server, node, fault);
	if (!remote)
		return -1;
	ret = ask(remote, server, node, definition, keep, fault);
	if (!ret && keep)
		ret = add(remote, node, vm, definition, fault);
	xn_remote_close(remote);
	return ret;
}

int xn_admission_leave(const struct xn_server *server, const struct xn_node *node,
		       const struct xn_vm *vm, struct xn_fault *fault)
{
	struct xn_remote *remote;
	struct xn_answer answer;
	char command[512];
	int ret;

	if (!vm->sla[0])
		return 0;
	remote = xn_remote_open(server, node, fault);
	if (!remote)
		return -1;
	/* by its UUID: a network of that name that is somebody else's stays */
	snprintf(command, sizeof(command),
		 WITH_SBIN "all=$(xnetman-ctl -j network list) || exit; case $all in *%s*) "
			   "exec xnetman-ctl network delete %s;; esac",
		 vm->uuid, vm->name);
	ret = xn_remote_run(remote, command, NULL, &answer, fault);
	if (!ret && answer.status)
		ret = failed(node, &answer, fault);
	xn_remote_close(remote);
	return ret;
}

/* --- the account ---------------------------------------------------------------------------- */

static int run(const struct xn_server *server, const struct xn_node *node, const char *command,
	       struct xn_answer *answer, struct xn_fault *fault)
{
	struct xn_remote *remote = xn_remote_open(server, node, fault);
	int ret;

	if (!remote)
		return -1;
	ret = xn_remote_run(remote, command, NULL, answer, fault);
	if (!ret && answer->status)
		ret = failed(node, answer, fault);
	xn_remote_close(remote);
	return ret;
}

/* busctl writes an answer as it reads arguments: a(sd) 2 "eth0" 1.5 "cpu" 0. Only that gets into a command. */
static bool is_account(const char *text, size_t size)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789.-+_@ \"";

	return strspn(text, allowed) >= size;
}

int xn_admission_travel(const struct xn_server *server, const struct xn_node *from,
			const struct xn_node *to, const struct xn_vm *vm, struct xn_fault *fault)
{
	static const char type[] = "a(sd) ";
	struct xn_answer answer;
	char command[4096 + 256];
	const char *account;
	size_t size;

	snprintf(command, sizeof(command),
		 "busctl call org.xnetman1 /org/xnetman1 org.xnetman1.Manager GetAccount s %s",
		 vm->name);
	if (run(server, from, command, &answer, fault))
		return -1;
	account = answer.output + strlen(type);
	size = strcspn(account, "\n");
	if (strncmp(answer.output, type, strlen(type)) || !is_account(account, size))
		return xn_fault_set(fault, XN_FAULT_REFUSED,
				    "xnetman of node \"%s\" tells no account", from->name);
	snprintf(command, sizeof(command),
		 "busctl --quiet call org.xnetman1 /org/xnetman1 org.xnetman1.Manager TakeAccount "
		 "'sa(sd)' %s %.*s",
		 vm->name, (int)size, account);
	return run(server, to, command, &answer, fault);
}

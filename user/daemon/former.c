// SPDX-License-Identifier: GPL-2.0-or-later
/* Qdiscs of one kind and without children are taken as bytes: what the kernel tells of them is what it wants to be told. */
#include <errno.h>
#include <jansson.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/files.h"
#include "daemon/former.h"

#define OPTIONS_MAX 1024 /* bytes; none of those below has half of it */
#define HEX	    "0123456789abcdef"

/* Of these the kernel tells all that it was told, in the form in which it wants it. (Of a netem it keeps tables to itself.) */
static const char *const kinds[] = {
	"pfifo", "bfifo", "pfifo_fast", "codel", "fq_codel", "fq",
	"cake",	 "pie",	  "fq_pie",	"sfq",	 "tbf",
};

/* What is at a device's root, and what hangs on it. */
struct root {
	uint32_t ifindex;
	uint32_t handle;
	char kind[32];
	unsigned char options[OPTIONS_MAX];
	size_t size;
	bool table, long_options;
	size_t below; /* qdiscs that are seen there: each was made by a person, or by a multiqueue root */
};

static void note_root(struct root *root, struct nlmsghdr *nlh, const struct tcmsg *tcm)
{
	struct nlattr *kind = nlmsg_find_attr(nlh, sizeof(*tcm), TCA_KIND);
	struct nlattr *options = nlmsg_find_attr(nlh, sizeof(*tcm), TCA_OPTIONS);

	root->handle = tcm->tcm_handle;
	snprintf(root->kind, sizeof(root->kind), "%s", kind ? nla_get_string(kind) : "");
	root->table = nlmsg_find_attr(nlh, sizeof(*tcm), TCA_STAB);
	root->size = options ? nla_len(options) : 0;
	root->long_options = root->size > OPTIONS_MAX;
	if (options && !root->long_options)
		memcpy(root->options, nla_data(options), root->size);
}

static void note_qdisc(const struct nlmsghdr *nlh, void *arg)
{
	struct root *root = arg;
	const struct tcmsg *tcm = nlmsg_data(nlh);

	if (nlh->nlmsg_type != RTM_NEWQDISC || (uint32_t)tcm->tcm_ifindex != root->ifindex)
		return;
	if (tcm->tcm_parent == TC_H_ROOT)
		note_root(root, (struct nlmsghdr *)nlh, tcm);
	else if (tcm->tcm_parent != TC_H_CLSACT)
		root->below++;
}

static void note_filter(const struct nlmsghdr *nlh, void *arg)
{
	if (nlh->nlmsg_type == RTM_NEWTFILTER)
		*(bool *)arg = true;
}

static bool has_filters(struct xn_netreq *netreq, const struct root *root)
{
	struct tcmsg tcm = { .tcm_ifindex = root->ifindex, .tcm_parent = root->handle };
	bool found = false;

	xn_netreq_get(netreq, xn_netreq_message(RTM_GETTFILTER, NLM_F_DUMP, &tcm, sizeof(tcm)),
		      note_filter, &found);
	return found;
}

static bool is_known(const char *kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kind, kinds[i]))
			return true;
	return false;
}

/* Return: NULL: it can be put back as it is. */
static const char *obstacle(struct xn_netreq *netreq, const struct root *root)
{
	if (!is_known(root->kind))
		return "a qdisc of this kind can't be put back as it was";
	if (root->below)
		return "there are qdiscs below it";
	if (root->table)
		return "it has a size table";
	if (root->long_options)
		return "its options are too long to be kept";
	if (has_filters(netreq, root))
		return "it has filters";
	return NULL;
}

/* --- the file --- */

static void path_of(const struct xn_former *former, char *path, size_t size)
{
	snprintf(path, size, "%s/root-%u.json", former->state, former->ifindex);
}

static void to_hex(const struct root *root, char *text)
{
	for (size_t i = 0; i < root->size; i++) {
		*text++ = HEX[root->options[i] >> 4];
		*text++ = HEX[root->options[i] & 15];
	}
	*text = '\0';
}

static int from_hex(const char *text, struct root *root)
{
	size_t n = strlen(text);

	if (n % 2 || n / 2 > OPTIONS_MAX)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		const char *digit = strchr(HEX, text[i]);

		if (!digit)
			return -EINVAL;
		root->options[i / 2] = i % 2 ? root->options[i / 2] | (digit - HEX)
					     : (digit - HEX) << 4;
	}
	root->size = n / 2;
	return 0;
}

static int write_root(const struct xn_former *former, const struct root *root)
{
	char path[4200], hex[2 * OPTIONS_MAX + 1], *text;
	json_t *file;
	int rc;

	to_hex(root, hex);
	file = json_pack("{s:s, s:I, s:s, s:I, s:s}", "device", former->device, "ifindex",
			 (json_int_t)former->ifindex, "kind", root->kind, "handle",
			 (json_int_t)root->handle, "options", hex);
	text = file ? json_dumps(file, JSON_INDENT(2)) : NULL;
	json_decref(file);
	if (!text)
		return -ENOMEM;
	path_of(former, path, sizeof(path));
	rc = xn_write_file(path, text, strlen(text), 0600);
	free(text);
	return rc;
}

static int read_root(const struct xn_former *former, struct root *root)
{
	const char *device, *kind, *options;
	json_int_t ifindex, handle;
	char path[4200];
	json_t *file;
	int rc = -EINVAL;

	path_of(former, path, sizeof(path));
	if (access(path, F_OK))
		return -ENOENT;
	file = json_load_file(path, 0, NULL);
	if (!json_unpack(file, "{s:s, s:I, s:s, s:I, s:s}", "device", &device, "ifindex", &ifindex,
			 "kind", &kind, "handle", &handle, "options", &options) &&
	    is_known(kind) && handle > 0 && handle <= UINT32_MAX) {
		root->handle = handle;
		snprintf(root->kind, sizeof(root->kind), "%s", kind);
		rc = from_hex(options, root);
		if (!rc && (ifindex != former->ifindex || strcmp(device, former->device)))
			rc = -ENOENT;
	}
	json_decref(file);
	return rc;
}

/* --- */

int xn_former_save(struct xn_netreq *netreq, const struct xn_former *former, struct xn_err *err)
{
	struct root root = { .ifindex = former->ifindex };
	struct tcmsg tcm = { .tcm_ifindex = former->ifindex };
	const char *why;
	int rc = xn_netreq_get(netreq,
			       xn_netreq_message(RTM_GETQDISC, NLM_F_DUMP, &tcm, sizeof(tcm)),
			       note_qdisc, &root);

	xn_former_forget(former);
	if (rc) {
		xn_err_set(err, "reading it: %s", strerror(-rc));
		return rc;
	}
	why = obstacle(netreq, &root);
	if (why) {
		xn_err_set(err, "%s", why);
		return -EOPNOTSUPP;
	}
	rc = write_root(former, &root);
	if (rc)
		xn_err_set(err, "keeping it in %s: %s", former->state, strerror(-rc));
	return rc;
}

int xn_former_restore(struct xn_netreq *netreq, const struct xn_former *former, struct xn_err *err)
{
	struct root root = { 0 };
	struct tcmsg tcm = { .tcm_ifindex = former->ifindex, .tcm_parent = TC_H_ROOT };
	struct nl_msg *msg;
	int rc = read_root(former, &root);

	if (rc) {
		xn_err_set(err, "what was kept of the qdisc before can't be read");
		return rc;
	}
	tcm.tcm_handle = root.handle;
	msg = xn_netreq_message(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, &tcm, sizeof(tcm));
	if (msg) {
		nla_put_string(msg, TCA_KIND, root.kind);
		if (root.size)
			nla_put(msg, TCA_OPTIONS, root.size, root.options);
	}
	rc = xn_netreq_do(netreq, msg, err, "putting back the qdisc that was there before");
	if (!rc)
		xn_former_forget(former);
	return rc;
}

void xn_former_forget(const struct xn_former *former)
{
	char path[4200];

	path_of(former, path, sizeof(path));
	unlink(path);
}

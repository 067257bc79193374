// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `xnetman-ctl kernel`: the module's own view and knobs, without the daemon. For
 * tests, and for the night when the daemon doesn't start.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/kernel.h"
#include "core/units.h"
#include "ctl/kernel.h"
#include "ctl/output.h"
#include "ctl/words.h"

struct kernel_cmd {
	struct xn_ctl *ctl;
	struct xn_kernel *kernel;
	int argc;
	char **argv;	/* the words after the verb */
	json_t *result; /* what the verb found, or NULL */
	struct xn_err err;
};

/* A word as a number of 1..max. */
static int parse_number(struct kernel_cmd *cmd, const char *what, const char *word, uint64_t max,
			uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(word, &end, 10);
	if (errno || *end || *word == '-' || !*word || !*value || *value > max) {
		xn_err_set(&cmd->err, "%s: \"%s\" is not a whole number of 1..%" PRIu64, what, word,
			   max);
		return -EINVAL;
	}
	return 0;
}

static int parse_id(struct kernel_cmd *cmd, const char *word, uint32_t *id)
{
	uint64_t value;
	int ret = parse_number(cmd, "network id", word, INT32_MAX, &value);

	if (!ret)
		*id = value;
	return ret;
}

static int parse_device(struct kernel_cmd *cmd, const char *name, uint32_t *ifindex)
{
	*ifindex = if_nametoindex(name);
	if (*ifindex)
		return 0;
	xn_err_set(&cmd->err, "%s: no such device: `ip link` lists them", name);
	return -ENXIO;
}

static int cmd_info(struct kernel_cmd *cmd)
{
	struct xn_kernel_info info;
	int ret = xn_kernel_info(cmd->kernel, &info, &cmd->err);

	if (!ret)
		cmd->result = json_pack(
			"{s:s, s:I, s:I, s:s, s:I, s:I}", "version", info.version, "generation",
			(json_int_t)info.generation, "lease_ms", (json_int_t)info.lease_ms,
			"sampler",
			info.sampler == XNETMAN_SAMPLER_BERNOULLI ? "bernoulli" : "systematic",
			"mark_mask", (json_int_t)info.mark_mask, "time_ns", (json_int_t)info.time);
	return ret;
}

static void counters_restart(void *arg)
{
	json_array_clear(arg);
}

static void add_pair(json_t *to, const char *bytes, uint64_t n_bytes, const char *packets,
		     uint64_t n_packets)
{
	json_object_set_new(to, bytes, json_integer(n_bytes));
	json_object_set_new(to, packets, json_integer(n_packets));
}

static void add_device(json_t *to, uint32_t ifindex)
{
	char name[IF_NAMESIZE];

	json_object_set_new(to, "ifindex", json_integer(ifindex));
	if (if_indextoname(ifindex, name))
		json_object_set_new(to, "device", json_string(name));
}

/* Whole numbers: a limit of routes that is none is null. */
static void add_table(json_t *to, const struct xn_record *rec)
{
	bool limited = rec->route_limit != XNETMAN_ROUTES_UNLIMITED;

	json_object_set_new(to, "table", json_integer(rec->table));
	json_object_set_new(to, "routes", json_integer(rec->routes));
	json_object_set_new(to, "route_limit",
			    limited ? json_integer(rec->route_limit) : json_null());
	json_object_set_new(to, "vetoed", json_integer(rec->vetoed));
}

static void add_guard(json_t *to, const struct xn_record *rec)
{
	json_object_set_new(to, "priority", json_integer(rec->priority));
	json_object_set_new(to, "rate", json_integer(rec->rate));
	add_pair(to, "refused_bytes", rec->refused_bytes, "refused_packets", rec->refused_packets);
	add_pair(to, "marked_bytes", rec->marked_bytes, "marked_packets", rec->marked_packets);
}

static void counters_record(const struct xn_record *rec, void *arg)
{
	static const char *const kinds[] = {
		[XNETMAN_KIND_NETWORK] = "network",
		[XNETMAN_KIND_LINK] = "link",
		[XNETMAN_KIND_PORT] = "port",
		[XNETMAN_KIND_SHARE] = "share",
	};
	json_t *to = json_object();

	json_object_set_new(to, "kind", json_string(kinds[rec->kind]));
	json_object_set_new(to, "time_ns", json_integer(rec->time));
	if (rec->kind != XNETMAN_KIND_LINK)
		json_object_set_new(to, "net_id", json_integer(rec->net_id));
	if (rec->kind == XNETMAN_KIND_NETWORK)
		json_object_set_new(to, "name", json_string(rec->name));
	else
		add_device(to, rec->ifindex);
	if (rec->kind == XNETMAN_KIND_LINK || rec->kind == XNETMAN_KIND_SHARE)
		add_pair(to, "offered_bytes", rec->offered_bytes, "offered_packets",
			 rec->offered_packets);
	if (rec->kind == XNETMAN_KIND_SHARE)
		add_pair(to, "dropped_bytes", rec->dropped_bytes, "dropped_packets",
			 rec->dropped_packets);
	if (rec->kind == XNETMAN_KIND_SHARE || rec->kind == XNETMAN_KIND_NETWORK)
		json_object_set_new(to, "ratio", json_real(rec->ratio / (double)XNETMAN_RATIO_ONE));
	if (rec->kind == XNETMAN_KIND_SHARE)
		add_guard(to, rec);
	if (rec->kind == XNETMAN_KIND_LINK)
		json_object_set_new(to, "rate", json_integer(rec->rate));
	if (rec->kind == XNETMAN_KIND_PORT) {
		add_pair(to, "rx_bytes", rec->rx_bytes, "rx_packets", rec->rx_packets);
		add_pair(to, "tx_bytes", rec->tx_bytes, "tx_packets", rec->tx_packets);
		add_pair(to, "rx_dropped_bytes", rec->rx_dropped_bytes, "rx_dropped_packets",
			 rec->rx_dropped_packets);
		add_pair(to, "tx_dropped_bytes", rec->tx_dropped_bytes, "tx_dropped_packets",
			 rec->tx_dropped_packets);
	}
	if (rec->table)
		add_table(to, rec);
	json_array_append_new(arg, to);
}

static int cmd_counters(struct kernel_cmd *cmd)
{
	json_t *records = json_array();
	int ret = xn_kernel_counters(cmd->kernel, counters_restart, counters_record, records,
				     &cmd->err);

	if (ret)
		json_decref(records);
	else
		cmd->result = records;
	return ret;
}

static int cmd_network(struct kernel_cmd *cmd)
{
	uint32_t id;
	int ret = parse_id(cmd, cmd->argv[0], &id);

	return ret ? ret : xn_kernel_new_network(cmd->kernel, id, cmd->argv[1], &cmd->err);
}

static int cmd_del_network(struct kernel_cmd *cmd)
{
	uint32_t id;
	int ret = parse_id(cmd, cmd->argv[0], &id);

	return ret ? ret : xn_kernel_del_network(cmd->kernel, id, &cmd->err);
}

static int cmd_link(struct kernel_cmd *cmd)
{
	uint32_t ifindex;
	int ret = parse_device(cmd, cmd->argv[0], &ifindex);

	return ret ? ret : xn_kernel_new_link(cmd->kernel, ifindex, &cmd->err);
}

static int cmd_del_link(struct kernel_cmd *cmd)
{
	uint32_t ifindex;
	int ret = parse_device(cmd, cmd->argv[0], &ifindex);

	return ret ? ret : xn_kernel_del_link(cmd->kernel, ifindex, &cmd->err);
}

static int cmd_port(struct kernel_cmd *cmd)
{
	uint32_t ifindex, id;
	int ret = parse_device(cmd, cmd->argv[0], &ifindex);

	if (!ret)
		ret = parse_id(cmd, cmd->argv[1], &id);
	return ret ? ret : xn_kernel_new_port(cmd->kernel, ifindex, id, &cmd->err);
}

static int cmd_del_port(struct kernel_cmd *cmd)
{
	uint32_t ifindex;
	int ret = parse_device(cmd, cmd->argv[0], &ifindex);

	return ret ? ret : xn_kernel_del_port(cmd->kernel, ifindex, &cmd->err);
}

/* table ID TABLE [LIMIT] */
static int cmd_table(struct kernel_cmd *cmd)
{
	uint64_t table = 0, limit = XNETMAN_ROUTES_UNLIMITED;
	uint32_t id;
	int ret = parse_id(cmd, cmd->argv[0], &id);

	if (!ret && strcmp(cmd->argv[1], "none"))
		ret = parse_number(cmd, "table", cmd->argv[1], UINT32_MAX, &table);
	if (!ret && cmd->argc > 2 && strcmp(cmd->argv[2], "0"))
		ret = parse_number(cmd, "limit", cmd->argv[2], UINT32_MAX - 1, &limit);
	else if (!ret && cmd->argc > 2)
		limit = 0;
	return ret ? ret : xn_kernel_set_table(cmd->kernel, id, table, limit, &cmd->err);
}

/* How many of the samples went to an address, in an object by address. */
static void count_sample(const struct xn_address *destination, void *arg)
{
	char text[INET6_ADDRSTRLEN];
	json_t *n;

	if (!inet_ntop(destination->family, destination->bytes, text, sizeof(text)))
		return;
	n = json_object_get(arg, text);
	if (n)
		json_integer_set(n, json_integer_value(n) + 1);
	else
		json_object_set_new(arg, text, json_integer(1));
}

static int cmd_samples(struct kernel_cmd *cmd)
{
	uint64_t position = 0;
	uint32_t id;
	int ret = parse_id(cmd, cmd->argv[0], &id);

	if (ret)
		return ret;
	cmd->result = json_object();
	return xn_kernel_samples(cmd->kernel, id, &position, count_sample, cmd->result, &cmd->err);
}

/* What the words of a push say. */
struct push_words {
	struct xnetman_ratio *ratios;
	struct xn_guard *guards;
	struct xn_push push;
};

/* ID DEVICE|inputs RATIO */
static int parse_ratio(struct kernel_cmd *cmd, char **words, struct xnetman_ratio *ratio)
{
	const char *why;
	double value;
	int ret = parse_id(cmd, words[0], &ratio->net_id);

	if (!ret && strcmp(words[1], "inputs"))
		ret = parse_device(cmd, words[1], &ratio->ifindex);
	if (ret)
		return ret;
	why = xn_parse_ratio(words[2], &value);
	if (why) {
		xn_err_set(&cmd->err, "ratio: %s", why);
		return -EINVAL;
	}
	ratio->ratio = value * XNETMAN_RATIO_ONE + 0.5;
	return 0;
}

/* link|ID DEVICE RATE BURST */
static int parse_guard(struct kernel_cmd *cmd, char **words, struct xn_guard *guard)
{
	double rate = 0, burst = 0;
	const char *why;
	int ret = 0;

	if (strcmp(words[0], "link"))
		ret = parse_id(cmd, words[0], &guard->net_id);
	if (!ret)
		ret = parse_device(cmd, words[1], &guard->ifindex);
	if (ret)
		return ret;
	why = xn_parse_rate(words[2], &rate) ?: xn_parse_bytes(words[3], &burst);
	if (!why && (rate < 8 || rate / 8 > XNETMAN_RATE_MAX))
		why = "the rate is out of range: write 8bit to 8Tbit";
	if (!why && (burst < 1 || burst > XNETMAN_BURST_MAX))
		why = "the burst is out of range: write 1B to 1GiB";
	if (why) {
		xn_err_set(&cmd->err, "guard: %s", why);
		return -EINVAL;
	}
	guard->rate = rate / 8;
	guard->burst = burst;
	return 0;
}

static int parse_push(struct kernel_cmd *cmd, struct push_words *words)
{
	char **word = cmd->argv + 1, **end = cmd->argv + cmd->argc;
	int ret = 0;

	while (word < end && !ret) {
		if (!strcmp(*word, "guard") && end - word >= 5) {
			ret = parse_guard(cmd, word + 1, &words->guards[words->push.n_guards++]);
			word += 5;
		} else if (strcmp(*word, "guard") && end - word >= 3) {
			ret = parse_ratio(cmd, word, &words->ratios[words->push.n_ratios++]);
			word += 3;
		} else {
			xn_err_set(&cmd->err, "push: words after the lease come as ID "
					      "DEVICE|inputs RATIO, or guard link|ID DEVICE RATE "
					      "BURST");
			ret = -EINVAL;
		}
	}
	return ret;
}

static int push_words(struct kernel_cmd *cmd, struct push_words *words)
{
	struct xn_kernel_info info;
	const char *why;
	uint64_t lease;
	int ret;

	why = xn_parse_time(cmd->argv[0], &lease);
	if (why) {
		xn_err_set(&cmd->err, "lease: %s", why);
		return -EINVAL;
	}
	ret = xn_kernel_info(cmd->kernel, &info, &cmd->err);
	if (!ret)
		ret = parse_push(cmd, words);
	if (ret)
		return ret;
	words->push.generation = info.generation + 1;
	words->push.lease_ms = lease / 1000000;
	words->push.ratios = words->ratios;
	words->push.guards = words->guards;
	return xn_kernel_push(cmd->kernel, &words->push, &cmd->err);
}

/* push LEASE [ID DEVICE|inputs RATIO | guard link|ID DEVICE RATE BURST]... with the next generation. */
static int cmd_push(struct kernel_cmd *cmd)
{
	struct push_words words = {
		.ratios = calloc(cmd->argc, sizeof(*words.ratios)),
		.guards = calloc(cmd->argc, sizeof(*words.guards)),
	};
	int ret = words.ratios && words.guards ? push_words(cmd, &words) : -ENOMEM;

	free(words.ratios);
	free(words.guards);
	return ret;
}

/* As tc writes it: 7f00:18 (hexadecimal); or 0. */
static int parse_classid(struct kernel_cmd *cmd, const char *text, uint32_t *classid)
{
	unsigned int major, minor;
	int end = 0;

	*classid = 0;
	if (!strcmp(text, "0"))
		return 0;
	if (sscanf(text, "%4x:%4x%n", &major, &minor, &end) == 2 && !text[end]) {
		*classid = major << 16 | minor;
		return 0;
	}
	xn_err_set(&cmd->err, "priority: \"%s\" is no class: write it as tc does, 7f00:18, or 0",
		   text);
	return -EINVAL;
}

static int cmd_priority(struct kernel_cmd *cmd)
{
	struct xnetman_priority priority = { 0 };
	int ret = parse_id(cmd, cmd->argv[0], &priority.net_id);

	if (!ret)
		ret = parse_device(cmd, cmd->argv[1], &priority.ifindex);
	if (!ret)
		ret = parse_classid(cmd, cmd->argv[2], &priority.priority);
	return ret ? ret : xn_kernel_set_priorities(cmd->kernel, &priority, 1, &cmd->err);
}

static int cmd_sampler(struct kernel_cmd *cmd)
{
	bool bernoulli = !strcmp(cmd->argv[0], "bernoulli");
	struct xn_kernel_info info;
	int ret;

	if (!bernoulli && strcmp(cmd->argv[0], "systematic")) {
		xn_err_set(&cmd->err, "sampler: \"%s\" is neither systematic nor bernoulli",
			   cmd->argv[0]);
		return -EINVAL;
	}
	ret = xn_kernel_info(cmd->kernel, &info, &cmd->err);
	if (ret)
		return ret;
	return xn_kernel_config(cmd->kernel,
				bernoulli ? XNETMAN_SAMPLER_BERNOULLI : XNETMAN_SAMPLER_SYSTEMATIC,
				info.mark_mask, &cmd->err);
}

static int cmd_mark_mask(struct kernel_cmd *cmd)
{
	struct xn_kernel_info info;
	unsigned long mask;
	char *end;
	int ret;

	mask = strtoul(cmd->argv[0], &end, 0);
	if (*end || !*cmd->argv[0] || mask > UINT32_MAX) {
		xn_err_set(&cmd->err, "mark mask: \"%s\" is not a 32-bit number such as 0xfff00000",
			   cmd->argv[0]);
		return -EINVAL;
	}
	ret = xn_kernel_info(cmd->kernel, &info, &cmd->err);
	return ret ? ret : xn_kernel_config(cmd->kernel, info.sampler, mask, &cmd->err);
}

static const struct verb {
	const char *name;
	int words; /* at least; exactly, unless `more` */
	bool more;
	int (*run)(struct kernel_cmd *cmd);
	const char *args;
	const char *brief;
} verbs[] = {
	{ "info", 0, false, cmd_info, "", "version, generation, lease" },
	{ "counters", 0, false, cmd_counters, "", "every record, as JSON" },
	{ "network", 2, false, cmd_network, "ID NAME", "create or rename" },
	{ "del-network", 1, false, cmd_del_network, "ID", "with its ports and counters" },
	{ "link", 1, false, cmd_link, "DEVICE", "networks compete on its egress" },
	{ "del-link", 1, false, cmd_del_link, "DEVICE", "no longer" },
	{ "port", 2, false, cmd_port, "DEVICE ID", "it carries this network" },
	{ "del-port", 1, false, cmd_del_port, "DEVICE", "no longer" },
	{ "push", 1, true, cmd_push, "LEASE [ID DEVICE|inputs RATIO]...",
	  "all punishments from now on, and guards" },
	{ "table", 2, true, cmd_table, "ID TABLE|none [LIMIT]",
	  "routing table of its VRF, most routes in it" },
	{ "samples", 1, false, cmd_samples, "ID", "where its packets went lately" },
	{ "priority", 3, false, cmd_priority, "ID DEVICE CLASSID|0",
	  "skb->priority of its packets at this link" },
	{ "sampler", 1, false, cmd_sampler, "systematic|bernoulli",
	  "how packets to drop are chosen" },
	{ "mark-mask", 1, false, cmd_mark_mask, "MASK", "bits of skb->mark with the network id" },
};

static const char usage_head[] =
	"Usage: xnetman-ctl kernel VERB ...\n"
	"\n"
	"The module without the daemon. A running daemon undoes what you change here.\n"
	"\n";

static const char usage_tail[] =
	"\n"
	"`inputs` punishes a network wherever its packets come into Dom0. `push` also takes\n"
	"`guard link DEVICE RATE BURST`, what the link can carry and what may wait there, and "
	"then\n"
	"`guard ID DEVICE RATE BURST`, what a network is entitled to while there is more.\n"
	"info, counters and samples print JSON. ID is 1..2147483647, LEASE a time (3s, at most "
	"600s), RATIO "
	"0..1\n"
	"or 30%.\n"
	"Example: xnetman-ctl kernel push 3s 1 eth0 30%\n";

static void usage(void)
{
	char line[64];

	fputs(usage_head, stdout);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		snprintf(line, sizeof(line), "%s %s", verbs[i].name, verbs[i].args);
		printf("  %-40s%s%s\n", line, *verbs[i].brief ? "  " : "", verbs[i].brief);
	}
	fputs(usage_tail, stdout);
}

static int exit_code(int error)
{
	static const struct {
		int error;
		enum xn_ctl_exit code;
	} codes[] = {
		{ 0, XN_EXIT_OK },
		{ -ENODEV, XN_EXIT_MODULE },
		{ -ENOENT, XN_EXIT_NOT_FOUND },
		{ -ENXIO, XN_EXIT_NOT_FOUND },
		{ -EEXIST, XN_EXIT_EXISTS },
		{ -EPERM, XN_EXIT_DENIED },
		{ -EACCES, XN_EXIT_DENIED },
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].error == error)
			return codes[i].code;
	return XN_EXIT_FAILURE;
}

static int run(struct kernel_cmd *cmd, const struct verb *verb)
{
	int ret;

	cmd->kernel = xn_kernel_open(&cmd->err);
	ret = cmd->kernel ? verb->run(cmd) : -ENODEV;
	xn_kernel_close(cmd->kernel);
	if (ret)
		return xn_ctl_fail(cmd->ctl, exit_code(ret), "kernel %s: %s", verb->name,
				   cmd->err.text[0] ? cmd->err.text : strerror(-ret));
	return cmd->result ? xn_ctl_print_json(cmd->ctl, cmd->result) : xn_ctl_done(cmd->ctl);
}

int xn_ctl_kernel(struct xn_ctl *ctl, int argc, char **argv)
{
	struct kernel_cmd cmd = { .ctl = ctl, .argc = argc - 1, .argv = argv + 1 };
	struct xn_words words = XN_WORDS(verbs, sizeof(verbs) / sizeof(*verbs));
	const struct verb *verb;
	char text[512];
	int i;

	if (!argc)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE,
				   "kernel: a verb is missing: see xnetman-ctl kernel --help");
	if (!strcmp(argv[0], "help") || !strcmp(argv[0], "--help")) {
		usage();
		return XN_EXIT_OK;
	}
	i = xn_words_find(&words, argv[0]);
	if (i < 0)
		return xn_ctl_fail(
			ctl, XN_EXIT_FAILURE, "kernel: %s",
			xn_words_complain(&words, "verb", argv[0], i, text, sizeof(text)));
	verb = &verbs[i];
	if (cmd.argc < verb->words || (cmd.argc > verb->words && !verb->more))
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "kernel %s: write: %s %s", verb->name,
				   verb->name, *verb->args ? verb->args : "and nothing more");
	return run(&cmd, verb);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One rule. Nothing is copied that is not understood: an object has exactly one key, looked up in a table of
 * what is carried, and its values are checked for their type. Addresses are numbers, never names: nft would
 * ask DNS for those.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/rules_impl.h"

#define N(array)  (sizeof(array) / sizeof((array)[0]))
#define NO_DEVICE "xn-none" /* of interfaces that are none of Dom0's; no device is called so */

json_t *xn_rule_refuse(struct xn_rule_walk *w, const char *fmt, ...)
{
	char what[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	xn_err_set(w->err, "%s: %s", w->where, what);
	return NULL;
}

/* An object with one key. Return: its value; NULL: it is none. */
static json_t *only(const json_t *json, const char **key)
{
	void *at;

	if (json_object_size(json) != 1)
		return NULL;
	at = json_object_iter((json_t *)json);
	*key = json_object_iter_key(at);
	return json_object_iter_value(at);
}

static bool listed(const char *const *list, const char *word)
{
	for (; *list; list++)
		if (!strcmp(*list, word))
			return true;
	return false;
}

/* Nothing but these keys, of which the first is there. */
static bool has_only(const json_t *json, const char *const *keys)
{
	const char *key;
	json_t *value;

	if (!json_is_object(json) || !json_object_get(json, *keys))
		return false;
	json_object_foreach((json_t *)json, key, value)
		if (!listed(keys, key))
			return false;
	return true;
}

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "";
}

/* --- types --- */

bool xn_rule_is_name(const char *name)
{
	size_t len = strlen(name);

	if (!len || len > 63 || !(isalpha((unsigned char)*name) || *name == '_'))
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/") ==
	       len;
}

static bool part_of(const char *name, enum xn_rule_class *class)
{
	static const struct {
		const char *name;
		enum xn_rule_class class;
	} types[] = {
		{ "ipv4_addr", XN_RULE_ADDRESS4 },  { "ipv6_addr", XN_RULE_ADDRESS6 },
		{ "inet_service", XN_RULE_NUMBER }, { "inet_proto", XN_RULE_VALUE },
		{ "ifname", XN_RULE_DEVICE },	    { "icmp_type", XN_RULE_VALUE },
		{ "icmpv6_type", XN_RULE_VALUE },   { "ct_state", XN_RULE_VALUE },
	};

	for (size_t i = 0; i < N(types); i++)
		if (!strcmp(types[i].name, name)) {
			*class = types[i].class;
			return true;
		}
	return false;
}

bool xn_rule_type_of(const json_t *name, struct xn_rule_type *type)
{
	const json_t *part;
	size_t i;

	type->n = 1;
	if (json_is_string(name))
		return part_of(json_string_value(name), &type->parts[0]);
	type->n = json_array_size(name);
	if (!type->n || type->n > XN_RULE_PARTS)
		return false;
	json_array_foreach(name, i, part)
		if (!json_is_string(part) || !part_of(json_string_value(part), &type->parts[i]))
			return false;
	return true;
}

/* --- constants --- */

static json_t *one_device(struct xn_rule_walk *w, const char *name)
{
	for (size_t i = 0; i < w->target->n_names; i++)
		if (!strcmp(w->target->names[i].guest, name))
			return json_string(w->target->names[i].device);
	return json_string(NO_DEVICE);
}

static json_t *address(struct xn_rule_walk *w, const char *text, int family)
{
	uint8_t bytes[16];

	if (inet_pton(family, text, bytes) == 1)
		return json_string(text);
	return xn_rule_refuse(w, "\"%.60s\" is no IPv%d address", text, family == AF_INET ? 4 : 6);
}

/* A symbol such as "established": no dot, so that it cannot be a host's name. */
static json_t *word(struct xn_rule_walk *w, const char *text)
{
	size_t len = strlen(text);

	if (len && len <= 32 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_") == len)
		return json_string(text);
	return xn_rule_refuse(w, "\"%.60s\" is no value that is carried to Dom0", text);
}

static json_t *constant(struct xn_rule_walk *w, const json_t *json, enum xn_rule_class class)
{
	const char *text = json_string_value(json);

	if (json_is_integer(json) && (class == XN_RULE_VALUE || class == XN_RULE_NUMBER) &&
	    json_integer_value(json) >= 0)
		return json_integer(json_integer_value(json));
	if (text && class == XN_RULE_DEVICE && !strpbrk(text, "*?[\\"))
		return one_device(w, text);
	if (text && (class == XN_RULE_ADDRESS4 || class == XN_RULE_ADDRESS6))
		return address(w, text, class == XN_RULE_ADDRESS4 ? AF_INET : AF_INET6);
	if (text && class == XN_RULE_VALUE)
		return word(w, text);
	return xn_rule_refuse(w, "a value is of the wrong type");
}

/* --- right-hand sides --- */

static json_t *value(struct xn_rule_walk *w, const json_t *json, const struct xn_rule_type *type);

static json_t *prefix(struct xn_rule_walk *w, const json_t *json, enum xn_rule_class class)
{
	static const char *const keys[] = { "addr", "len", NULL };
	const json_t *len = json_object_get(json, "len");
	json_t *addr;

	if (!has_only(json, keys) || !json_is_integer(len) || json_integer_value(len) < 0 ||
	    json_integer_value(len) > (class == XN_RULE_ADDRESS4 ? 32 : 128) ||
	    (class != XN_RULE_ADDRESS4 && class != XN_RULE_ADDRESS6))
		return xn_rule_refuse(w, "a prefix is malformed");
	addr = constant(w, json_object_get(json, "addr"), class);
	return addr ? json_pack("{s:{s:o, s:I}}", "prefix", "addr", addr, "len",
				json_integer_value(len))
		    : NULL;
}

static json_t *range(struct xn_rule_walk *w, const json_t *json, enum xn_rule_class class)
{
	json_t *low, *high;

	if (json_array_size(json) != 2 || class == XN_RULE_DEVICE)
		return xn_rule_refuse(w, "a range is malformed");
	low = constant(w, json_array_get(json, 0), class);
	high = low ? constant(w, json_array_get(json, 1), class) : NULL;
	if (high)
		return json_pack("{s:[o, o]}", "range", low, high);
	json_decref(low);
	return NULL;
}

static json_t *concat(struct xn_rule_walk *w, const json_t *json, const struct xn_rule_type *type)
{
	json_t *parts = json_array(), *part;
	size_t i;

	if (json_array_size(json) != type->n)
		xn_rule_refuse(w, "a concatenation has the wrong length");
	for (i = 0; i < type->n && json_array_size(json) == type->n; i++) {
		struct xn_rule_type one = { .parts = { type->parts[i] }, .n = 1 };

		part = value(w, json_array_get(json, i), &one);
		if (!part)
			break;
		json_array_append_new(parts, part);
	}
	if (json_array_size(parts) == type->n)
		return json_pack("{s:o}", "concat", parts);
	json_decref(parts);
	return NULL;
}

/* Flags, as in ["established", "related"], or {"|": [..]}. */
static json_t *constants(struct xn_rule_walk *w, const json_t *json, enum xn_rule_class class)
{
	json_t *list = json_array(), *one;
	const json_t *item;
	size_t i;

	json_array_foreach(json, i, item) {
		one = i < 64 ? constant(w, item, class) : xn_rule_refuse(w, "too many values");
		if (!one) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, one);
	}
	if (json_array_size(list))
		return list;
	json_decref(list);
	return xn_rule_refuse(w, "a list is empty");
}

static json_t *single(struct xn_rule_walk *w, const json_t *json, enum xn_rule_class class)
{
	const char *key = "";
	const json_t *inner = only(json, &key);
	json_t *list;

	if (!json_is_object(json))
		return constant(w, json, class);
	if (inner && !strcmp(key, "prefix"))
		return prefix(w, inner, class);
	if (inner && !strcmp(key, "range"))
		return range(w, inner, class);
	if (!inner || strcmp(key, "|") || !json_is_array(inner))
		return xn_rule_refuse(w, "%.40s is not carried to Dom0", *key ? key : "a value");
	list = constants(w, inner, class);
	return list ? json_pack("{s:o}", "|", list) : NULL;
}

/* One value: a constant, prefix, range or flags; of a concatenation as many as it has parts. */
static json_t *value(struct xn_rule_walk *w, const json_t *json, const struct xn_rule_type *type)
{
	const char *key = "";
	const json_t *inner = only(json, &key);

	if (type->n == 1)
		return single(w, json, type->parts[0]);
	if (inner && !strcmp(key, "concat"))
		return concat(w, inner, type);
	return xn_rule_refuse(w, "a concatenation is missing");
}

json_t *xn_rule_element(struct xn_rule_walk *w, const json_t *json, const struct xn_rule_type *type)
{
	static const char *const keys[] = { "val", "comment", NULL };
	const char *key = "";
	const json_t *inner = only(json, &key);

	w->n++;
	if (!inner || strcmp(key, "elem"))
		return value(w, json, type);
	if (!has_only(inner, keys))
		return xn_rule_refuse(w, "an element of a set has more than a value");
	return value(w, json_object_get(inner, "val"), type);
}

/* Names of interfaces may have a * at the end. */
static void add_devices(struct xn_rule_walk *w, const char *pattern, json_t *devices)
{
	for (size_t i = 0; i < w->target->n_names; i++) {
		const char *device = w->target->names[i].device;
		json_t *known;
		size_t j;
		bool twice = false;

		if (fnmatch(pattern, w->target->names[i].guest, 0))
			continue;
		json_array_foreach(devices, j, known)
			twice |= !strcmp(json_string_value(known), device);
		if (!twice)
			json_array_append_new(devices, json_string(device));
	}
}

static bool is_pattern(const char *text)
{
	return text && strlen(text) < 16 && !strpbrk(text, "?[\\") &&
	       (!strchr(text, '*') || strchr(text, '*') == text + strlen(text) - 1);
}

/* What a rule says of one or several interfaces becomes a set of macvlans. */
static json_t *devices(struct xn_rule_walk *w, const json_t *json)
{
	const json_t *set = json_object_get(json, "set"), *item;
	json_t *list = json_array();
	size_t i;

	if (is_pattern(json_string_value(json)))
		add_devices(w, json_string_value(json), list);
	else if (!json_is_array(set))
		xn_rule_refuse(w, "a name of an interface is malformed");
	json_array_foreach(set, i, item) {
		w->n++;
		if (is_pattern(json_string_value(item))) {
			add_devices(w, json_string_value(item), list);
			continue;
		}
		json_decref(list);
		return xn_rule_refuse(w, "a name of an interface is malformed");
	}
	if (!set && !is_pattern(json_string_value(json))) {
		json_decref(list);
		return NULL;
	}
	if (!json_array_size(list))
		json_array_append_new(list, json_string(NO_DEVICE));
	return json_pack("{s:o}", "set", list);
}

static json_t *anonymous_set(struct xn_rule_walk *w, const json_t *json,
			     const struct xn_rule_type *type)
{
	json_t *set = json_array(), *one;
	const json_t *item;
	size_t i;

	json_array_foreach(json, i, item) {
		one = xn_rule_element(w, item, type);
		if (!one) {
			json_decref(set);
			return NULL;
		}
		json_array_append_new(set, one);
	}
	if (json_array_size(set))
		return json_pack("{s:o}", "set", set);
	json_decref(set);
	return xn_rule_refuse(w, "a set is empty");
}

static json_t *named_set(struct xn_rule_walk *w, const char *name, const struct xn_rule_type *type)
{
	struct xn_rule_type other;
	const char *ours = w->set(w, name + 1, &other);
	char text[256];

	if (!ours)
		return NULL;
	if (other.n != type->n)
		return xn_rule_refuse(w, "set %.60s has another type", name + 1);
	for (size_t i = 0; i < type->n; i++)
		if ((other.parts[i] == XN_RULE_DEVICE) != (type->parts[i] == XN_RULE_DEVICE))
			return xn_rule_refuse(w, "set %.60s has another type", name + 1);
	snprintf(text, sizeof(text), "@%s", ours);
	return json_string(text);
}

static json_t *right(struct xn_rule_walk *w, const json_t *json, const struct xn_rule_type *type)
{
	const char *text = json_string_value(json), *key = "";
	const json_t *inner = only(json, &key);

	if (text && *text == '@')
		return named_set(w, text, type);
	if (type->n == 1 && type->parts[0] == XN_RULE_DEVICE)
		return devices(w, json);
	if (inner && !strcmp(key, "set"))
		return json_is_array(inner) ? anonymous_set(w, inner, type)
					    : xn_rule_refuse(w, "a set is malformed");
	if (json_is_array(json) && type->n == 1)
		return constants(w, json, type->parts[0]);
	return value(w, json, type);
}

/* --- left-hand sides --- */

/* Fields by protocol; what is left out is no part of a packet that is forwarded, or asks for more. */
static json_t *payload(struct xn_rule_walk *w, const json_t *json, struct xn_rule_type *type)
{
	static const struct {
		const char *protocol;
		const char *fields[12];
	} known[] = {
		{ "ip",
		  { "saddr", "daddr", "protocol", "ttl", "length", "id", "dscp", "ecn", "frag-off",
		    "version", "hdrlength" } },
		{ "ip6",
		  { "saddr", "daddr", "nexthdr", "hoplimit", "length", "dscp", "ecn", "flowlabel",
		    "version" } },
		{ "tcp", { "sport", "dport", "flags", "window", "sequence", "ackseq", "doff" } },
		{ "udp", { "sport", "dport", "length" } },
		{ "udplite", { "sport", "dport" } },
		{ "sctp", { "sport", "dport", "vtag" } },
		{ "dccp", { "sport", "dport", "type" } },
		{ "th", { "sport", "dport" } },
		{ "icmp", { "type", "code", "id", "sequence", "mtu", "gateway" } },
		{ "icmpv6", { "type", "code", "id", "sequence", "mtu" } },
		{ "esp", { "spi", "sequence" } },
		{ "ah", { "spi", "nexthdr", "sequence" } },
	};
	static const char *const keys[] = { "protocol", "field", NULL };
	const char *protocol = text_of(json, "protocol"), *field = text_of(json, "field");

	for (size_t i = 0; i < N(known) && has_only(json, keys); i++) {
		if (strcmp(known[i].protocol, protocol) || !listed(known[i].fields, field))
			continue;
		*type = (struct xn_rule_type){ .n = 1 };
		if (!strcmp(field, "saddr") || !strcmp(field, "daddr"))
			type->parts[0] = i ? XN_RULE_ADDRESS6 : XN_RULE_ADDRESS4;
		else if (!strcmp(field, "sport") || !strcmp(field, "dport"))
			type->parts[0] = XN_RULE_NUMBER;
		return json_pack("{s:{s:s, s:s}}", "payload", "protocol", protocol, "field", field);
	}
	return xn_rule_refuse(w, "%.20s %.20s is not carried to Dom0",
			      *protocol ? protocol : "a raw payload", field);
}

/* In a VRF the interface where a packet came in is what is called sdif. */
static json_t *meta(struct xn_rule_walk *w, const json_t *json, struct xn_rule_type *type)
{
	static const struct {
		const char *guest, *ours;
		enum xn_rule_class class;
	} known[] = {
		{ "l4proto", "l4proto", XN_RULE_VALUE },   { "nfproto", "nfproto", XN_RULE_VALUE },
		{ "protocol", "protocol", XN_RULE_VALUE }, { "length", "length", XN_RULE_NUMBER },
		{ "iifname", "sdifname", XN_RULE_DEVICE }, { "iif", "sdifname", XN_RULE_DEVICE },
		{ "oifname", "oifname", XN_RULE_DEVICE },  { "oif", "oifname", XN_RULE_DEVICE },
	};
	static const char *const keys[] = { "key", NULL };
	const char *key = text_of(json, "key");

	for (size_t i = 0; i < N(known) && has_only(json, keys); i++) {
		if (strcmp(known[i].guest, key))
			continue;
		*type = (struct xn_rule_type){ .parts = { known[i].class }, .n = 1 };
		return json_pack("{s:{s:s}}", "meta", "key", known[i].ours);
	}
	return xn_rule_refuse(w, "meta %.20s is not carried to Dom0", key);
}

static json_t *ct(struct xn_rule_walk *w, const json_t *json, struct xn_rule_type *type)
{
	static const char *const known[] = { "state", "status", "direction", NULL };
	static const char *const keys[] = { "key", NULL };
	const char *key = text_of(json, "key");

	if (!has_only(json, keys) || !listed(known, key))
		return xn_rule_refuse(w, "ct %.20s is not carried to Dom0", key);
	*type = (struct xn_rule_type){ .parts = { XN_RULE_VALUE }, .n = 1 };
	w->uses_ct = true;
	return json_pack("{s:{s:s}}", "ct", "key", key);
}

static json_t *field(struct xn_rule_walk *w, const json_t *json, struct xn_rule_type *type)
{
	static const struct {
		const char *key;
		json_t *(*translate)(struct xn_rule_walk *w, const json_t *json,
				     struct xn_rule_type *type);
	} known[] = { { "payload", payload }, { "meta", meta }, { "ct", ct } };
	const char *key = "";
	const json_t *inner = only(json, &key);

	for (size_t i = 0; i < N(known) && inner; i++)
		if (!strcmp(known[i].key, key))
			return known[i].translate(w, inner, type);
	return xn_rule_refuse(w, "%.40s is not carried to Dom0", *key ? key : "an expression");
}

/* {"&": [FIELD, NUMBER]}, also with words for flags: tcp flags & (syn|ack). */
static json_t *masked(struct xn_rule_walk *w, const json_t *json, struct xn_rule_type *type)
{
	json_t *left, *mask;

	if (json_array_size(json) != 2)
		return xn_rule_refuse(w, "a mask is malformed");
	left = field(w, json_array_get(json, 0), type);
	if (!left)
		return NULL;
	if (json_is_array(json_array_get(json, 1)))
		mask = constants(w, json_array_get(json, 1), type->parts[0]);
	else
		mask = single(w, json_array_get(json, 1), type->parts[0]);
	if (mask)
		return json_pack("{s:[o, o]}", "&", left, mask);
	json_decref(left);
	return NULL;
}

static json_t *fields(struct xn_rule_walk *w, const json_t *json, struct xn_rule_type *type)
{
	json_t *parts = json_array(), *part = NULL;
	struct xn_rule_type one;
	size_t n = json_array_size(json);

	type->n = 0;
	while (n <= XN_RULE_PARTS && type->n < n) {
		part = field(w, json_array_get(json, type->n), &one);
		if (!part)
			break;
		json_array_append_new(parts, part);
		type->parts[type->n++] = one.parts[0];
	}
	if (n && n <= XN_RULE_PARTS && part)
		return json_pack("{s:o}", "concat", parts);
	json_decref(parts);
	return n && n <= XN_RULE_PARTS ? NULL : xn_rule_refuse(w, "a concatenation is too long");
}

static json_t *left(struct xn_rule_walk *w, const json_t *json, struct xn_rule_type *type)
{
	const char *key = "";
	const json_t *inner = only(json, &key);

	if (inner && !strcmp(key, "concat"))
		return fields(w, inner, type);
	if (inner && !strcmp(key, "&"))
		return masked(w, inner, type);
	return field(w, json, type);
}

/* --- statements --- */

static json_t *match(struct xn_rule_walk *w, const json_t *json)
{
	static const char *const keys[] = { "op", "left", "right", NULL };
	static const char *const ops[] = { "==", "!=", "<", ">", "<=", ">=", "in", NULL };
	struct xn_rule_type type;
	const char *op = text_of(json, "op");
	json_t *l, *r;

	if (!has_only(json, keys) || !listed(ops, op))
		return xn_rule_refuse(w, "a comparison is malformed");
	l = left(w, json_object_get(json, "left"), &type);
	r = l ? right(w, json_object_get(json, "right"), &type) : NULL;
	if (r)
		return json_pack("{s:{s:s, s:o, s:o}}", "match", "op",
				 type.parts[0] == XN_RULE_DEVICE && !strcmp(op, "in") ? "==" : op,
				 "left", l, "right", r);
	json_decref(l);
	return NULL;
}

/* The numbers that a guest has counted are its own. */
static json_t *counter(struct xn_rule_walk *w, const json_t *json)
{
	if (json_is_string(json))
		return xn_rule_refuse(w, "a named counter is not carried to Dom0");
	return json_pack("{s:n}", "counter");
}

static json_t *limit(struct xn_rule_walk *w, const json_t *json)
{
	static const char *const keys[] = { "rate",	 "per",	       "burst", "inv",
					    "rate_unit", "burst_unit", NULL };
	static const char *const words[] = { "second",	"minute", "hour",   "day",    "week",
					     "packets", "bytes",  "kbytes", "mbytes", NULL };
	json_t *out = json_object(), *item;
	const char *key;

	if (!has_only(json, keys))
		goto malformed;
	json_object_foreach((json_t *)json, key, item) {
		if (json_is_integer(item) && json_integer_value(item) >= 0)
			json_object_set_new(out, key, json_integer(json_integer_value(item)));
		else if (json_is_boolean(item))
			json_object_set_new(out, key, json_boolean(json_is_true(item)));
		else if (json_is_string(item) && listed(words, json_string_value(item)))
			json_object_set_new(out, key, json_string(json_string_value(item)));
		else
			goto malformed;
	}
	return json_pack("{s:o}", "limit", out);
malformed:
	json_decref(out);
	return xn_rule_refuse(w, "a limit is malformed, or named: that is not carried to Dom0");
}

static json_t *reject(struct xn_rule_walk *w, const json_t *json)
{
	static const char *const types[] = { "tcp reset", "icmp", "icmpv6", "icmpx", NULL };
	static const char *const keys[] = { "type", "expr", NULL };
	const char *type = text_of(json, "type");
	json_t *expr;

	if (json_is_null(json))
		return json_pack("{s:n}", "reject");
	if (!has_only(json, keys) || !listed(types, type))
		return xn_rule_refuse(w, "a reject is malformed");
	if (!json_object_get(json, "expr"))
		return json_pack("{s:{s:s}}", "reject", "type", type);
	expr = constant(w, json_object_get(json, "expr"), XN_RULE_VALUE);
	return expr ? json_pack("{s:{s:s, s:o}}", "reject", "type", type, "expr", expr) : NULL;
}

/* accept, drop, continue, return; jump and goto within the table. NULL without @err: it is none of these. */
static json_t *verdict(struct xn_rule_walk *w, const json_t *json, bool *is_one)
{
	static const char *const plain[] = { "accept", "drop", "continue", "return", NULL };
	static const char *const keys[] = { "target", NULL };
	const char *key = "", *chain;
	const json_t *inner = only(json, &key);

	*is_one = true;
	if (inner && listed(plain, key))
		return json_pack("{s:n}", key);
	*is_one = inner && (!strcmp(key, "jump") || !strcmp(key, "goto"));
	if (!*is_one)
		return NULL;
	if (!has_only(inner, keys) || !json_is_string(json_object_get(inner, "target")))
		return xn_rule_refuse(w, "a %s is malformed", key);
	chain = w->chain(w, text_of(inner, "target"));
	return chain ? json_pack("{s:{s:s}}", key, "target", chain) : NULL;
}

static json_t *vmap_pair(struct xn_rule_walk *w, const json_t *pair,
			 const struct xn_rule_type *type)
{
	json_t *key, *to;
	bool is_one;

	if (json_array_size(pair) != 2)
		return xn_rule_refuse(w, "a verdict map is malformed");
	key = xn_rule_element(w, json_array_get(pair, 0), type);
	if (!key)
		return NULL;
	to = verdict(w, json_array_get(pair, 1), &is_one);
	if (to)
		return json_pack("[o, o]", key, to);
	json_decref(key);
	return is_one ? NULL : xn_rule_refuse(w, "a verdict map has what is no verdict");
}

static json_t *vmap(struct xn_rule_walk *w, const json_t *json)
{
	static const char *const keys[] = { "key", "data", NULL };
	const json_t *set = json_object_get(json_object_get(json, "data"), "set"), *item;
	json_t *pairs = json_array(), *pair, *key;
	struct xn_rule_type type;
	size_t i;

	if (!has_only(json, keys) || !json_array_size(set)) {
		json_decref(pairs);
		return xn_rule_refuse(w, "a verdict map is named or malformed");
	}
	key = left(w, json_object_get(json, "key"), &type);
	json_array_foreach(set, i, item) {
		pair = key ? vmap_pair(w, item, &type) : NULL;
		if (!pair) {
			json_decref(pairs);
			json_decref(key);
			return NULL;
		}
		json_array_append_new(pairs, pair);
	}
	return json_pack("{s:{s:o, s:{s:o}}}", "vmap", "key", key, "data", "set", pairs);
}

static json_t *statement(struct xn_rule_walk *w, const json_t *json)
{
	static const struct {
		const char *key;
		json_t *(*translate)(struct xn_rule_walk *w, const json_t *json);
	} known[] = {
		{ "match", match }, { "counter", counter }, { "limit", limit },
		{ "vmap", vmap },   { "reject", reject },
	};
	const char *key = "";
	const json_t *inner = only(json, &key);
	bool is_one;
	json_t *out = verdict(w, json, &is_one);

	if (is_one)
		return out;
	for (size_t i = 0; i < N(known) && inner; i++)
		if (!strcmp(known[i].key, key))
			return known[i].translate(w, inner);
	return xn_rule_refuse(w, "%.40s is not carried to Dom0", *key ? key : "a statement");
}

json_t *xn_rule_translate(struct xn_rule_walk *w, const json_t *expr)
{
	json_t *out = json_array(), *one;
	const json_t *item;
	size_t i;

	if (!json_is_array(expr) || !json_array_size(expr)) {
		json_decref(out);
		return xn_rule_refuse(w, "a rule without statements");
	}
	json_array_foreach(expr, i, item) {
		one = statement(w, item);
		if (!one) {
			json_decref(out);
			return NULL;
		}
		json_array_append_new(out, one);
	}
	return out;
}

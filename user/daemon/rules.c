// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The whole: which chains see forwarded packets, what these jump to and which sets they ask, and the table
 * that is made of it. Dom0's names are FAMILY-TABLE-NAME, so that two tables of a router do not meet.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/rules_impl.h"

#define N(array)   (sizeof(array) / sizeof((array)[0]))
#define CHAINS_MAX 1024
#define OURS_MAX   160 /* of chains and sets in Dom0 */

/* A chain or a set of the router that is carried. */
struct item {
	const json_t *json;
	const char *family, *table, *name;
	char ours[OURS_MAX];
	struct xn_rule_type type; /* of a set */
};

struct translation {
	struct xn_rule_walk walk;
	json_t *objects; /* what the router says, a list */
	const struct xn_rules_target *target;
	struct xn_err *err;
	struct item chains[CHAINS_MAX];
	size_t n_chains;
	struct item sets[CHAINS_MAX];
	size_t n_sets;
	const struct item *chain; /* whose rules are translated */
	size_t n_rules, n_bases;
	json_t *making, *rules; /* commands: chains and sets, then rules */
};

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text ? text : "";
}

static json_t *command(const char *kind, json_t *object)
{
	return json_pack("{s:{s:o}}", "add", kind, object);
}

static void add_rule(struct translation *t, const char *chain, json_t *statements)
{
	json_array_append_new(
		t->rules,
		command("rule", json_pack("{s:s, s:s, s:s, s:o}", "family", "inet", "table",
					  t->target->table, "chain", chain, "expr", statements)));
}

/* --- finding what a name means --- */

static bool is_same(const json_t *json, const char *family, const char *table, const char *name)
{
	return !strcmp(text_of(json, "family"), family) && !strcmp(text_of(json, "table"), table) &&
	       !strcmp(text_of(json, "name"), name);
}

static const json_t *find(const struct translation *t, const char *kind, const char *family,
			  const char *table, const char *name)
{
	const json_t *object;
	size_t i;

	json_array_foreach(t->objects, i, object) {
		const json_t *json = json_object_get(object, kind);

		if (json && is_same(json, family, table, name))
			return json;
	}
	return NULL;
}

static struct item *known(struct item *items, size_t n, const char *family, const char *table,
			  const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(items[i].family, family) && !strcmp(items[i].table, table) &&
		    !strcmp(items[i].name, name))
			return &items[i];
	return NULL;
}

static struct item *add_item(struct translation *t, struct item *items, size_t *n,
			     const json_t *json)
{
	struct item *item = &items[*n];

	if (*n == CHAINS_MAX) {
		xn_rule_refuse(&t->walk, "more than %d chains or sets", CHAINS_MAX);
		return NULL;
	}
	*item = (struct item){
		.json = json,
		.family = text_of(json, "family"),
		.table = text_of(json, "table"),
		.name = text_of(json, "name"),
	};
	if (!xn_rule_is_name(item->table) || !xn_rule_is_name(item->name)) {
		xn_rule_refuse(&t->walk, "\"%.40s\" %.40s: a name that is not carried to Dom0",
			       item->table, item->name);
		return NULL;
	}
	snprintf(item->ours, sizeof(item->ours), "%s-%s-%s", item->family, item->table, item->name);
	++*n;
	return item;
}

/* A jump: the chain is carried from now on. Base chains are no target, here as in the kernel. */
static const char *use_chain(struct xn_rule_walk *w, const char *name)
{
	struct translation *t = w->arg;
	const struct item *from = t->chain;
	struct item *item = known(t->chains, t->n_chains, from->family, from->table, name);
	const json_t *json;

	if (item && json_object_get(item->json, "hook"))
		item = NULL;
	if (item)
		return item->ours;
	json = find(t, "chain", from->family, from->table, name);
	if (!json || json_object_get(json, "hook")) {
		xn_rule_refuse(w, "jumps to %.60s, which is no chain of its table", name);
		return NULL;
	}
	item = add_item(t, t->chains, &t->n_chains, json);
	return item ? item->ours : NULL;
}

static const char *use_set(struct xn_rule_walk *w, const char *name, struct xn_rule_type *type)
{
	struct translation *t = w->arg;
	const struct item *from = t->chain;
	struct item *item = known(t->sets, t->n_sets, from->family, from->table, name);
	const json_t *json;

	if (!item) {
		json = find(t, "set", from->family, from->table, name);
		if (!json) {
			xn_rule_refuse(w, "asks %.60s, which is no set of its table", name);
			return NULL;
		}
		item = add_item(t, t->sets, &t->n_sets, json);
		if (!item)
			return NULL;
		if (!xn_rule_type_of(json_object_get(json, "type"), &item->type)) {
			xn_rule_refuse(w, "set %.60s: its type is not carried to Dom0", name);
			return NULL;
		}
	}
	*type = item->type;
	return item->ours;
}

/* --- chains --- */

static json_t *interface_rule(const char *key, const char *op, const char *device)
{
	return json_pack("{s:{s:s, s:{s:{s:s}}, s:s}}", "match", "op", op, "left", "meta", "key",
			 key, "right", device);
}

static json_t *gateway_rule(const char *family, const char *gateway)
{
	return json_pack("{s:{s:s, s:{s:{s:s, s:s}}, s:s}}", "match", "op", "==", "left", "rt",
			 "key", "nexthop", "family", family, "right", gateway);
}

/* [FAMILY,] VERDICT; in an inet table rules of ip and ip6 ask for the family first. */
static json_t *for_family(const char *family, json_t *verdict)
{
	const char *number = !strcmp(family, "ip") ? "ipv4" : "ipv6";

	if (!strcmp(family, "inet"))
		return json_pack("[o]", verdict);
	return json_pack("[{s:{s:s, s:{s:{s:s}}, s:s}}, o]", "match", "op", "==", "left", "meta",
			 "key", "nfproto", "right", number, verdict);
}

/*
 * Only the VRF's packets, and not those that the router will judge itself; then the router's chain, and
 * what is left is for its policy. Its chain is one to return from, therefore it is jumped to.
 */
static void make_base(struct translation *t, const struct item *item)
{
	char name[32];
	bool drop = !strcmp(text_of(item->json, "policy"), "drop");

	snprintf(name, sizeof(name), "forward-%zu", t->n_bases++);
	json_array_append_new(
		t->making,
		command("chain", json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s}", "family", "inet",
					   "table", t->target->table, "name", name, "type",
					   "filter", "hook", "forward", "prio",
					   json_integer_value(json_object_get(item->json, "prio")),
					   "policy", "accept")));
	add_rule(
		t, name,
		json_pack("[o, {s:n}]", interface_rule("iifname", "!=", t->target->vrf), "accept"));
	add_rule(t, name,
		 json_pack("[o, {s:n}]", gateway_rule("ip", t->target->gateway4), "accept"));
	add_rule(t, name,
		 json_pack("[o, {s:n}]", gateway_rule("ip6", t->target->gateway6), "accept"));
	add_rule(t, name,
		 for_family(item->family, json_pack("{s:{s:s}}", "jump", "target", item->ours)));
	if (drop)
		add_rule(t, name, for_family(item->family, json_pack("{s:n}", "drop")));
}

static void make_chain(struct translation *t, const struct item *item)
{
	json_array_append_new(
		t->making, command("chain", json_pack("{s:s, s:s, s:s}", "family", "inet", "table",
						      t->target->table, "name", item->ours)));
	if (json_object_get(item->json, "hook"))
		make_base(t, item);
}

static bool count(struct translation *t)
{
	if (t->n_rules + t->walk.n <= XN_RULES_MAX)
		return true;
	xn_rule_refuse(&t->walk, "more than %d rules and elements of sets", XN_RULES_MAX);
	return false;
}

static bool translate_rule(struct translation *t, const json_t *rule)
{
	char where[256];
	json_t *statements;

	snprintf(where, sizeof(where), "%.6s %.63s %.63s handle %lld", t->chain->family,
		 t->chain->table, t->chain->name,
		 (long long)json_integer_value(json_object_get(rule, "handle")));
	t->walk.where = where;
	t->n_rules++;
	statements = xn_rule_translate(&t->walk, json_object_get(rule, "expr"));
	if (statements)
		add_rule(t, t->chain->ours, statements);
	statements = count(t) ? statements : NULL;
	t->walk.where = "the ruleset";
	return statements;
}

static bool translate_chain(struct translation *t, const struct item *item)
{
	const json_t *object, *rule;
	size_t i;

	t->chain = item;
	make_chain(t, item);
	json_array_foreach(t->objects, i, object) {
		rule = json_object_get(object, "rule");
		if (!rule || strcmp(text_of(rule, "family"), item->family) ||
		    strcmp(text_of(rule, "table"), item->table) ||
		    strcmp(text_of(rule, "chain"), item->name))
			continue;
		if (!translate_rule(t, rule))
			return false;
	}
	return true;
}

/* --- sets --- */

static const char *const set_keys[] = { "family", "name", "table",  "type",    "handle",    "flags",
					"elem",	  "size", "policy", "comment", "auto-merge" };

static bool check_set(struct translation *t, const struct item *item, bool *interval)
{
	const json_t *flags = json_object_get(item->json, "flags"), *flag;
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach((json_t *)item->json, key, value) {
		bool known_key = false;

		for (i = 0; i < N(set_keys); i++)
			known_key |= !strcmp(set_keys[i], key);
		if (!known_key)
			return xn_rule_refuse(&t->walk, "set %.60s: %.20s is not carried to Dom0",
					      item->name, key);
	}
	*interval = false;
	json_array_foreach(flags, i, flag) {
		const char *text = json_string_value(flag);

		if (!text || (strcmp(text, "interval") && strcmp(text, "constant")))
			return xn_rule_refuse(&t->walk,
					      "set %.60s: flag %.20s is not carried to Dom0",
					      item->name, text ? text : "?");
		*interval |= !strcmp(text, "interval");
	}
	return true;
}

static json_t *elements(struct translation *t, const struct item *item)
{
	const json_t *elem = json_object_get(item->json, "elem"), *value;
	json_t *out = json_array(), *one;
	size_t i;

	json_array_foreach(elem, i, value) {
		one = xn_rule_element(&t->walk, value, &item->type);
		if (!one || !count(t)) {
			json_decref(one);
			json_decref(out);
			return NULL;
		}
		json_array_append_new(out, one);
	}
	return out;
}

static bool translate_set(struct translation *t, const struct item *item)
{
	json_t *set, *elem;
	bool interval = false;

	if (!check_set(t, item, &interval))
		return false;
	elem = elements(t, item);
	if (!elem)
		return false;
	set = json_pack("{s:s, s:s, s:s, s:O}", "family", "inet", "table", t->target->table, "name",
			item->ours, "type", json_object_get(item->json, "type"));
	if (interval)
		json_object_set_new(set, "flags", json_pack("[s]", "interval"));
	if (json_is_true(json_object_get(item->json, "auto-merge")))
		json_object_set_new(set, "auto-merge", json_true());
	if (json_array_size(elem))
		json_object_set(set, "elem", elem);
	json_decref(elem);
	json_array_append_new(t->making, command("set", set));
	return true;
}

/* --- which chains --- */

static bool is_ip(const char *family)
{
	return !strcmp(family, "ip") || !strcmp(family, "ip6") || !strcmp(family, "inet");
}

static bool has_rules(const struct translation *t, const json_t *chain)
{
	const json_t *object;
	size_t i;

	json_array_foreach(t->objects, i, object) {
		const json_t *rule = json_object_get(object, "rule");

		if (rule && !strcmp(text_of(rule, "family"), text_of(chain, "family")) &&
		    !strcmp(text_of(rule, "table"), text_of(chain, "table")) &&
		    !strcmp(text_of(rule, "chain"), text_of(chain, "name")))
			return true;
	}
	return !strcmp(text_of(chain, "policy"), "drop");
}

/*
 * A chain at a hook. Those of the router's own packets, and of what it bridges, are not Dom0's business;
 * empty ones do nothing anywhere.
 */
static bool take_chain(struct translation *t, const json_t *chain)
{
	const char *hook = text_of(chain, "hook"), *family = text_of(chain, "family");
	const json_t *prio = json_object_get(chain, "prio");

	if (!*hook || !strcmp(hook, "input") || !strcmp(hook, "output") ||
	    !strcmp(family, "bridge") || !strcmp(family, "arp") || !has_rules(t, chain))
		return true;
	if (strcmp(hook, "forward") || strcmp(text_of(chain, "type"), "filter") || !is_ip(family))
		return xn_rule_refuse(&t->walk,
				      "chain %.60s: type %.20s hook %.20s of family %.10s is not "
				      "carried to Dom0, and sees forwarded packets",
				      text_of(chain, "name"), text_of(chain, "type"), hook, family);
	if (!json_is_integer(prio) || json_integer_value(prio) < -10000 ||
	    json_integer_value(prio) > 10000)
		return xn_rule_refuse(&t->walk, "chain %.60s: its priority is not -10000 to 10000",
				      text_of(chain, "name"));
	return add_item(t, t->chains, &t->n_chains, chain);
}

static bool is_dormant(const struct translation *t, const json_t *chain)
{
	const json_t *object, *flags;
	size_t i;

	json_array_foreach(t->objects, i, object) {
		const json_t *table = json_object_get(object, "table");

		if (!table || strcmp(text_of(table, "family"), text_of(chain, "family")) ||
		    strcmp(text_of(table, "name"), text_of(chain, "table")))
			continue;
		flags = json_object_get(table, "flags");
		return !strcmp(text_of(table, "flags"), "dormant") ||
		       !strcmp(json_string_value(json_array_get(flags, 0)) ?: "", "dormant");
	}
	return false;
}

/* All chains are held against all rules: both have to be few enough for that. */
static bool take_chains(struct translation *t)
{
	const json_t *object;
	size_t i, n = 0;

	json_array_foreach(t->objects, i, object)
		n += json_object_get(object, "chain") != NULL;
	if (n > CHAINS_MAX || i > XN_RULES_MAX + CHAINS_MAX)
		return xn_rule_refuse(&t->walk, "more than %d chains or %d rules", CHAINS_MAX,
				      XN_RULES_MAX);
	json_array_foreach(t->objects, i, object) {
		const json_t *chain = json_object_get(object, "chain");

		if (chain && !is_dormant(t, chain) && !take_chain(t, chain))
			return false;
	}
	return true;
}

/* --- the result --- */

/* Before connections are looked up: other networks may use the same addresses. */
static void make_zone(struct translation *t)
{
	json_t *devices = json_array();

	for (size_t i = 0; i < t->target->n_names; i++)
		json_array_append_new(devices, json_string(t->target->names[i].device));
	if (!json_array_size(devices)) {
		json_decref(devices);
		return;
	}
	json_array_append_new(
		t->making,
		command("chain",
			json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:s}", "family", "inet", "table",
				  t->target->table, "name", "zone", "type", "filter", "hook",
				  "prerouting", "prio", -300, "policy", "accept")));
	add_rule(t, "zone",
		 json_pack("[{s:{s:s, s:{s:{s:s}}, s:{s:o}}}, {s:{s:{s:{s:s}}, s:i}}]", "match",
			   "op", "==", "left", "meta", "key", "iifname", "right", "set", devices,
			   "mangle", "key", "ct", "key", "zone", "value", (int)t->target->zone));
}

static json_t *table_command(const char *verb, const char *table)
{
	return json_pack("{s:{s:{s:s, s:s}}}", verb, "table", "family", "inet", "name", table);
}

json_t *xn_rules_remove(const char *table)
{
	return json_pack("{s:[o, o]}", "nftables", table_command("add", table),
			 table_command("delete", table));
}

static json_t *result(struct translation *t)
{
	json_t *commands = xn_rules_remove(t->target->table);
	json_t *list = json_object_get(commands, "nftables");

	if (!t->n_chains)
		return commands;
	if (t->walk.uses_ct)
		make_zone(t);
	json_array_append_new(list, table_command("add", t->target->table));
	json_array_extend(list, t->making);
	json_array_extend(list, t->rules);
	return commands;
}

static json_t *translate(struct translation *t)
{
	if (!take_chains(t))
		return NULL;
	for (size_t i = 0; i < t->n_chains; i++) /* there may be more after each */
		if (!translate_chain(t, &t->chains[i]))
			return NULL;
	for (size_t i = 0; i < t->n_sets; i++)
		if (!translate_set(t, &t->sets[i]))
			return NULL;
	return result(t);
}

static json_t *parse(const char *text, size_t length, json_t **objects, struct xn_err *err)
{
	json_error_t error;
	json_t *json;

	*objects = NULL;
	if (length > XN_RULES_TEXT_MAX) {
		xn_err_set(err, "the ruleset: longer than %d bytes", XN_RULES_TEXT_MAX);
		return NULL;
	}
	json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
	if (!json) {
		xn_err_set(err, "the ruleset:%d: %s", error.line, error.text);
		return NULL;
	}
	*objects = json_object_get(json, "nftables");
	if (json_is_array(*objects))
		return json;
	xn_err_set(err,
		   "the ruleset: has no list \"nftables\": give what nft -j list ruleset says");
	json_decref(json);
	return NULL;
}

json_t *xn_rules_translate(const char *text, size_t length, const struct xn_rules_target *target,
			   size_t *n_rules, struct xn_err *err)
{
	struct translation *t = calloc(1, sizeof(*t));
	json_t *json = NULL, *commands = NULL;

	if (!t) {
		xn_err_set(err, "the ruleset: no memory");
		return NULL;
	}
	json = parse(text, length, &t->objects, err);
	t->target = target;
	t->err = err;
	t->making = json_array();
	t->rules = json_array();
	t->walk = (struct xn_rule_walk){
		.target = target,
		.err = err,
		.where = "the ruleset",
		.chain = use_chain,
		.set = use_set,
		.arg = t,
	};
	if (json)
		commands = translate(t);
	*n_rules = t->n_rules + t->walk.n;
	json_decref(t->making);
	json_decref(t->rules);
	json_decref(json);
	free(t);
	return commands;
}

// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/planefile.h"

/* What is being read, and where. */
struct load {
	struct xn_guest_interface interfaces[XN_GUEST_INTERFACES_MAX];
	size_t n_interfaces;
	struct xn_guest_route *routes;
	size_t n_routes;
	const char *list; /* "interfaces" or "routes" */
	size_t at;
	struct xn_err *err;
};

static int fail(struct load *l, const char *key, const char *what)
{
	xn_err_set(l->err, "%s[%zu].%s: %s", l->list, l->at, key, what);
	return -EINVAL;
}

static int check_keys(struct load *l, const json_t *json, const char *known)
{
	const char *key;
	json_t *value;
	char text[64];

	if (!json_is_object(json))
		return fail(l, "", "is no object");
	json_object_foreach((json_t *)json, key, value) {
		snprintf(text, sizeof(text), " %.40s ", key);
		if (!strstr(known, text))
			return fail(l, key, "unknown key");
	}
	return 0;
}

/* "192.0.2.1", or with @length "192.0.2.0/24" */
static int read_address(const char *text, struct xn_address *address, uint8_t *length)
{
	char copy[64], *slash;
	unsigned int bits, max;

	snprintf(copy, sizeof(copy), "%s", text);
	slash = strchr(copy, '/');
	if (slash)
		*slash++ = '\0';
	memset(address, 0, sizeof(*address));
	address->family = strchr(copy, ':') ? AF_INET6 : AF_INET;
	max = address->family == AF_INET ? 32 : 128;
	if (inet_pton(address->family, copy, address->bytes) != 1 || (slash && !length))
		return -EINVAL;
	if (!length)
		return 0;
	bits = slash ? strtoul(slash, NULL, 10) : max;
	if (bits > max || (slash && (!*slash || slash[strspn(slash, "0123456789")])))
		return -EINVAL;
	*length = bits;
	return 0;
}

/* --- interfaces --- */

static int read_mac(const char *text, uint8_t mac[6])
{
	unsigned int byte[6];
	int end = 0;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &byte[0], &byte[1], &byte[2], &byte[3],
		   &byte[4], &byte[5], &end) != 6 ||
	    text[end])
		return -EINVAL;
	for (size_t i = 0; i < 6; i++)
		mac[i] = byte[i];
	return 0;
}

static int read_addresses(struct load *l, const json_t *list, struct xn_guest_interface *out)
{
	const json_t *item;
	size_t i;

	if (list && !json_is_array(list))
		return fail(l, "addresses", "is no list");
	json_array_foreach(list, i, item) {
		if (i == XN_GUEST_ADDRESSES_MAX)
			return fail(l, "addresses", "too many");
		if (read_address(json_string_value(item) ?: "", &out->addresses[i], NULL))
			return fail(l, "addresses", "write addresses as \"192.0.2.1\"");
		out->n_addresses++;
	}
	return 0;
}

static int read_interface(struct load *l, const json_t *json)
{
	struct xn_guest_interface *out = &l->interfaces[l->at];
	const char *name = json_string_value(json_object_get(json, "name")) ?: "";
	const char *mac = json_string_value(json_object_get(json, "mac")) ?: "";
	int rc = check_keys(l, json, " name mac addresses ");

	if (rc)
		return rc;
	if (!*name || strlen(name) >= sizeof(out->name))
		return fail(l, "name", "give the router's name for it, as eth0");
	if (read_mac(mac, out->mac))
		return fail(l, "mac", "give the router's MAC there, as 00:16:3e:00:00:01");
	strcpy(out->name, name);
	out->index = l->at + 1;
	out->up = 1;
	l->n_interfaces++;
	return read_addresses(l, json_object_get(json, "addresses"), out);
}

/* --- routes --- */

static uint32_t index_of(const struct load *l, const char *name)
{
	for (size_t i = 0; i < l->n_interfaces; i++)
		if (!strcmp(l->interfaces[i].name, name))
			return l->interfaces[i].index;
	return 0;
}

static int read_hop(struct load *l, const json_t *json, struct xn_guest_route *out)
{
	struct xn_guest_hop *hop = &out->hops[out->n_hops];
	const json_t *weight = json_object_get(json, "weight"), *via = json_object_get(json, "via");
	const char *dev = json_string_value(json_object_get(json, "dev")) ?: "";

	if (out->n_hops == XN_ROUTE_HOPS_MAX)
		return fail(l, "hops", "too many");
	hop->interface = index_of(l, dev);
	if (!hop->interface)
		return fail(l, "dev", "is none of the interfaces");
	hop->weight = weight ? json_integer_value(weight) : 1;
	if (via && (read_address(json_string_value(via) ?: "", &hop->gateway, NULL)))
		return fail(l, "via", "write an address as \"192.0.2.1\"");
	out->n_hops++;
	return 0;
}

static int read_hops(struct load *l, const json_t *json, struct xn_guest_route *out)
{
	const json_t *hops = json_object_get(json, "hops"), *hop;
	size_t i;
	int rc = 0;

	if (!hops)
		return read_hop(l, json, out);
	json_array_foreach(hops, i, hop)
		if (!rc)
			rc = check_keys(l, hop, " via dev weight ") ?: read_hop(l, hop, out);
	return rc;
}

static int read_type(struct load *l, const json_t *json, struct xn_guest_route *out)
{
	static const struct {
		const char *name;
		uint8_t type;
	} types[] = { { "unicast", RTN_UNICAST },
		      { "blackhole", RTN_BLACKHOLE },
		      { "unreachable", RTN_UNREACHABLE },
		      { "prohibit", RTN_PROHIBIT } };
	const char *name = json_string_value(json_object_get(json, "type")) ?: "unicast";

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].name, name))
			continue;
		out->type = types[i].type;
		return 0;
	}
	return fail(l, "type", "write unicast, blackhole, unreachable or prohibit");
}

static int read_route(struct load *l, const json_t *json)
{
	struct xn_guest_route *out = &l->routes[l->at];
	const char *to = json_string_value(json_object_get(json, "to")) ?: "";
	const json_t *metric = json_object_get(json, "metric");
	int rc = check_keys(l, json, " to via dev weight metric type hops ");

	if (!rc)
		rc = read_type(l, json, out);
	if (rc)
		return rc;
	if (read_address(to, &out->destination, &out->length))
		return fail(l, "to", "write a destination as \"198.51.100.0/24\"");
	if (metric && (!json_is_integer(metric) || json_integer_value(metric) < 0 ||
		       json_integer_value(metric) > UINT32_MAX))
		return fail(l, "metric", "is no number");
	out->metric = metric				    ? json_integer_value(metric)
		      : out->destination.family == AF_INET6 ? 1024
							    : 0;
	l->n_routes++;
	return out->type == RTN_UNICAST ? read_hops(l, json, out) : 0;
}

/* --- all of it --- */

static int read_list(struct load *l, const json_t *json, const char *list, size_t most,
		     int (*read)(struct load *l, const json_t *json))
{
	const json_t *items = json_object_get(json, list), *item;
	int rc = 0;

	l->list = list;
	if (items && (!json_is_array(items) || json_array_size(items) > most)) {
		xn_err_set(l->err, "%s: is no list, or longer than %zu", list, most);
		return -EINVAL;
	}
	json_array_foreach(items, l->at, item) {
		rc = read(l, item);
		if (rc)
			break;
	}
	return rc;
}

static int read_all(struct load *l, const json_t *json)
{
	int rc = read_list(l, json, "interfaces", XN_GUEST_INTERFACES_MAX, read_interface);

	if (rc)
		return rc;
	l->routes =
		calloc(json_array_size(json_object_get(json, "routes")) + 1, sizeof(*l->routes));
	if (!l->routes)
		return -ENOMEM;
	return read_list(l, json, "routes", 1 << 16, read_route);
}

static int load_rules(struct xn_plane *plane, const json_t *json, struct xn_err *err)
{
	const json_t *rules = json_object_get(json, "nftables");
	char *text;
	int rc;
	json_t *whole = rules ? json_pack("{s:O}", "nftables", rules)
			      : json_pack("{s:[]}", "nftables");

	text = json_dumps(whole, JSON_COMPACT);
	json_decref(whole);
	rc = text ? xn_plane_rules(plane, text, strlen(text), err) : -ENOMEM;
	free(text);
	return rc;
}

static int put(struct xn_plane *plane, const struct load *l, const json_t *json, struct xn_err *err)
{
	int rc;

	xn_plane_sync_begin(plane);
	rc = xn_plane_interfaces(plane, l->interfaces, l->n_interfaces, err);
	for (size_t i = 0; i < l->n_routes && !rc; i++)
		rc = xn_plane_route(plane, true, &l->routes[i], err);
	if (!rc)
		rc = load_rules(plane, json, err);
	xn_plane_sync_end(plane);
	return rc;
}

int xn_plane_load(struct xn_plane *plane, const char *text, struct xn_err *err)
{
	json_error_t error;
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	struct load *l = calloc(1, sizeof(*l));
	int rc = l ? -EINVAL : -ENOMEM;

	if (!json || !json_is_object(json)) {
		xn_err_set(err, "line %d: %s", json ? 1 : error.line,
			   json ? "is no object" : error.text);
	} else if (l) {
		l->err = err;
		rc = read_all(l, json);
		if (!rc)
			rc = put(plane, l, json, err);
		free(l->routes);
	}
	free(l);
	json_decref(json);
	return rc;
}

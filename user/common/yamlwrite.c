// SPDX-License-Identifier: GPL-2.0-or-later
/* Definitions -> YAML as a person would write it, defaults left out. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/machine.h"
#include "common/yamlwrite.h"
#include "core/units.h"

/* Words that some YAML reader takes for something else than text. */
static bool is_word(const char *text)
{
	static const char *const words[] = { "null", "true", "false", "yes", "no",
					     "on",   "off",  "y",     "n" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcasecmp(text, words[i]))
			return true;
	return false;
}

static bool is_plain(const char *text)
{
	if (!isalpha((unsigned char)*text) || is_word(text))
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("._-", *text))
			return false;
	return true;
}

char *xn_yaml_scalar(const char *text, char *buf, size_t size)
{
	size_t len = 0;

	if (is_plain(text)) {
		snprintf(buf, size, "%s", text);
		return buf;
	}
	buf[len++] = '"';
	for (; *text && len < size - 3; text++) {
		if (strchr("\"\\", *text))
			buf[len++] = '\\';
		buf[len++] = *text;
	}
	buf[len++] = '"';
	buf[len] = '\0';
	return buf;
}

/* Longest name or device as a scalar, every byte escaped. */
#define SCALAR_MAX 516

static void put_key(FILE *out, const char *key, const char *text)
{
	char scalar[SCALAR_MAX];

	fprintf(out, "%s: %s\n", key, xn_yaml_scalar(text, scalar, sizeof(scalar)));
}

/* On one line as long as that fits on a screen. */
static void put_ports(FILE *out, const struct xn_definition *def)
{
	char scalar[SCALAR_MAX];
	size_t width = 0;

	for (size_t i = 0; i < def->n_ports; i++)
		width += strlen(def->ports[i]) + 2;
	fprintf(out, width > 80 ? "ports:\n" : "ports: [");
	for (size_t i = 0; i < def->n_ports; i++) {
		xn_yaml_scalar(def->ports[i], scalar, sizeof(scalar));
		if (width > 80)
			fprintf(out, "  - %s\n", scalar);
		else
			fprintf(out, "%s%s", i ? ", " : "", scalar);
	}
	fprintf(out, width > 80 ? "" : "]\n");
}

/* One SLA of a definition, every line behind @indent. */
struct sla_out {
	FILE *out;
	enum xn_resource_kind resource;
	const char *indent;
};

static void put_amount(const struct sla_out *to, const char *key, double amount, double fallback)
{
	char text[XN_UNIT_TEXT];

	if (amount != fallback)
		fprintf(to->out, "%s%s: %s\n", to->indent, key,
			xn_quantities[to->resource].format_exact(amount, text, sizeof(text)));
}

static void put_sla(const struct sla_out *to, const struct xn_sla *sla)
{
	put_amount(to, "rc", sla->rc, 0);
	put_amount(to, "re", sla->re, 0);
	put_amount(to, "rl", sla->rl, xn_sla_guarantee(sla));
	put_amount(to, "rmax", sla->rmax, sla->rl);
	if (sla->restricted)
		fprintf(to->out, "%srestricted: true\n", to->indent);
}

static void put_limit(FILE *out, const char *indent, const char *key, double rate, double burst)
{
	char text[XN_UNIT_TEXT];

	fprintf(out, "%s%s:\n%s  rate: %s\n", indent, key, indent,
		xn_format_rate_exact(rate, text, sizeof(text)));
	if (burst > 0)
		fprintf(out, "%s  burst: %s\n", indent,
			xn_format_bytes_exact(burst, text, sizeof(text)));
}

static void put_limits(FILE *out, const char *indent, const struct xn_limits *limits)
{
	char text[XN_UNIT_TEXT];

	if (limits->shaper.rate > 0) {
		put_limit(out, indent, "shaper", limits->shaper.rate, limits->shaper.burst);
		if (limits->shaper.delay != XN_QOS_DELAY)
			fprintf(out, "%s  delay: %s\n", indent,
				xn_format_time(limits->shaper.delay, text, sizeof(text)));
	}
	if (limits->limiter.rate > 0)
		put_limit(out, indent, "limiter", limits->limiter.rate, limits->limiter.burst);
}

/* A list's entry; @indent: of its keys. */
static void put_entry(FILE *out, const char *indent, const struct xn_bandwidth *entry)
{
	const struct sla_out to = { out, XN_BANDWIDTH, indent };
	char scalar[SCALAR_MAX];

	fprintf(out, "%s- link: %s\n", indent + 2,
		xn_yaml_scalar(entry->link, scalar, sizeof(scalar)));
	put_sla(&to, &entry->sla);
}

static void put_bandwidth(FILE *out, const struct xn_bandwidth *entry)
{
	put_entry(out, "    ", entry);
	if (entry->priority >= 0)
		fprintf(out, "    priority: %d\n", entry->priority);
	put_limits(out, "    ", &entry->limits);
}

/* A resource of which nothing was sold must not look like a key without value. */
static void put_sold(FILE *out, const char *indent, enum xn_resource_kind resource,
		     const struct xn_sold *sold)
{
	const struct sla_out to = { out, resource, indent };
	bool something = sold->sla.rmax > 0 || sold->sla.restricted;

	if (!sold->given)
		return;
	fprintf(out, "%s%s:%s\n", indent + 2, xn_quantities[resource].name, something ? "" : " {}");
	put_sla(&to, &sold->sla);
}

static void put_day(FILE *out, const char *key, int32_t day)
{
	char text[16];

	if (day != XN_DAY_NEVER)
		fprintf(out, "    %s: %s\n", key, xn_format_day(day, text, sizeof(text)));
}

static void put_period(FILE *out, const struct xn_period *period, const struct xn_when *when)
{
	put_key(out, "  - when", period->when);
	put_day(out, "first_day", when->first_day);
	put_day(out, "last_day", when->last_day);
	if (period->n_bandwidth)
		fprintf(out, "    bandwidth:\n");
	for (size_t i = 0; i < period->n_bandwidth; i++)
		put_entry(out, "        ", &period->bandwidth[i]);
	for (size_t r = XN_CPU; r < XN_RESOURCES; r++)
		put_sold(out, "      ", r, &period->sold[r]);
}

static void put_schedule(FILE *out, const struct xn_definition *def)
{
	if (def->zone != &xn_zone_utc)
		put_key(out, "timezone", def->zone->name);
	if (def->n_periods)
		fprintf(out, "schedule:\n");
	for (size_t i = 0; i < def->n_periods; i++)
		put_period(out, &def->periods[i], &def->when[i]);
}

static void put_needs(FILE *out, const struct xn_definition *def)
{
	char text[XN_UNIT_TEXT];

	if (def->disk > 0)
		fprintf(out, "disk: %s\n", xn_format_bytes_exact(def->disk, text, sizeof(text)));
	if (def->interfaces)
		fprintf(out, "interfaces: %u\n", def->interfaces);
}

static void put_definition(FILE *out, const struct xn_definition *def)
{
	put_key(out, "name", def->name);
	if (def->path == XN_PATH_SPLIT)
		put_key(out, "data_path", "split");
	if (def->domain)
		put_key(out, "domain", def->domain);
	if (def->priority)
		fprintf(out, "priority: %u\n", def->priority);
	if (def->n_ports)
		put_ports(out, def);
	if (def->n_bandwidth)
		fprintf(out, "bandwidth:\n");
	for (size_t i = 0; i < def->n_bandwidth; i++)
		put_bandwidth(out, &def->bandwidth[i]);
	for (size_t r = XN_CPU; r < XN_RESOURCES; r++)
		put_sold(out, "  ", r, &def->sold[r]);
	if (xn_limits_any(&def->arrival))
		fprintf(out, "arrival:\n");
	put_limits(out, "  ", &def->arrival);
	put_needs(out, def);
	put_schedule(out, def);
}

static void put_times(FILE *out, const struct xn_machine *machine,
		      const struct xn_machine *defaults)
{
	char text[XN_UNIT_TEXT];

	if (machine->ic != defaults->ic)
		fprintf(out, "short_interval: %s\n",
			xn_format_time(machine->ic, text, sizeof(text)));
	if (machine->il != defaults->il)
		fprintf(out, "long_interval: %s\n",
			xn_format_time(machine->il, text, sizeof(text)));
	if (machine->lease != 3 * machine->ic)
		fprintf(out, "lease: %s\n", xn_format_time(machine->lease, text, sizeof(text)));
}

static void put_machine(FILE *out, const struct xn_machine *machine,
			const struct xn_machine *defaults)
{
	char text[XN_UNIT_TEXT];

	put_times(out, machine, defaults);
	if (machine->policy != defaults->policy)
		fprintf(out, "policy: %s\n", xn_policy_name(machine->policy));
	if (machine->sampler != defaults->sampler)
		fprintf(out, "sampler: bernoulli\n");
	if (machine->mark_mask)
		fprintf(out, "mark_mask: 0x%" PRIx32 "\n", machine->mark_mask);
	for (size_t r = XN_CPU; r < XN_RESOURCES; r++)
		if (machine->capacity[r] > 0)
			fprintf(out, "%s: %s\n", xn_quantities[r].name,
				xn_quantities[r].format_exact(machine->capacity[r], text,
							      sizeof(text)));
	if (machine->disk > 0)
		fprintf(out, "disk: %s\n",
			xn_format_bytes_exact(machine->disk, text, sizeof(text)));
	if (machine->interfaces)
		fprintf(out, "interfaces: %u\n", machine->interfaces);
	if (machine->n_links)
		fprintf(out, "links:\n");
	for (size_t i = 0; i < machine->n_links; i++) {
		put_key(out, "  - name", machine->links[i].name);
		fprintf(out, "    capacity: %s\n",
			xn_format_rate_exact(machine->links[i].capacity, text, sizeof(text)));
		if (machine->links[i].qos != XN_QOS_AUTO)
			fprintf(out, "    qos: %s\n", xn_link_qos_name(machine->links[i].qos));
		if (machine->links[i].guard != XN_GUARD_ON)
			fprintf(out, "    guard: off\n");
		if (machine->links[i].overbooking != 1)
			fprintf(out, "    overbooking: %.17g\n", machine->links[i].overbooking);
	}
	if (machine->channel_listen) {
		fprintf(out, "channel:\n");
		put_key(out, "  listen", machine->channel_listen);
	}
}

/* Return: the stream's text, NULL if anything in between failed. */
static char *finish(FILE *out, char **text)
{
	bool failed = ferror(out);

	if (!fclose(out) && !failed)
		return *text;
	free(*text);
	return NULL;
}

char *xn_yaml_definition(const struct xn_definition *def)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	put_definition(out, def);
	return finish(out, &text);
}

char *xn_yaml_machine(const struct xn_machine *machine)
{
	struct xn_machine defaults;
	char *text = NULL;
	size_t size;
	FILE *out;

	if (!xn_machine_parse(NULL, &defaults, NULL))
		return NULL;
	out = open_memstream(&text, &size);
	if (out) {
		put_machine(out, machine, &defaults);
		text = finish(out, &text);
	}
	xn_machine_free(&defaults);
	return text;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* What both formats of a demand trace have in common: settings, SLAs, rules between them. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/definition.h"
#include "core/units.h"
#include "ctl/trace.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

#define FILE_MAX   (256u << 20) /* bytes */
#define DEMAND_MAX (32u << 20)	/* figures */

#define NS 1000000000ull

/* --- settings --- */

static const char *set_capacity(struct xn_trace *trace, const char *text)
{
	return xn_parse_rate(text, &trace->capacity);
}

static const char *set_ic(struct xn_trace *trace, const char *text)
{
	return xn_parse_time(text, &trace->ic);
}

static const char *set_il(struct xn_trace *trace, const char *text)
{
	return xn_parse_time(text, &trace->il);
}

static const char *set_policy(struct xn_trace *trace, const char *text)
{
	int policy = xn_policy_parse(text);

	if (policy < 0)
		return "is no policy: write xnetman, xnetmon or off";
	trace->policy = policy;
	return NULL;
}

static const struct {
	const char *key;
	const char *(*set)(struct xn_trace *trace, const char *text);
} settings[] = {
	{ "capacity", set_capacity },
	{ "short_interval", set_ic },
	{ "long_interval", set_il },
	{ "policy", set_policy },
};

/* Mark bit @i. Return: NULL, or a clause if it was marked. */
static const char *mark(unsigned int *given, size_t i)
{
	if (*given & 1u << i)
		return "is given twice: keep one";
	*given |= 1u << i;
	return NULL;
}

const char *xn_trace_set(struct xn_trace *trace, const char *key, const char *text)
{
	for (size_t i = 0; i < N(settings); i++) {
		if (!strcmp(key, settings[i].key)) {
			const char *wrong = mark(&trace->given, i);

			return wrong ? wrong : settings[i].set(trace, text);
		}
	}
	return "is no setting: write capacity, short_interval, long_interval, policy or network, "
	       "and ## before a comment";
}

/* --- networks --- */

size_t xn_trace_find(const struct xn_trace *trace, const char *name)
{
	size_t i = 0;

	while (i < trace->n_networks && strcmp(trace->networks[i].name, name))
		i++;
	return i;
}

const char *xn_trace_add_network(struct xn_trace *trace, const char *name)
{
	const char *wrong = xn_network_name_check(name);
	struct xn_trace_network *networks;

	if (wrong)
		return wrong;
	if (xn_trace_find(trace, name) < trace->n_networks)
		return "there is a network of that name already: give it another";
	networks = reallocarray(trace->networks, trace->n_networks + 1, sizeof(*networks));
	if (!networks)
		return "out of memory";
	trace->networks = networks;
	networks[trace->n_networks] = (struct xn_trace_network){ .name = strdup(name) };
	if (!networks[trace->n_networks].name)
		return "out of memory";
	trace->n_networks++;
	return NULL;
}

enum {
	RC,
	RE,
	RL,
	RMAX,
	RESTRICTED
};

static const char *const parameters[] = {
	[RC] = "rc", [RE] = "re", [RL] = "rl", [RMAX] = "rmax", [RESTRICTED] = "restricted",
};

static const char *parse_bool(const char *text, bool *value)
{
	static const char *const words[] = { "false", "true", "no", "yes" };

	for (size_t i = 0; i < N(words); i++) {
		if (!strcasecmp(text, words[i])) {
			*value = i % 2;
			return NULL;
		}
	}
	return "is neither true nor false: write one of them";
}

const char *xn_trace_set_sla(struct xn_trace *trace, const char *key, const char *text)
{
	struct xn_trace_network *network = &trace->networks[trace->n_networks - 1];
	struct xn_sla *sla = &network->sla;
	double *const rates[] = { &sla->rc, &sla->re, &sla->rl, &sla->rmax };
	const char *wrong;

	for (size_t i = 0; i < N(parameters); i++) {
		if (strcmp(key, parameters[i]))
			continue;
		wrong = mark(&network->given, i);
		if (wrong)
			return wrong;
		return i == RESTRICTED ? parse_bool(text, &sla->restricted)
				       : xn_parse_rate(text, rates[i]);
	}
	return "is no parameter of a network: write rc, re, rl, rmax or restricted";
}

const char *xn_trace_end_sla(struct xn_trace *trace, const char **key)
{
	struct xn_trace_network *network = &trace->networks[trace->n_networks - 1];

	if (!(network->given & 1u << RL))
		network->sla.rl = xn_sla_guarantee(&network->sla);
	if (!(network->given & 1u << RMAX))
		network->sla.rmax = network->sla.rl;
	/* What does not fit the capacity is simulated as what it is: oversold. */
	return xn_sla_check(&network->sla, INFINITY, key);
}

/* --- demand --- */

const char *xn_trace_resize(struct xn_trace *trace, size_t n)
{
	size_t had = trace->n_ticks * trace->n_networks, have = n * trace->n_networks;
	double *demand;

	if (n > DEMAND_MAX || have > DEMAND_MAX)
		return "are more ticks than fit: write fewer, or a longer short_interval";
	demand = realloc(trace->demand, (have ? have : 1) * sizeof(*demand));
	if (!demand)
		return "out of memory";
	if (have > had)
		memset(demand + had, 0, (have - had) * sizeof(*demand));
	trace->demand = demand;
	trace->n_ticks = n;
	return NULL;
}

/* Mean demand of network @i from @start to @end, in ticks of the trace. */
static double mean_demand(const struct xn_trace *trace, size_t i, double start, double end)
{
	size_t last = fmin(ceil(end), trace->n_ticks);
	double sum = 0;

	for (size_t k = start; k < last; k++)
		sum += trace->demand[k * trace->n_networks + i] *
		       (fmin(end, k + 1.0) - fmax(start, k));
	return sum / (end - start);
}

/* From ticks of @ic to ticks of trace->ic; the part of a tick at the end is left out. */
static const char *resample(struct xn_trace *trace, uint64_t ic)
{
	double ratio = (double)trace->ic / ic;
	struct xn_trace to = { .networks = trace->networks, .n_networks = trace->n_networks };
	const char *wrong = xn_trace_resize(&to, trace->n_ticks / ratio * (1 + 1e-12));

	if (wrong)
		return wrong;
	for (size_t k = 0; k < to.n_ticks; k++)
		for (size_t i = 0; i < to.n_networks; i++)
			to.demand[k * to.n_networks + i] =
				mean_demand(trace, i, k * ratio, (k + 1) * ratio);
	free(trace->demand);
	trace->demand = to.demand;
	trace->n_ticks = to.n_ticks;
	return NULL;
}

const char *xn_trace_check_intervals(const struct xn_trace *trace)
{
	if (trace->il % trace->ic == 0 && trace->il <= 86400 * NS)
		return NULL;
	return "is not a multiple of short_interval up to 24 h: write one, such as 15s for 1s";
}

const char *xn_trace_finish(struct xn_trace *trace, uint64_t ic, const char **key)
{
	const char *wrong;

	*key = "capacity";
	if (!(trace->capacity > 0))
		return "is missing or 0: write what can be sent, such as capacity 1Gbit";
	*key = "long_interval";
	wrong = xn_trace_check_intervals(trace);
	if (wrong)
		return wrong;
	*key = "short_interval";
	wrong = trace->ic != ic ? resample(trace, ic) : NULL;
	if (wrong)
		return wrong;
	return trace->n_ticks ? NULL : "is longer than the trace: write a shorter one";
}

/* --- the file --- */

static char *read_all(FILE *in, size_t *size)
{
	char *text = NULL, *grown;
	size_t room = 0;

	*size = 0;
	do {
		room = room ? 2 * room : 65536;
		grown = room <= 2 * FILE_MAX ? realloc(text, room) : NULL;
		if (!grown) {
			errno = room > 2 * FILE_MAX ? EFBIG : ENOMEM;
			free(text);
			return NULL;
		}
		text = grown;
		*size += fread(text + *size, 1, room - 1 - *size, in);
	} while (*size == room - 1);
	if (ferror(in)) {
		free(text);
		return NULL;
	}
	text[*size] = '\0';
	return text;
}

static char *read_path(const char *path, size_t *size, struct xn_err *err)
{
	bool is_stdin = !strcmp(path, "-");
	FILE *in = is_stdin ? stdin : fopen(path, "re");
	char *text = in ? read_all(in, size) : NULL;

	if (!text)
		xn_err_set(err, "%s: can't be read: %s", path, strerror(errno));
	if (in && !is_stdin)
		fclose(in);
	return text;
}

static int parse(struct xn_trace *trace, const char *path, char *text, size_t size,
		 struct xn_err *err)
{
	if (strlen(text) != size) {
		xn_err_set(err, "%s: has NUL bytes: this is no trace, write CSV or JSON", path);
		return -EINVAL;
	}
	if (text[strspn(text, " \t\r\n")] == '{')
		return xn_trace_read_json(trace, path, text, size, err);
	return xn_trace_read_csv(trace, path, text, err);
}

struct xn_trace *xn_trace_read(const char *path, struct xn_err *err)
{
	struct xn_trace *trace = calloc(1, sizeof(*trace));
	size_t size;
	char *text = read_path(path, &size, err);

	if (!trace || !text)
		goto free_trace;
	trace->ic = NS;
	trace->il = 15 * NS;
	if (parse(trace, strcmp(path, "-") ? path : "(standard input)", text, size, err))
		goto free_trace;
	free(text);
	/* from here on settings may be overridden */
	trace->given = 0;
	return trace;

free_trace:
	xn_trace_free(trace);
	free(text);
	return NULL;
}

void xn_trace_free(struct xn_trace *trace)
{
	if (!trace)
		return;
	for (size_t i = 0; i < trace->n_networks; i++)
		free(trace->networks[i].name);
	free(trace->networks);
	free(trace->demand);
	free(trace);
}

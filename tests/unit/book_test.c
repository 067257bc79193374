// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Admission as xnetmand asks for it: networks come one by one, as random definitions, and each is admitted if and only if
 * a search through every quarter of an hour finds that it fits beside those that are there.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/book.h"
#include "common/definition.h"
#include "common/machine.h"
#include "contract_case.h"
#include "core/date.h"

#define BOOKS	 2300
#define NETWORKS 6 /* that want to be in each */
#define ZONES	 3
#define ENTRIES	 2
#define DAYS	 13
#define INSTANTS (DAYS * XN_DAY_SECONDS / CASE_STEP)

/* What is sold; each has a guarantee and rl. */
enum resource {
	ETH0,
	ETH1,
	CPU,
	MEMORY,
	RESOURCES,
};

/* Parts of the capacity, in hundredths; so the sums are exact. */
struct sold {
	bool given;
	int rc, re, rl;
};

struct network {
	int zone;
	size_t n_entries;
	struct case_entry entries[ENTRIES];
	struct sold sold[ENTRIES + 1][RESOURCES]; /* of each entry; the last: always */
	int disk, interfaces;			  /* GiB; how many */
};

/* What is there so far. */
struct book {
	struct xn_config config;
	struct xn_definition *networks[NETWORKS];
	int sums[INSTANTS][RESOURCES][2];
	int disk, interfaces;
};

static const char machine_text[] = "links:\n  - {name: eth0, capacity: 100Mbit, overbooking: 1.5}\n"
				   "  - {name: eth1, capacity: 100Mbit}\n"
				   "cpu: 1\nmemory: 100routes\ndisk: 20GiB\ninterfaces: 8\n";
static const int most[RESOURCES][2] = { { 100, 150 }, { 100, 100 }, { 100, 100 }, { 100, 100 } };
#define DISK	   20
#define INTERFACES 8

static struct case_wall walls[ZONES][INSTANTS];
static int64_t begin;

/* --- definitions ----------------------------------------------------------------------------- */

static void draw_sold(struct case_rng *rng, struct sold *sold)
{
	for (int r = 0; r < RESOURCES; r++) {
		sold[r].given = case_random(rng, 3) == 0;
		sold[r].rc = case_random(rng, 5) * 8;
		sold[r].re = case_random(rng, 3) * 5;
		sold[r].rl = sold[r].rc + sold[r].re + case_random(rng, 6) * 13;
	}
}

static void draw_network(struct case_rng *rng, struct network *net)
{
	struct xn_when when;

	memset(net, 0, sizeof(*net));
	net->zone = case_random(rng, ZONES);
	net->n_entries = case_random(rng, ENTRIES + 1);
	for (size_t i = 0; i < net->n_entries; i++) {
		case_draw(rng, CASE_LIMITED, &net->entries[i], &when);
		draw_sold(rng, net->sold[i]);
		/* an entry says something */
		net->sold[i][case_random(rng, RESOURCES)].given = true;
	}
	draw_sold(rng, net->sold[ENTRIES]);
	net->disk = case_random(rng, 3) * 3;
	net->interfaces = 1 + case_random(rng, 2);
}

static void put_one(FILE *out, const struct sold *sold, const char *unit)
{
	fprintf(out, "rc: %d%s, re: %d%s, rl: %d%s}", sold->rc, unit, sold->re, unit, sold->rl,
		unit);
}

static void put_sold(FILE *out, const char *indent, const struct sold *sold)
{
	static const char *const names[] = { "eth0", "eth1", "cpu", "memory" };
	static const char *const units[] = { "Mbit", "Mbit", "%", "routes" };

	if (sold[ETH0].given || sold[ETH1].given)
		fprintf(out, "%sbandwidth:\n", indent);
	for (int r = ETH0; r <= ETH1; r++)
		if (sold[r].given) {
			fprintf(out, "%s  - {link: %s, ", indent, names[r]);
			put_one(out, &sold[r], units[r]);
			fputc('\n', out);
		}
	for (int r = CPU; r <= MEMORY; r++)
		if (sold[r].given) {
			fprintf(out, "%s%s: {", indent, names[r]);
			put_one(out, &sold[r], units[r]);
			fputc('\n', out);
		}
}

static void put_day(FILE *out, const char *key, int64_t date)
{
	fprintf(out, "    %s: %lld-%02lld-%02lld\n", key, (long long)date / 10000,
		(long long)date / 100 % 100, (long long)date % 100);
}

static char *text_of(const struct network *net, int number)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "name: n%d\ntimezone: %s\ninterfaces: %d\n", number, case_zones[net->zone],
		net->interfaces);
	if (net->disk)
		fprintf(out, "disk: %dGiB\n", net->disk);
	put_sold(out, "", net->sold[ENTRIES]);
	if (net->n_entries)
		fprintf(out, "schedule:\n");
	for (size_t i = 0; i < net->n_entries; i++) {
		fprintf(out, "  - when: \"%s\"\n", net->entries[i].text);
		put_day(out, "first_day", net->entries[i].first);
		put_day(out, "last_day", net->entries[i].last);
		put_sold(out, "    ", net->sold[i]);
	}
	fclose(out);
	return text;
}

/* NULL: an entry is on no day at all, or on none up to its last, which is refused. */
static struct xn_definition *parse(const char *text, int number)
{
	struct xn_err err = { "" };
	struct xn_source *source = xn_source_text("(test)", text, strlen(text), &err);
	struct xn_definition *def;
	char name[16];

	assert_non_null(source);
	snprintf(name, sizeof(name), "n%d", number);
	def = xn_definition_parse(source, name, false, &err);
	if (!def && !strstr(err.text, "on no day") && !strstr(err.text, "before the first day"))
		fail_msg("%s\n%s", err.text, text);
	xn_source_free(source);
	return def;
}

/* --- by search ------------------------------------------------------------------------------- */

static const struct sold *sold_at(const struct network *net, int resource, size_t instant)
{
	const struct sold *found = &net->sold[ENTRIES][resource];

	for (size_t i = 0; i < net->n_entries; i++)
		if (net->sold[i][resource].given &&
		    case_holds(&net->entries[i], &walls[net->zone][instant]))
			found = &net->sold[i][resource];
	return found;
}

/* Nobody is sold more than there is at all, in any entry. */
static bool is_possible(const struct network *net)
{
	for (size_t i = 0; i <= ENTRIES; i++)
		for (int r = 0; r < RESOURCES && (i < net->n_entries || i == ENTRIES); r++)
			if (net->sold[i][r].given &&
			    (net->sold[i][r].rc + net->sold[i][r].re > 100 ||
			     net->sold[i][r].rl > 100))
				return false;
	return true;
}

static bool fits(const struct book *b, const struct network *net)
{
	if ((net->disk && b->disk + net->disk > DISK) ||
	    b->interfaces + net->interfaces > INTERFACES || !is_possible(net))
		return false;
	for (size_t i = 0; i < INSTANTS; i++)
		for (int r = 0; r < RESOURCES; r++) {
			const struct sold *sold = sold_at(net, r, i);

			if (!sold->given)
				continue;
			if (b->sums[i][r][0] + sold->rc + sold->re > most[r][0] ||
			    b->sums[i][r][1] + sold->rl > most[r][1])
				return false;
		}
	return true;
}

static void add(struct book *b, const struct network *net, struct xn_definition *def)
{
	b->disk += net->disk;
	b->interfaces += net->interfaces;
	for (size_t i = 0; i < INSTANTS; i++)
		for (int r = 0; r < RESOURCES; r++) {
			const struct sold *sold = sold_at(net, r, i);

			b->sums[i][r][0] += sold->given ? sold->rc + sold->re : 0;
			b->sums[i][r][1] += sold->given ? sold->rl : 0;
		}
	b->networks[b->config.n_networks++] = def;
}

/* --- tests ----------------------------------------------------------------------------------- */

/* By itself, and as one of all that are there when xnetmand starts. */
static bool is_admitted(struct book *b, struct xn_definition *def)
{
	struct xn_err err = { "" };
	int alone = xn_book_admits(&b->config, def, begin, NULL, NULL, &err), all;

	assert_true(!alone || (alone == -ENOSPC && *err.text));
	b->networks[b->config.n_networks++] = def;
	all = xn_book_fits(&b->config, NULL, begin, &err);
	b->config.n_networks--;
	assert_int_equal(alone, all);
	return !alone;
}

static void try_network(struct case_rng *rng, struct book *b, int number, size_t counts[2])
{
	struct network net;
	struct xn_definition *def;
	char *text;
	bool admitted;

	draw_network(rng, &net);
	text = text_of(&net, number);
	def = parse(text, number);
	if (def) {
		admitted = is_admitted(b, def);
		if (admitted != fits(b, &net))
			fail_msg("%s, and should not be, beside %zu others:\n%s",
				 admitted ? "admitted" : "refused", b->config.n_networks, text);
		counts[admitted]++;
		if (admitted)
			add(b, &net, def);
		else
			xn_definition_free(def);
	}
	free(text);
}

static void books_take_what_fits(void **state)
{
	struct xn_err err = { "" };
	struct xn_source *source =
		xn_source_text("xnetman.yaml", machine_text, strlen(machine_text), &err);
	struct case_rng rng = { 1 };
	struct book *b = calloc(1, sizeof(*b));
	struct xn_machine machine;
	size_t counts[2] = { 0 };

	(void)state;
	assert_non_null(b);
	if (!xn_machine_parse(source, &machine, &err))
		fail_msg("%s", err.text);
	xn_source_free(source);
	for (int i = 0; i < BOOKS; i++) {
		memset(b, 0, sizeof(*b));
		b->config = (struct xn_config){ machine, b->networks, 0 };
		for (int n = 0; n < NETWORKS; n++)
			try_network(&rng, b, n, counts);
		for (size_t n = 0; n < b->config.n_networks; n++)
			xn_definition_free(b->networks[n]);
	}
	print_message("%zu networks admitted, %zu refused\n", counts[true], counts[false]);
	assert_true(counts[true] > 1000 && counts[false] > 1000);
	assert_true(counts[true] + counts[false] >= 10000);
	xn_machine_free(&machine);
	free(b);
}

static int init(void **state)
{
	(void)state;
	begin = (int64_t)xn_day_of((struct xn_date){ 2027, 3, 25 }) * XN_DAY_SECONDS;
	for (int z = 0; z < ZONES; z++)
		for (size_t i = 0; i < INSTANTS; i++)
			walls[z][i] = case_wall(z, begin + (int64_t)i * CASE_STEP);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(books_take_what_fits),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}

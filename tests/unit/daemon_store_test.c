// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The file of the history: periods add up as an independent computation says, it keeps to its bounds, and whatever is
 * done to it, what can be read of it goes on.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/salvage.h"
#include "daemon/store.h"
#include "daemon_fixture.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define DAY	 86400.0

static const atomic_bool never;

static const struct xn_keep plenty = {
	.age = { 1e9, 1e9, 1e9, 1e9 },
	.breaches = 1e9,
	.size = 1 << 30,
};

static const char *const networks[] = { "net1", "net2", "a-network-with-a-long-name" };
static const char *const links[] = { "eth0", "cpu" };
#define SERIES (N(networks) * N(links))

/* --- numbers that are the same in each run --- */

static uint32_t seed;

static double chance(void)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) / 16777216.0;
}

static struct xn_figures some_period(double seconds)
{
	struct xn_verdict verdict = {
		.demand = floor(1e9 * chance()),
		.through = floor(1e8 * chance()),
		.ec_mean = chance() < 0.8 ? 0 : chance(),
		.el = chance() < 0.8 ? 0 : chance(),
	};
	struct xn_tally tally = { .seconds = seconds };

	verdict.conformity = 1 - verdict.ec_mean / 2 - verdict.el / 2;
	tally.ec_max = fmin(1, 2 * verdict.ec_mean);
	tally.punished = floor(16 * chance());
	tally.ratio_max = chance();
	tally.ratio = tally.punished * tally.ratio_max / 2;
	tally.why[XN_WHY_SPENT] = tally.punished;
	tally.breaches = floor(3 * chance());
	return xn_figures_of(&verdict, &tally, 15, seconds,
			     verdict.el > 0.01 ? XN_CAUSE_CROWDED : XN_CAUSE_NONE);
}

/* What is tried hundreds of times shall not wait for a disk. */
int fdatasync(int fd)
{
	(void)fd;
	return 0;
}

int fsync(int fd)
{
	return fdatasync(fd);
}

/* --- a store --- */

static struct xn_store *open_store(void)
{
	struct xn_err err = { "" };
	struct xn_store *store = xn_store_open(fixture_path("store.db"), &never, &err);

	if (!store)
		fail_msg("%s", err.text);
	return store;
}

static int quiet(void)
{
	int was = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);

	dup2(null, STDERR_FILENO);
	close(null);
	return was;
}

static void loud(int was)
{
	dup2(was, STDERR_FILENO);
	close(was);
}

/* Without the log lines of hundreds of repairs. */
static struct xn_store *open_quietly(void)
{
	struct xn_err err = { "" };
	int was = quiet();
	struct xn_store *store = xn_store_open(fixture_path("store.db"), &never, &err);

	loud(was);
	if (!store)
		fail_msg("%s", err.text);
	return store;
}

static void write_rows(struct xn_store *store, const struct xn_store_row *rows, size_t n,
		       const struct xn_keep *keep)
{
	struct xn_err err = { "" };

	if (xn_store_write(store, rows, n, NULL, 0, keep, &err))
		fail_msg("%s", err.text);
}

/* One Il of all series, ending at @time. */
static void fill_rows(struct xn_store_row rows[SERIES], double time, double seconds)
{
	for (size_t i = 0; i < SERIES; i++) {
		strcpy(rows[i].network, networks[i / N(links)]);
		strcpy(rows[i].link, links[i % N(links)]);
		rows[i].time = time;
		rows[i].period = some_period(seconds);
	}
}

static void remove_all(const char *name)
{
	char pattern[512];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s*", fixture_path(name));
	if (!glob(pattern, 0, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc; i++)
			unlink(found.gl_pathv[i]);
	globfree(&found);
}

static size_t count_files(const char *pattern)
{
	glob_t found;
	size_t n = 0;

	if (!glob(fixture_path(pattern), 0, NULL, &found))
		n = found.gl_pathc;
	globfree(&found);
	return n;
}

static int begin(void **state)
{
	(void)state;
	seed = 1;
	remove_all("store.db");
	return 0;
}

/* What was read last. */
static struct xn_store_row got[200000];
static size_t n_got;

static bool take_row(const struct xn_store_row *row, void *arg)
{
	(void)arg;
	assert_true(n_got < N(got));
	got[n_got++] = *row;
	return true;
}

static void read_level(struct xn_store *store, enum xn_level level, const char *network)
{
	struct xn_err err = { "" };

	n_got = 0;
	if (xn_store_periods(store, level, network, 0, 4e9, take_row, NULL, &err))
		fail_msg("%s", err.text);
}

/* --- roll-up --- */

/* An independent reckoning: a period is what its label says, and a label is what the C library makes of the time. */
struct sum {
	char label[64], network[XN_STORE_NAME], link[XN_STORE_NAME];
	double offered, through, ec_max, c_min, c, breaches;
	int intervals;
};

static struct sum sums[20000];
static size_t n_sums;

static void add_sum(const char *format, const struct xn_store_row *row)
{
	time_t middle = (time_t)floor(row->time - row->period.seconds / 2);
	const struct xn_figures *p = &row->period;
	struct tm tm;
	char label[64];
	size_t i = 0;

	strftime(label, sizeof(label), format, localtime_r(&middle, &tm));
	while (i < n_sums &&
	       (strcmp(sums[i].label, label) || strcmp(sums[i].network, row->network) ||
		strcmp(sums[i].link, row->link)))
		i++;
	assert_true(i < N(sums));
	if (i == n_sums) {
		memset(&sums[n_sums++], 0, sizeof(sums[0]));
		strcpy(sums[i].label, label);
		strcpy(sums[i].network, row->network);
		strcpy(sums[i].link, row->link);
		sums[i].c_min = 1;
	}
	sums[i].offered += p->offered;
	sums[i].through += p->through;
	sums[i].c += p->c;
	sums[i].breaches += p->breaches_short + p->breaches_long;
	if (p->ec_max > sums[i].ec_max)
		sums[i].ec_max = p->ec_max;
	if (p->c < sums[i].c_min)
		sums[i].c_min = p->c;
	sums[i].intervals++;
}

static void check_sums(struct xn_store *store, enum xn_level level, const char *format)
{
	read_level(store, level, "");
	assert_int_equal(n_got, n_sums);
	for (size_t k = 0; k < n_got; k++) {
		time_t start = (time_t)got[k].time;
		const struct xn_figures *p = &got[k].period;
		struct tm tm;
		char label[64];
		size_t i = 0;

		strftime(label, sizeof(label), format, localtime_r(&start, &tm));
		while (i < n_sums &&
		       (strcmp(sums[i].label, label) || strcmp(sums[i].network, got[k].network) ||
			strcmp(sums[i].link, got[k].link)))
			i++;
		assert_true(i < n_sums);
		assert_true(p->intervals == sums[i].intervals && p->offered == sums[i].offered &&
			    p->through == sums[i].through && p->ec_max == sums[i].ec_max &&
			    p->c_min == sums[i].c_min && p->c == sums[i].c &&
			    p->breaches_short + p->breaches_long == sums[i].breaches);
	}
}

/* Each in its zone, over the night when clocks are changed, or the end of a year. */
static const struct {
	const char *zone;
	double start; /* s since 1970 */
} nights[] = {
	{ "Europe/Berlin", 1774652400 }, /* 2026-03-28 00:00 local; the 29th has 23 hours */
	{ "Europe/Berlin", 1792792800 }, /* 2026-10-24 00:00 local; the 25th has 25 hours */
	{ "Asia/Kolkata", 1798655400 },	 /* 2026-12-31 00:00 local; hours begin at half past */
	{ "America/Sao_Paulo", 1798686000 },
};

#define NIGHT_ILS 634 /* of five minutes: 2.2 days */

static void check_night(const char *zone, double start)
{
	static const struct {
		enum xn_level level;
		const char *format;
	} levels[] = { { XN_LEVEL_HOUR, "%F %H %z" },
		       { XN_LEVEL_DAY, "%F" },
		       { XN_LEVEL_MONTH, "%Y-%m" } };
	static struct xn_store_row rows[NIGHT_ILS * SERIES];
	struct xn_store *store;

	begin(NULL);
	setenv("TZ", zone, 1);
	tzset();
	store = open_store();
	for (int i = 0; i < NIGHT_ILS; i++) {
		fill_rows(&rows[i * SERIES], start + 300 * (i + 1), 300);
		write_rows(store, &rows[i * SERIES], SERIES, &plenty);
	}
	for (size_t l = 0; l < N(levels); l++) {
		n_sums = 0;
		for (size_t k = 0; k < N(rows); k++)
			add_sum(levels[l].format, &rows[k]);
		check_sums(store, levels[l].level, levels[l].format);
	}
	xn_store_close(store);
	unsetenv("TZ");
	tzset();
}

static void periods_are_the_sums_of_intervals(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(nights); i++)
		check_night(nights[i].zone, nights[i].start);
}

/* --- bounds --- */

static off_t total_size(void)
{
	static const char *const names[] = { "store.db", "store.db-wal", "store.db-shm" };
	off_t total = 0;
	struct stat st;

	for (size_t i = 0; i < N(names); i++)
		if (!stat(fixture_path(names[i]), &st))
			total += st.st_size;
	return total;
}

#define AT_ONCE 12 /* Ils */

/* Ils of a quarter of an hour, @from the n-th on. Return: the largest that the file was. */
static off_t write_many(struct xn_store *store, int from, int n, const struct xn_keep *keep)
{
	struct xn_store_row rows[AT_ONCE * SERIES];
	off_t most = 0;

	for (int i = from; i < from + n; i += AT_ONCE) {
		for (int k = 0; k < AT_ONCE; k++)
			fill_rows(&rows[k * SERIES], 1.7e9 + 900 * (i + k), 900);
		write_rows(store, rows, N(rows), keep);
		if (total_size() > most)
			most = total_size();
	}
	return most;
}

static void the_file_keeps_to_its_size(void **state)
{
	struct xn_keep keep = plenty;
	struct xn_store *store = open_store();
	off_t most;

	(void)state;
	keep.size = 8 << 20;
	most = write_many(store, 1, 12000, &keep);
	assert_true(most <= keep.size);
	assert_true(most > keep.size / 2);
	read_level(store, XN_LEVEL_INTERVAL, "");
	assert_true(n_got > 1000 && n_got < 12000 * SERIES);
	assert_true(got[n_got - 1].time == 1.7e9 + 900 * 12000); /* the newest are there */
	read_level(store, XN_LEVEL_DAY, "");
	assert_true(n_got / SERIES >= 125); /* and all days */
	/* less is allowed now: the file shrinks */
	keep.size = 4 << 20;
	write_many(store, 12001, 120, &keep);
	xn_store_close(store);
	assert_true(total_size() <= keep.size);
}

static void what_is_old_goes(void **state)
{
	struct xn_keep keep = { .age = { 3600, 7200, 3 * DAY, 1e9 }, .size = 1 << 30 };
	struct xn_store_row rows[SERIES];
	struct xn_store *store = open_store();
	static const size_t left[] = { 12, 2, 3, 1 };

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	for (int i = 1; i <= 12 * 24 * 5; i++) {
		fill_rows(rows, 1767225600 + 300 * i, 300); /* from 2026-01-01 on */
		write_rows(store, rows, SERIES, &keep);
	}
	for (enum xn_level level = 0; level < XN_LEVELS_KEPT; level++) {
		read_level(store, level, "net1");
		assert_in_range(n_got / N(links), left[level], left[level] + 1);
	}
	xn_store_close(store);
	unsetenv("TZ");
	tzset();
}

/* --- breaches --- */

static struct xn_store_breach breach_got[64];
static size_t n_breaches_got;

static bool take_breach(const struct xn_store_breach *breach, void *arg)
{
	(void)arg;
	assert_true(n_breaches_got < N(breach_got));
	breach_got[n_breaches_got++] = *breach;
	return true;
}

static void breaches_are_read_again(void **state)
{
	struct xn_store_breach b = { "net1",	     "eth0",	    1000, 15,
				     XN_BREACH_LONG, XN_CAUSE_LATE, 0.5,  0.5 };
	struct xn_store *store = open_store();
	struct xn_err err = { "" };

	(void)state;
	for (int i = 0; i < 4; i++, b.time += 10)
		assert_int_equal(xn_store_write(store, NULL, 0, &b, 1, &plenty, &err), 0);
	b.time = 1020;
	b.kind = XN_BREACH_SHORT; /* at the same moment as another */
	assert_int_equal(xn_store_write(store, NULL, 0, &b, 1, &plenty, &err), 0);
	n_breaches_got = 0;
	xn_store_breaches(store, "", 1010, 1030, take_breach, NULL, &err);
	assert_int_equal(n_breaches_got, 3);
	assert_int_equal(breach_got[0].cause, XN_CAUSE_LATE);
	n_breaches_got = 0;
	xn_store_breaches(store, "net2", 0, 1e9, take_breach, NULL, &err);
	assert_int_equal(n_breaches_got, 0);
	xn_store_close(store);
}

/* --- damage --- */

#define INTERVALS 150

static uint8_t *whole; /* the file before anything is done to it */
static size_t size;
static struct xn_store_row rows_before[INTERVALS * SERIES];
static off_t page_of[INTERVALS * SERIES]; /* where each row is */

/* Return: the bytes of a file, to be freed. */
static uint8_t *read_file(const char *name, size_t *n)
{
	int fd = open(fixture_path(name), O_RDONLY);
	struct stat st;
	uint8_t *bytes;

	assert_int_equal(fstat(fd, &st), 0);
	*n = st.st_size;
	bytes = malloc(*n);
	assert_int_equal(read(fd, bytes, *n), *n);
	close(fd);
	return bytes;
}

static void put_file(const char *name, const uint8_t *bytes, size_t n)
{
	int fd = open(fixture_path(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

static void read_whole(void)
{
	free(whole);
	whole = read_file("store.db", &size);
}

static void put_whole(const uint8_t *bytes, size_t n)
{
	remove_all("store.db");
	put_file("store.db", bytes, n);
}

static int find_row(const struct xn_store_row *row)
{
	for (size_t i = 0; i < N(rows_before); i++)
		if (rows_before[i].time == row->time &&
		    !strcmp(rows_before[i].network, row->network) &&
		    !strcmp(rows_before[i].link, row->link))
			return i;
	return -1;
}

static off_t page;

/* Rows are found by their time and what was offered: no two have both. */
static void note_page(int64_t key, const struct xn_value *values, size_t n, void *arg)
{
	(void)arg;
	(void)key;
	for (size_t i = 0; n > 20 && i < N(rows_before); i++)
		if (rows_before[i].time == values[1].real &&
		    rows_before[i].period.offered == values[3].real)
			page_of[i] = page;
}

static int make_file(void **state)
{
	struct xn_store *store;

	begin(state);
	store = open_quietly();
	for (int i = 0; i < INTERVALS; i++) {
		fill_rows(&rows_before[i * SERIES], 1.75e9 + 15 * i, 15);
		write_rows(store, &rows_before[i * SERIES], SERIES, &plenty);
	}
	xn_store_close(store);
	read_whole();
	for (page = 0; page * XN_SALVAGE_PAGE < (off_t)size; page++)
		xn_salvage_page(whole + page * XN_SALVAGE_PAGE, page * XN_SALVAGE_PAGE, note_page,
				NULL);
	return 0;
}

static int free_file(void **state)
{
	(void)state;
	free(whole);
	whole = NULL;
	return 0;
}

/* In value: 0 may have lost its sign. */
static bool is_same(const struct xn_figures *a, const struct xn_figures *b)
{
	for (size_t i = 0; i < XN_FIGURES_COUNT; i++)
		if (((const double *)a)[i] != ((const double *)b)[i])
			return false;
	return true;
}

/* Nothing is wrong, and what is missing was in the pages from @first to @last. Return: rows that are missing. */
static size_t check_rows(struct xn_store *store, off_t first, off_t last)
{
	bool there[N(rows_before)] = { false };
	size_t missing = 0;

	read_level(store, XN_LEVEL_INTERVAL, "");
	for (size_t i = 0; i < n_got; i++) {
		int at = find_row(&got[i]);

		assert_true(at >= 0);
		assert_true(is_same(&got[i].period, &rows_before[at].period));
		there[at] = true;
	}
	for (size_t i = 0; i < N(rows_before); i++) {
		if (!there[i] && (page_of[i] < first || page_of[i] > last))
			fail_msg("row %zu of page %ld is lost", i, (long)page_of[i]);
		missing += !there[i];
	}
	return missing;
}

static void check_goes_on(struct xn_store *store)
{
	struct xn_store_row rows[SERIES];
	struct xn_err err = { "" };

	fill_rows(rows, 1.76e9, 15);
	if (xn_store_write(store, rows, SERIES, NULL, 0, &plenty, &err))
		fail_msg("%s", err.text);
}

/* A byte is changed: what is lost is what was in its page, and that is told. */
static void flip_at(size_t at, uint8_t with)
{
	off_t where = at / XN_SALVAGE_PAGE;
	struct xn_store *store;
	size_t missing;

	whole[at] ^= with;
	put_whole(whole, size);
	whole[at] ^= with;
	store = open_quietly();
	missing = check_rows(store, where, where);
	check_goes_on(store);
	xn_store_close(store);
	if (missing && !count_files("store.db.damaged-*"))
		fail_msg("byte %zu: %zu rows lost without a word", at, missing);
}

static void a_flipped_byte_costs_its_page(void **state)
{
	static const uint8_t with[] = { 0x01, 0x80, 0xff };

	(void)state;
	for (size_t at = 0; at < 100; at++)
		flip_at(at, with[at % N(with)]);
	for (size_t at = 100; at < size; at += at % (5 * XN_SALVAGE_PAGE) < 12 ? 1 : 907)
		flip_at(at, with[at % N(with)]);
}

static void a_page_of_nonsense_costs_itself(void **state)
{
	uint8_t was[XN_SALVAGE_PAGE];

	(void)state;
	for (size_t at = 0; at < size; at += XN_SALVAGE_PAGE) {
		struct xn_store *store;

		memcpy(was, whole + at, sizeof(was));
		for (size_t i = 0; i < sizeof(was); i++)
			whole[at + i] = 256 * chance();
		put_whole(whole, size);
		memcpy(whole + at, was, sizeof(was));
		store = open_quietly();
		check_rows(store, at / XN_SALVAGE_PAGE, at / XN_SALVAGE_PAGE);
		check_goes_on(store);
		xn_store_close(store);
		assert_int_equal(count_files("store.db.damaged-*[0-9]"), 1);
	}
}

static void a_file_that_is_cut_keeps_what_is_before(void **state)
{
	(void)state;
	for (size_t at = 0; at < size; at += at < 120 ? 17 : 2039) {
		/* names are in the first eight pages; without them nobody knows whose rows they are */
		off_t first = at < 8 * XN_SALVAGE_PAGE ? 0 : at / XN_SALVAGE_PAGE;
		struct xn_store *store;
		size_t missing;

		put_whole(whole, at);
		store = open_quietly();
		missing = check_rows(store, first, size / XN_SALVAGE_PAGE);
		assert_true(missing > 0 || at >= size - XN_SALVAGE_PAGE);
		assert_int_equal(count_files("store.db.damaged-*[0-9]"), at > 0);
		check_goes_on(store);
		xn_store_close(store);
	}
}

#define LOGGED 20 /* long intervals that are in the write-ahead log only */

static struct xn_store_row rows_logged[LOGGED * SERIES];

/* What was in the file is there, and of what was in the log a first part: whole intervals. Return: how many. */
static size_t check_logged(struct xn_store *store)
{
	bool there[N(rows_logged)] = { false };
	size_t before = 0, n = 0;

	read_level(store, XN_LEVEL_INTERVAL, "");
	for (size_t i = 0; i < n_got; i++) {
		size_t at = 0;

		before += find_row(&got[i]) >= 0;
		while (at < N(rows_logged) && (rows_logged[at].time != got[i].time ||
					       strcmp(rows_logged[at].network, got[i].network) ||
					       strcmp(rows_logged[at].link, got[i].link)))
			at++;
		if (at == N(rows_logged))
			continue;
		assert_true(is_same(&got[i].period, &rows_logged[at].period));
		there[at] = true;
	}
	assert_int_equal(before, N(rows_before));
	while (n < N(there) && there[n])
		n++;
	for (size_t i = n; i < N(there); i++)
		assert_false(there[i]);
	assert_int_equal(n % SERIES, 0);
	assert_int_equal(n_got, before + n);
	return n / SERIES;
}

/* xnetmand was killed, and its log is cut or has another byte at @at. */
static size_t damage_log_at(const uint8_t *log, size_t n, size_t at, bool cut)
{
	uint8_t *damaged = malloc(n);
	struct xn_store *store;
	size_t intervals;

	memcpy(damaged, log, n);
	damaged[at] ^= 0x10;
	put_whole(whole, size);
	put_file("store.db-wal", damaged, cut ? at : n);
	free(damaged);
	store = open_quietly();
	intervals = check_logged(store);
	check_goes_on(store);
	xn_store_close(store);
	return intervals;
}

/* SQLite would remove such a log. */
static void check_log_alone(const uint8_t *log, size_t n)
{
	struct xn_store *store;

	put_whole(whole, 0);
	put_file("store.db-wal", log, n);
	store = open_quietly();
	check_goes_on(store);
	xn_store_close(store);
	assert_int_equal(count_files("store.db.damaged-*-wal"), 1);
}

static void a_damaged_log_costs_what_comes_after(void **state)
{
	struct xn_store *store = open_store();
	size_t n, before = 0, least = LOGGED;
	uint8_t *log;

	(void)state;
	for (int i = 0; i < LOGGED; i++) {
		fill_rows(&rows_logged[i * SERIES], 1.755e9 + 15 * i, 15);
		write_rows(store, &rows_logged[i * SERIES], SERIES, &plenty);
	}
	read_whole(); /* with what opening it has put there */
	log = read_file("store.db-wal", &n);
	xn_store_close(store);
	for (size_t at = 0; at < n; at += at < 64 ? 1 : 1999) {
		size_t intervals = damage_log_at(log, n, at, true);

		assert_true(intervals >= before); /* the later it is cut the more there is */
		before = intervals;
		intervals = damage_log_at(log, n, at, false);
		assert_true(at < 64 || intervals + 1 >= before);
		least = intervals < least ? intervals : least;
	}
	assert_true(least == 0 && before >= LOGGED - 1);
	check_log_alone(log, n);
	free(log);
}

static void damage_while_it_is_open_is_repaired(void **state)
{
	struct xn_store_row rows[SERIES];
	struct xn_store *store;
	struct xn_err err = { "" };
	int fd, rc = 0;

	(void)state;
	put_whole(whole, size);
	store = open_quietly();
	fd = open(fixture_path("store.db"), O_WRONLY);
	assert_int_equal(ftruncate(fd, 3 * XN_SALVAGE_PAGE), 0);
	close(fd);
	for (int i = 1; i < 2000 && rc != -EUCLEAN; i++) {
		fill_rows(rows, 1.76e9 + 15 * i, 15);
		rc = xn_store_write(store, rows, SERIES, NULL, 0, &plenty, &err);
	}
	assert_true(!rc || rc == -EUCLEAN); /* it may have all pages in memory */
	xn_store_close(store);
	store = open_quietly();
	check_goes_on(store);
	xn_store_close(store);
}

static void only_so_many_are_kept_beside(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		int fd = open(fixture_path("store.db"), O_WRONLY | O_CREAT | O_TRUNC, 0644);

		assert_int_equal(write(fd,
				       "nonsense, and enough of it to be no database at all: "
				       "it goes on for more than a hundred bytes, as you see",
				       100),
				 100);
		close(fd);
		xn_store_close(open_quietly());
	}
	assert_int_equal(count_files("store.db.damaged-*"), 3);
}

/* --- other versions --- */

static void run_sql(const char *sql)
{
	sqlite3 *db;
	char *err = NULL;

	assert_int_equal(sqlite3_open(fixture_path("store.db"), &db), 0);
	if (sqlite3_exec(db, sql, NULL, NULL, &err))
		fail_msg("%s: %s", sql, err);
	sqlite3_close(db);
}

/* Numbers of the header are wrong, tables are other ones: the file is kept, rows that are understood go on. */
static void other_formats_are_kept_beside(void **state)
{
	static const struct {
		const char *sql;
		const char *beside;
		bool rows_go_on;
	} cases[] = {
		{ "PRAGMA user_version = 3", "store.db.newer-*", true },
		{ "PRAGMA user_version = 1", "store.db.older-*", true },
		{ "PRAGMA application_id = 7", NULL, true },
		{ "PRAGMA user_version = 3; DROP TABLE periods", "store.db.newer-*", false },
		{ "DROP TABLE breaches", "store.db.damaged-*", true },
		{ "ALTER TABLE periods ADD COLUMN more REAL", "store.db.damaged-*", true },
		{ "CREATE TRIGGER t AFTER INSERT ON periods BEGIN DELETE FROM periods; END",
		  "store.db.damaged-*", true },
		{ "UPDATE periods SET offered = offered + 1 WHERE key % 2", "store.db.damaged-*",
		  false },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct xn_store *store;

		put_whole(whole, size);
		run_sql(cases[i].sql);
		store = open_quietly();
		if (cases[i].rows_go_on)
			check_rows(store, -1, -1);
		check_goes_on(store);
		xn_store_close(store);
		if (cases[i].beside)
			assert_int_equal(count_files(cases[i].beside), 1);
	}
}

static void a_database_of_something_else_is_left_alone(void **state)
{
	struct xn_err err = { "" };

	(void)state;
	remove_all("store.db");
	run_sql("CREATE TABLE letters (text); INSERT INTO letters VALUES ('Dear friend')");
	assert_null(xn_store_open(fixture_path("store.db"), &never, &err));
	assert_non_null(strstr(err.text, "something else"));
	run_sql("SELECT text FROM letters");
	assert_int_equal(count_files("store.db.*"), 0);
	assert_null(xn_store_open(fixture_dir(), &never, &err));
	assert_non_null(strstr(err.text, "is not a file"));
	assert_null(xn_store_open("/proc/no/such/history.db", &never, &err));
}

/* As of a former xnetman: without an application id. */
static void the_first_format_is_kept_beside(void **state)
{
	(void)state;
	remove_all("store.db");
	run_sql("CREATE TABLE intervals (id INTEGER PRIMARY KEY, time REAL)");
	xn_store_close(open_quietly());
	assert_int_equal(count_files("store.db.older-*"), 1);
}

/* --- a disk that does not take it --- */

static void a_full_disk_costs_rows_only(void **state)
{
	struct rlimit was, little = { 256 << 10, RLIM_INFINITY };
	struct xn_store_row rows[SERIES];
	struct xn_store *store = open_store();
	struct xn_err err = { "" };
	int rc = 0, refused = 0;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	little.rlim_max = was.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	for (int i = 1; i <= 1000; i++) {
		fill_rows(rows, 1.7e9 + 15 * i, 15);
		rc = xn_store_write(store, rows, SERIES, NULL, 0, &plenty, &err);
		assert_true(!rc || rc == -EIO);
		refused += rc != 0;
	}
	assert_true(refused > 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	check_goes_on(store);
	xn_store_close(store);
	store = open_store(); /* and it is whole */
	assert_int_equal(count_files("store.db.damaged-*"), 0);
	xn_store_close(store);
}

static void figures_that_are_none_are_not_kept(void **state)
{
	struct xn_store_row rows[SERIES];
	struct xn_store *store = open_store();

	(void)state;
	fill_rows(rows, 1.7e9, 15);
	rows[0].period.offered = NAN;
	rows[1].period.through = INFINITY;
	rows[2].period.c = -1;
	rows[3].time = -5;
	write_rows(store, rows, SERIES, &plenty);
	read_level(store, XN_LEVEL_INTERVAL, "");
	assert_int_equal(n_got, SERIES - 4);
	xn_store_close(store);
}

#define FRESH(test)   cmocka_unit_test_setup(test, begin)
#define DAMAGED(test) cmocka_unit_test_setup_teardown(test, make_file, free_file)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(periods_are_the_sums_of_intervals),
		FRESH(the_file_keeps_to_its_size),
		FRESH(what_is_old_goes),
		FRESH(breaches_are_read_again),
		DAMAGED(a_flipped_byte_costs_its_page),
		DAMAGED(a_page_of_nonsense_costs_itself),
		DAMAGED(a_file_that_is_cut_keeps_what_is_before),
		DAMAGED(a_damaged_log_costs_what_comes_after),
		DAMAGED(damage_while_it_is_open_is_repaired),
		FRESH(only_so_many_are_kept_beside),
		DAMAGED(other_formats_are_kept_beside),
		FRESH(a_database_of_something_else_is_left_alone),
		FRESH(the_first_format_is_kept_beside),
		FRESH(a_full_disk_costs_rows_only),
		FRESH(figures_that_are_none_are_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, fixture_exit);
}

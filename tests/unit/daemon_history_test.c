// SPDX-License-Identifier: GPL-2.0-or-later
/* History: what is written is read again, newest last; and a file put back is as it was. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/files.h"
#include "daemon/history.h"
#include "daemon_fixture.h"

/* --- a history for each test --- */

static sd_event *event;
static struct xn_history *history;

static int open_history(void **state)
{
	(void)state;
	assert_true(sd_event_new(&event) >= 0);
	assert_int_equal(xn_history_open(&history, fixture_path("deep/down/history.db"), event), 0);
	return 0;
}

static int close_history(void **state)
{
	(void)state;
	xn_history_close(history);
	sd_event_unref(event);
	return 0;
}

static void on_rows(const json_t *rows, const char *err, void *arg)
{
	json_t **copy = arg;

	assert_null(err);
	*copy = json_deep_copy(rows);
}

static void on_failure(const json_t *rows, const char *err, void *arg)
{
	assert_null(rows);
	*(char **)arg = strdup(err);
}

static json_t *read_rows(const char *network, int64_t count)
{
	json_t *rows = NULL;

	assert_int_equal(xn_history_read(history, network, "", count, on_rows, &rows), 0);
	for (int i = 0; i < 1000 && !rows; i++)
		assert_true(sd_event_run(event, 10000) >= 0);
	assert_non_null(rows);
	return rows;
}

static const struct xn_keep keep = {
	.age = { 1e9, 1e9, 1e9, 1e9 },
	.breaches = 1e9,
	.size = 1 << 30,
};

static void add(struct xn_history_batch *batch, const char *network, const char *link,
		const struct xn_verdict *verdict, unsigned int punished)
{
	struct xn_tally tally = { .punished = punished };
	struct xn_figures period = xn_figures_of(verdict, &tally, 10, 10, XN_CAUSE_NONE);

	xn_history_batch_add(batch, network, link, &period);
}

static void write_intervals(void)
{
	for (int i = 0; i < 3; i++) {
		struct xn_history_batch *batch = xn_history_batch_new(100 + i, 2);
		struct xn_verdict verdict = { .demand = 5e6, .el = 0.25, .conformity = i / 4.0 };

		assert_non_null(batch);
		add(batch, "a", "eth0", &verdict, 5);
		add(batch, "b", "eth0", &verdict, 0);
		xn_history_write(history, batch, &keep);
	}
}

static double real(const json_t *rows, size_t at, const char *key)
{
	return json_real_value(json_object_get(json_array_get(rows, at), key));
}

static void history_is_read_newest_last(void **state)
{
	json_t *rows;

	(void)state;
	write_intervals();
	rows = read_rows("a", 2);
	assert_int_equal(json_array_size(rows), 2);
	assert_true(real(rows, 0, "time") == 101 && real(rows, 1, "time") == 102);
	assert_true(real(rows, 1, "conformity") == 0.5 && real(rows, 1, "punished") == 0.5);
	assert_true(real(rows, 1, "demand_bps") == 5e6 && real(rows, 1, "el") == 0.25);
	json_decref(rows);
}

static void history_survives_a_restart(void **state)
{
	json_t *rows;

	(void)state;
	rows = read_rows("", 100);
	assert_int_equal(json_array_size(rows), 6);
	json_decref(rows);
}

/* CPU and memory are in their own units, under their own keys. */
static void other_resources_have_their_units(void **state)
{
	struct xn_history_batch *batch = xn_history_batch_new(200, 2);
	struct xn_verdict verdict = { .demand = 0.5, .through = 0.25 };
	json_t *rows;

	(void)state;
	add(batch, "c", "cpu", &verdict, 0);
	add(batch, "c", "memory", &verdict, 0);
	xn_history_write(history, batch, &keep);
	rows = read_rows("c", 2);
	assert_true(real(rows, 0, "demand_cores") == 0.5);
	assert_true(real(rows, 0, "throughput_cores") == 0.25);
	assert_true(real(rows, 1, "demand_routes") == 0.5);
	assert_null(json_object_get(json_array_get(rows, 0), "demand_bps"));
	assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 1), "resource")),
			    "memory");
	json_decref(rows);
}

/* Opening takes place elsewhere; who asks meanwhile is told. */
static void a_history_that_cannot_be_opened_is_told(void **state)
{
	struct xn_history *other;
	char *why = NULL;

	(void)state;
	assert_int_equal(xn_history_open(&other, "/proc/no/such/history.db", event), 0);
	assert_int_equal(xn_history_read(other, "", "", 1, on_failure, &why), 0);
	for (int i = 0; i < 1000 && !why; i++)
		assert_true(sd_event_run(event, 10000) >= 0);
	assert_non_null(why);
	assert_non_null(strstr(why, "/proc/no/such/history.db"));
	free(why);
	xn_history_close(other);
}

static void a_file_is_put_back_as_it_was(void **state)
{
	struct xn_backup backup;
	char text[64] = "";
	struct stat st;
	FILE *file;

	(void)state;
	fixture_write("x.yaml", "# a comment\nname: x\n");
	chmod(fixture_path("x.yaml"), 0640);
	assert_int_equal(xn_backup_take(&backup, fixture_path("x.yaml")), 0);
	fixture_write("x.yaml", "name: y\n");
	assert_int_equal(xn_backup_restore(&backup), 0);
	xn_backup_exit(&backup);
	file = fopen(fixture_path("x.yaml"), "r");
	assert_non_null(file);
	assert_int_equal(fread(text, 1, sizeof(text) - 1, file), 20);
	fclose(file);
	assert_string_equal(text, "# a comment\nname: x\n");
	assert_int_equal(stat(fixture_path("x.yaml"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void a_file_that_was_not_there_is_removed(void **state)
{
	struct xn_backup backup;
	struct stat st;

	(void)state;
	assert_int_equal(xn_backup_take(&backup, fixture_path("z.yaml")), 0);
	fixture_write("z.yaml", "name: z\n");
	assert_int_equal(xn_backup_restore(&backup), 0);
	xn_backup_exit(&backup);
	assert_int_equal(stat(fixture_path("z.yaml"), &st), -1);
}

#define ON_HISTORY(test) cmocka_unit_test_setup_teardown(test, open_history, close_history)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_HISTORY(history_is_read_newest_last),
		ON_HISTORY(history_survives_a_restart),
		ON_HISTORY(other_resources_have_their_units),
		ON_HISTORY(a_history_that_cannot_be_opened_is_told),
		cmocka_unit_test(a_file_is_put_back_as_it_was),
		cmocka_unit_test(a_file_that_was_not_there_is_removed),
	};

	return cmocka_run_group_tests(tests, NULL, fixture_exit);
}

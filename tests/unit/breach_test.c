// SPDX-License-Identifier: GPL-2.0-or-later
/* The SLA monitor's judgement: why who is punished, what broke a guarantee and whose fault that is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "core/breach.h"
#include "core/figures.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct xn_sla sold = { .rc = 10, .rl = 30, .rmax = 30 };

/* Link of 100, Ic 1 s, Il 10 s, half over. */
static const struct xn_resource half = { .capacity = 100, .ic = 1, .il = 10, .elapsed = 5 };

/* --- why --- */

static const struct {
	const char *what;
	struct xn_sla sla;
	double demand, used;
	double rival; /* demand of another, who was sold as much */
	enum xn_why why;
} punished[] = {
	{ "nothing was sold", { 0 }, 50, 0, 0, XN_WHY_UNSOLD },
	{ "restricted to rc", { 10, 0, 30, 30, true }, 50, 0, 0, XN_WHY_RESTRICTED },
	{ "all of rl is used", { 10, 0, 30, 30 }, 50, 250, 0, XN_WHY_SPENT },
	{ "flat: rc is rl", { 30, 0, 30, 30 }, 50, 150, 0, XN_WHY_SPENT },
	{ "what is left now is less than the demand", { 10, 0, 30, 30 }, 90, 240, 0, XN_WHY_SPENT },
	{ "up to its maximum", { 10, 0, 30, 35 }, 50, 300, 0, XN_WHY_SPENT },
	{ "another has a right to as much", { 10, 0, 60, 60 }, 100, 100, 100, XN_WHY_SHARED },
};

static void a_punishment_has_its_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(punished); i++) {
		struct xn_share shares[2] = {
			{ .sla = punished[i].sla,
			  .demand = punished[i].demand,
			  .used = punished[i].used },
			{ .sla = punished[i].sla, .demand = punished[i].rival },
		};
		struct xn_share *order[2];
		bool fits = xn_decide(&half, shares, order, 2);

		assert_true(shares[0].ratio > 0);
		if (xn_why(&half, &shares[0], fits) != punished[i].why)
			fail_msg("%s: %s", punished[i].what,
				 xn_why_name(xn_why(&half, &shares[0], fits)));
	}
}

static void guarantees_that_do_not_fit_are_the_reason(void **state)
{
	struct xn_share shares[2] = {
		{ .sla = { .rc = 80, .rl = 80, .rmax = 80 }, .demand = 80 },
		{ .sla = { .rc = 80, .rl = 80, .rmax = 80 }, .demand = 80 },
	};
	struct xn_share *order[2];
	bool fits = xn_decide(&half, shares, order, 2);

	(void)state;
	assert_false(fits);
	assert_int_equal(xn_why(&half, &shares[0], fits), XN_WHY_OVERSOLD);
}

/* --- moments --- */

/* The guarantee is 10, an Ic 1 s. */
static const struct {
	const char *what;
	double demand, through, ratio, seconds;
	bool down, oversold, exact;
	enum xn_cause cause; /* NONE: no breach */
} moments[] = {
	{ "all was let through", 10, 10, 0, 1, false, false, true, XN_CAUSE_NONE },
	{ "half a percent is missing", 10, 9.95, 0.005, 1, false, false, true, XN_CAUSE_NONE },
	{ "demand beyond contract", 100, 10, 0.9, 1, false, false, true, XN_CAUSE_NONE },
	{ "nothing was asked for", 0, 0, 0, 1, true, true, true, XN_CAUSE_NONE },
	{ "the link is down", 10, 0, 0, 1, true, true, true, XN_CAUSE_LINK_DOWN },
	{ "a tick was missed", 10, 5, 0.5, 3, false, true, true, XN_CAUSE_LATE },
	{ "guarantees do not fit", 10, 5, 0.5, 1, false, true, true, XN_CAUSE_OVERSOLD },
	{ "demand fell from 100", 20, 2, 0.9, 1, false, false, true, XN_CAUSE_REACTION },
	{ "somebody drops, too", 10, 5, 0, 1, false, false, true, XN_CAUSE_OTHERS },
	{ "more than was decided", 20, 4, 0.5, 1, false, false, true, XN_CAUSE_OTHERS },
	{ "routes come back late", 10, 5, 0, 1, false, false, false, XN_CAUSE_REACTION },
};

static struct xn_moment moment(size_t i)
{
	return (struct xn_moment){
		.sla = sold,
		.demand = moments[i].demand,
		.through = moments[i].through,
		.ratio = moments[i].ratio,
		.seconds = moments[i].seconds,
		.ic = 1,
		.down = moments[i].down,
		.oversold = moments[i].oversold,
		.exact = moments[i].exact,
	};
}

static void a_breach_has_its_cause(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(moments); i++) {
		struct xn_moment m = moment(i);
		struct xn_episode episode = { 0 }, ended;

		xn_episode_step(&episode, &m, xn_moment_error(&m), &ended);
		if (episode.cause != moments[i].cause)
			fail_msg("%s: %s", moments[i].what, xn_cause_name(episode.cause));
	}
}

static void names_are_read_again(void **state)
{
	(void)state;
	for (enum xn_cause c = XN_CAUSE_NONE + 1; c < XN_CAUSES; c++) {
		assert_int_equal(xn_cause_named(xn_cause_name(c)), c);
		assert_string_not_equal(xn_cause_text(c), "");
		assert_string_equal(xn_cause_fault(c),
				    c == XN_CAUSE_BURST ? "operator" : "provider");
	}
	assert_int_equal(xn_cause_named("weather"), XN_CAUSES);
}

/* An exclusive reservation is guaranteed, too: Ec does not see it, the monitor does. */
static void exclusive_reservations_count(void **state)
{
	struct xn_moment m = { .sla = { .rc = 10, .re = 10, .rl = 20, .rmax = 20 },
			       .demand = 20,
			       .through = 12 };

	(void)state;
	assert_true(xn_error(m.sla.rc, m.demand, m.through) == 0);
	assert_true(xn_moment_error(&m) > 0.39 && xn_moment_error(&m) < 0.41);
}

/* --- episodes --- */

static void a_row_of_bad_moments_is_one_breach(void **state)
{
	struct xn_moment fine = moment(0), down = moment(4), others = moment(8);
	const struct xn_moment *steps[] = { &fine, &down, &down, &down, &others, &fine, &fine };
	static const enum xn_turn turns[] = { XN_TURN_NONE, XN_TURN_BEGINS,  XN_TURN_NONE,
					      XN_TURN_NONE, XN_TURN_CHANGES, XN_TURN_ENDS,
					      XN_TURN_NONE };
	struct xn_episode episode = { 0 }, ended = { 0 };

	(void)state;
	for (size_t i = 0; i < N(steps); i++) {
		assert_int_equal(
			xn_episode_step(&episode, steps[i], xn_moment_error(steps[i]), &ended),
			turns[i]);
		if (turns[i] == XN_TURN_CHANGES) {
			assert_int_equal(ended.cause, XN_CAUSE_LINK_DOWN);
			assert_int_equal(ended.ticks, 3);
			assert_true(ended.seconds == 3 && ended.worst == 1);
		}
	}
	assert_int_equal(ended.cause, XN_CAUSE_OTHERS);
	assert_true(ended.worst == 0.5 && ended.seconds == 1);
	assert_false(episode.on);
}

/* --- the long interval --- */

/* Ten moments: what was asked for and what was let through in each half; rl is 30. */
static const struct {
	const char *what;
	double demand[2], through[2];
	bool down[2], overbooked;
	double seen; /* of its ten seconds */
	enum xn_cause cause;
} intervals[] = {
	{ "late burst, served as fast as could be",
	  { 0, 60 },
	  { 0, 40 },
	  {},
	  false,
	  10,
	  XN_CAUSE_BURST },
	{ "steady, and others took it", { 30, 30 }, { 30, 20 }, {}, false, 10, XN_CAUSE_CROWDED },
	{ "more was sold than there is", { 30, 30 }, { 20, 20 }, {}, true, 10, XN_CAUSE_OVERSOLD },
	{ "down in its second half",
	  { 30, 30 },
	  { 30, 0 },
	  { false, true },
	  true,
	  10,
	  XN_CAUSE_LINK_DOWN },
	{ "nobody watched", { 30, 30 }, { 10, 10 }, {}, false, 30, XN_CAUSE_LATE },
};

static void a_long_error_has_its_cause(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(intervals); i++) {
		struct xn_tally tally = { 0 };
		double through = 0;

		for (int k = 0; k < 10; k++) {
			struct xn_moment m = {
				.sla = sold,
				.demand = intervals[i].demand[k / 5],
				.through = intervals[i].through[k / 5],
				.down = intervals[i].down[k / 5],
				.overbooked = intervals[i].overbooked,
				.seconds = 1,
				.ic = 1,
			};

			xn_tally_add(&tally, &m, 0, 0);
			through += m.through;
		}
		if (xn_tally_cause(&tally, through, intervals[i].seen) != intervals[i].cause)
			fail_msg("%s: %s", intervals[i].what,
				 xn_cause_name(xn_tally_cause(&tally, through, intervals[i].seen)));
	}
}

static void punishments_are_counted(void **state)
{
	struct xn_moment m = { .sla = sold, .demand = 40, .through = 20, .seconds = 2, .ic = 2 };
	struct xn_verdict verdict = {
		.demand = 40, .through = 20, .ec_mean = 0.25, .conformity = 0.75
	};
	struct xn_tally tally = { 0 };
	struct xn_figures p, sum = { 0 };

	(void)state;
	xn_tally_add(&tally, &m, 0.5, XN_WHY_SPENT); /* not punished: no reason */
	m.ratio = 0.5;
	xn_tally_add(&tally, &m, 0, XN_WHY_SPENT);
	m.ratio = 0.25;
	xn_tally_add(&tally, &m, 0, XN_WHY_SHARED);
	p = xn_figures_of(&verdict, &tally, 3, 6, XN_CAUSE_BURST);
	assert_true(p.punished == 2 && p.why[XN_WHY_SPENT] == 1 && p.why[XN_WHY_SHARED] == 1);
	assert_true(p.ratio_max == 0.5 && xn_figures_depth(&p) == 0.375);
	assert_true(p.excused == 1 && p.breaches_long == 0 && p.rl == 180);
	xn_figures_add(&sum, &p);
	p.c_min = 0.5;
	xn_figures_add(&sum, &p);
	assert_true(sum.intervals == 2 && sum.c_min == 0.5 && sum.ratio_max == 0.5);
	assert_true(xn_figures_demand(&sum) == 40 && xn_figures_punished(&sum) > 0.66);
	assert_true(xn_figures_valid(&sum));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_punishment_has_its_reason),
		cmocka_unit_test(guarantees_that_do_not_fit_are_the_reason),
		cmocka_unit_test(a_breach_has_its_cause),
		cmocka_unit_test(names_are_read_again),
		cmocka_unit_test(exclusive_reservations_count),
		cmocka_unit_test(a_row_of_bad_moments_is_one_breach),
		cmocka_unit_test(a_long_error_has_its_cause),
		cmocka_unit_test(punishments_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Which days have the same sums, and when that changes: dates and events, without any sum. */
#include "daysum_impl.h"

void xn_daysum_set_date(struct xn_daysum *z, int32_t day)
{
	if (day == z->date_of)
		return;
	z->before = day == z->date_of + 1 ? z->date : xn_date_of(day - 1);
	z->date = xn_date_after(z->before);
	z->date_of = day;
}

size_t xn_daysum_first_event(const struct xn_daysum *z, int32_t day)
{
	size_t low = 0, high = z->n_events;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (z->events[middle].day < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* --- digests --------------------------------------------------------------------------------- */

/* Is any of its dates in the year, and some entry of it left? */
static bool is_alive(const struct pattern *p, int32_t first_day, int year)
{
	return first_day <= p->last + 1 && xn_when_in_year(p->when, year);
}

static void note_pattern(struct calendar *c, const struct pattern *p)
{
	bool from_end = p->when->last_days;
	uint32_t days = from_end ? p->when->last_days : p->when->days;
	uint64_t(*table)[32] = from_end ? c->last_days : c->days;

	for (int month = 1; month <= 12; month++)
		for (uint32_t left = p->when->months >> month & 1 ? days : 0; left;
		     left &= left - 1)
			table[month][__builtin_ctz(left)] ^= p->key;
}

/* @wraps: only patterns of which an entry reaches into the day after */
static void make_calendar(const struct xn_daysum *z, struct calendar *c, int year, bool wraps)
{
	int32_t first = xn_day_of((struct xn_date){ year, 1, 1 });
	uint64_t alive = 1;

	c->year = year;
	for (size_t p = 0; p < z->n_patterns; p++)
		if (is_alive(&z->patterns[p], first, year) && (z->patterns[p].wraps || !wraps))
			alive += z->patterns[p].key;
	if (alive == c->alive)
		return;
	*c = (struct calendar){ .year = year, .alive = alive };
	for (size_t p = 0; p < z->n_patterns; p++)
		if (is_alive(&z->patterns[p], first, year) && (z->patterns[p].wraps || !wraps))
			note_pattern(c, &z->patterns[p]);
}

static uint64_t look_up(const struct calendar *c, struct xn_date date)
{
	int left = xn_month_length(date.year, date.month) - date.day + 1;

	return c->days[date.month][date.day] ^ c->last_days[date.month][left];
}

static uint64_t dates_digest(struct xn_daysum *z, int32_t day)
{
	xn_daysum_set_date(z, day);
	if (z->today.year != z->date.year)
		make_calendar(z, &z->today, z->date.year, false);
	if (z->yesterday.year != z->before.year)
		make_calendar(z, &z->yesterday, z->before.year, true);
	return xn_daysum_mix(xn_daysum_mix(1, look_up(&z->today, z->date)),
			     look_up(&z->yesterday, z->before));
}

uint64_t xn_daysum_digest(struct xn_daysum *z, int32_t day)
{
	size_t i = day & 1;
	uint64_t digest = 1;

	if (z->known[i] == day)
		return z->digests[i];
	if (z->n_events) {
		/* what begins or has ended counts on its day, and on the day after */
		digest = xn_daysum_mix(digest, xn_daysum_first_event(z, day));
		digest = xn_daysum_mix(digest, xn_daysum_first_event(z, day + 1));
	}
	if (z->n_patterns)
		digest = xn_daysum_mix(digest, dates_digest(z, day));
	z->known[i] = day;
	z->digests[i] = digest;
	return digest;
}

/* --- what comes ------------------------------------------------------------------------------ */

const struct xn_zone *xn_daysum_zone(const struct xn_daysum *z)
{
	return z->zone;
}

int xn_daysum_last_year(const struct xn_daysum *z, int year)
{
	if (z->n_events) {
		int last = xn_date_of(z->events[z->n_events - 1].day + WEEK).year;

		year = last > year ? last : year;
	}
	for (size_t p = 0; p < z->n_patterns; p++) {
		const struct xn_when *when = z->patterns[p].when;

		for (size_t i = 0; i < when->n_years; i++)
			year = when->years[i].to > year ? when->years[i].to : year;
	}
	return year;
}

/* The next day of which the dates are not as a week before. */
static int32_t next_of_dates(struct xn_daysum *z, int32_t day, int32_t none)
{
	uint64_t week[WEEK], digest;

	for (int32_t before = day - WEEK; before < day; before++)
		week[xn_weekday(before)] = dates_digest(z, before);
	for (int weekday = xn_weekday(day); day < none; day++) {
		digest = dates_digest(z, day);
		if (digest != week[weekday])
			return day;
		weekday = weekday < WEEK - 1 ? weekday + 1 : 0;
	}
	return none;
}

int32_t xn_daysum_next_change(struct xn_daysum *z, int32_t day, int32_t none)
{
	size_t e = xn_daysum_first_event(z, day);

	if (e < z->n_events && z->events[e].day < none)
		none = z->events[e].day;
	return z->n_patterns ? next_of_dates(z, day, none) : none;
}

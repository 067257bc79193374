// SPDX-License-Identifier: GPL-2.0-only
/* The drop decision: both samplers drop the ratio they are told to, of everything. */
#include <kunit/test.h>
#include <linux/math64.h>
#include <linux/xnetman.h>

#include "drop.h"

#define PACKETS 100000U
#define SEED	20240229U

/* --- thresholds and classes ------------------------------------------------------------ */

static const struct {
	u32 ppb, threshold;
} thresholds[] = {
	{ 0, 0 },
	{ 1, 2 },
	{ 250000000, XNET_THRESHOLD_ONE / 4 },
	{ 500000000, XNET_THRESHOLD_ONE / 2 },
	{ 999999999, XNET_THRESHOLD_ONE - 2 },
	{ XNETMAN_RATIO_ONE, XNET_THRESHOLD_ONE },
};

static void threshold_is_the_nearest(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(thresholds); i++)
		KUNIT_EXPECT_EQ(test, xnet_threshold(thresholds[i].ppb), thresholds[i].threshold);
}

static void threshold_gives_its_ratio_back(struct kunit *test)
{
	u32 ppb;

	for (ppb = 0; ppb < XNETMAN_RATIO_ONE; ppb += 9973)
		KUNIT_ASSERT_EQ(test, xnet_threshold_ppb(xnet_threshold(ppb)), ppb);
	KUNIT_EXPECT_EQ(test, xnet_threshold_ppb(XNET_THRESHOLD_ONE), XNETMAN_RATIO_ONE);
}

static const struct {
	u64 bytes;
	unsigned int class;
} classes[] = {
	{ 0, 0 },      { 63, 0 },     { 64, 0 },     { 79, 0 },	      { 80, 1 },
	{ 127, 3 },    { 128, 4 },    { 1514, 17 },  { 1536, 18 },    { 57343, 38 },
	{ 57344, 39 }, { 65535, 39 }, { 65536, 39 }, { U64_MAX, 39 },
};

static void class_is_a_quarter_octave(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(classes); i++)
		KUNIT_EXPECT_EQ_MSG(test, xnet_size_class(classes[i].bytes), classes[i].class,
				    "of %llu bytes", classes[i].bytes);
}

/* --- mixes of sizes -------------------------------------------------------------------- */

struct mix {
	const char *name;
	u32 (*size)(u32 i, struct rnd_state *rnd);
};

static u32 size_one(u32 i, struct rnd_state *rnd)
{
	return 1514;
}

static u32 size_uniform(u32 i, struct rnd_state *rnd)
{
	return 60 + prandom_u32_state(rnd) % 1455;
}

static u32 size_imix(u32 i, struct rnd_state *rnd)
{
	u32 draw = prandom_u32_state(rnd) % 12;

	return draw < 7 ? 60 : draw < 11 ? 590 : 1514;
}

/* A request, then its answer in full packets and a shorter last one, over and over. */
static u32 size_periodic(u32 i, struct rnd_state *rnd)
{
	static const u32 period[] = { 66, 1514, 1514, 1514, 66, 1514, 1514, 777 };

	return period[i % ARRAY_SIZE(period)];
}

static u32 size_gso(u32 i, struct rnd_state *rnd)
{
	return prandom_u32_state(rnd) % 2 ? 66 : 1514 + 1448 * (prandom_u32_state(rnd) % 45);
}

static const struct mix mixes[] = {
	{ "packets of one size", size_one },
	{ "uniform sizes", size_uniform },
	{ "IMIX", size_imix },
	{ "a periodic pattern of sizes", size_periodic },
	{ "ACKs and GSO packets", size_gso },
};

static void mix_name(const struct mix *mix, char *desc)
{
	strscpy(desc, mix->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(mix, mixes, mix_name);

/* --- systematic ------------------------------------------------------------------------ */

struct walk {
	u32 phases[XNET_CLASSES];
	u32 start;
	struct rnd_state rnd; /* of the traffic */
};

struct tally {
	u64 bytes, packets;
	u64 dropped_bytes, dropped_packets;
};

static struct walk *walk_new(struct kunit *test, u64 seed)
{
	struct walk *walk = kunit_kzalloc(test, sizeof(*walk), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, walk);
	prandom_seed_state(&walk->rnd, seed);
	prandom_bytes_state(&walk->rnd, walk->phases, sizeof(walk->phases));
	walk->start = prandom_u32_state(&walk->rnd);
	return walk;
}

static bool walk_on(struct walk *walk, u32 bytes, u32 threshold)
{
	return xnet_drop_systematic(&walk->phases[xnet_size_class(bytes)], walk->start, threshold);
}

static void walk_mix(struct walk *walk, const struct mix *mix, u32 threshold, u32 packets,
		     struct tally *tally)
{
	u32 i, bytes;

	for (i = 0; i < packets; i++) {
		bytes = mix->size(i, &walk->rnd);
		tally->bytes += bytes;
		tally->packets++;
		if (walk_on(walk, bytes, threshold)) {
			tally->dropped_bytes += bytes;
			tally->dropped_packets++;
		}
	}
}

static void systematic_ends_are_exact(struct kunit *test)
{
	const struct mix *mix = test->param_value;
	struct walk *walk = walk_new(test, SEED);
	struct tally none = {}, all = {};

	walk_mix(walk, mix, 0, PACKETS, &none);
	walk_mix(walk, mix, XNET_THRESHOLD_ONE, PACKETS, &all);
	KUNIT_EXPECT_EQ(test, none.dropped_packets, 0ULL);
	KUNIT_EXPECT_EQ(test, all.dropped_packets, (u64)PACKETS);
	KUNIT_EXPECT_EQ(test, all.dropped_bytes, all.bytes);
}

/* |dropped / offered - ratio| <= 0.1% of the ratio, in integers */
static void expect_permille(struct kunit *test, u64 dropped, u64 offered, u32 ppb, const char *what)
{
	u64 want = mul_u64_u32_div(offered, ppb, XNETMAN_RATIO_ONE);
	u64 off = dropped > want ? dropped - want : want - dropped;

	KUNIT_EXPECT_LE_MSG(test, off * 1000, want, "%llu of %llu %s dropped at %u ppb", dropped,
			    offered, what, ppb);
}

static const u32 ratios[] = { 200000000, 333333333, 500000000, 618033989, 800000000, 950000000 };

static void systematic_keeps_the_ratio(struct kunit *test)
{
	const struct mix *mix = test->param_value;
	struct tally tally;
	int i;

	for (i = 0; i < ARRAY_SIZE(ratios); i++) {
		memset(&tally, 0, sizeof(tally));
		walk_mix(walk_new(test, SEED + i), mix, xnet_threshold(ratios[i]), PACKETS, &tally);
		expect_permille(test, tally.dropped_packets, tally.packets, ratios[i], "packets");
		expect_permille(test, tally.dropped_bytes, tally.bytes, ratios[i], "bytes");
	}
}

/* Where 0.1% of the ratio would be a fraction of a packet: a few packets. */
static void systematic_keeps_small_ratios(struct kunit *test)
{
	static const u32 small[] = { 1000, 100000, 1000000, 10000000, 50000000 };
	const struct mix *mix = test->param_value;
	struct tally tally;
	s64 want;
	int i;

	for (i = 0; i < ARRAY_SIZE(small); i++) {
		memset(&tally, 0, sizeof(tally));
		walk_mix(walk_new(test, SEED + i), mix, xnet_threshold(small[i]), PACKETS, &tally);
		want = (u64)PACKETS * small[i] / XNETMAN_RATIO_ONE;
		KUNIT_EXPECT_LE_MSG(test, abs((s64)tally.dropped_packets - want), 20LL,
				    "%llu packets dropped at %u ppb", tally.dropped_packets,
				    small[i]);
	}
}

static void systematic_treats_sizes_alike(struct kunit *test)
{
	static const u32 sizes[] = { 60, 90, 150, 300, 600, 1000, 1514, 9000, 65000 };
	static const u32 ppb = 370000000;
	struct walk *walk = walk_new(test, SEED);
	s64 seen[ARRAY_SIZE(sizes)] = {}, dropped[ARRAY_SIZE(sizes)] = {};
	u32 i, k;

	for (i = 0; i < PACKETS; i++) {
		k = prandom_u32_state(&walk->rnd) % ARRAY_SIZE(sizes);
		seen[k]++;
		dropped[k] += walk_on(walk, sizes[k], xnet_threshold(ppb));
	}
	for (k = 0; k < ARRAY_SIZE(sizes); k++)
		KUNIT_EXPECT_LE_MSG(
			test, abs(dropped[k] - div_s64(seen[k] * ppb, XNETMAN_RATIO_ONE)), 3LL,
			"%lld of %lld packets of %u bytes dropped", dropped[k], seen[k], sizes[k]);
}

/*
 * A flow that has every n-th packet of its class is off by less than n packets,
 * however long it goes on: it can't get through more than its part. The periods
 * are the worst for the golden ratio: Fibonacci numbers.
 */
static void systematic_locks_to_no_period(struct kunit *test)
{
	static const u32 periods[] = { 2, 3, 5, 8, 13, 21, 34, 55, 89, 144 };
	struct walk *walk;
	s64 dropped;
	u32 p, i;

	for (p = 0; p < ARRAY_SIZE(periods); p++) {
		walk = walk_new(test, SEED + p);
		dropped = 0;
		for (i = 0; i < PACKETS * periods[p]; i++)
			if (walk_on(walk, 1514, XNET_THRESHOLD_ONE / 2) && i % periods[p] == 0)
				dropped++;
		KUNIT_EXPECT_LE_MSG(test, abs(dropped - PACKETS / 2), (s64)periods[p],
				    "%lld of %u packets dropped, period %u", dropped, PACKETS,
				    periods[p]);
	}
}

/* Pushes that repeat a ratio go on with the walk; it must not matter where it is cut. */
static void systematic_is_even_in_short_windows(struct kunit *test)
{
	struct walk *walk = walk_new(test, SEED);
	struct tally window;
	int i;

	for (i = 0; i < 1000; i++) {
		memset(&window, 0, sizeof(window));
		walk_mix(walk, &mixes[0], xnet_threshold(300000000), 100, &window);
		KUNIT_ASSERT_LE(test, abs((s64)window.dropped_packets - 30), 2LL);
	}
}

/* Random phases: what befalls a small packet says nothing of the big one after it. */
static void classes_are_independent(struct kunit *test)
{
	u32 i, both = 0, rounds = 40000;

	for (i = 0; i < rounds; i++) {
		struct walk walk = {};
		bool small, big;

		prandom_seed_state(&walk.rnd, SEED + 7919ULL * i);
		prandom_bytes_state(&walk.rnd, walk.phases, sizeof(walk.phases));
		prandom_bytes_state(&walk.rnd, walk.phases, sizeof(walk.phases));
		small = walk_on(&walk, 60, XNET_THRESHOLD_ONE / 2);
		big = walk_on(&walk, 1514, XNET_THRESHOLD_ONE / 2);
		both += small && big;
	}
	/* binomial(40000, 1/4): sigma 87 */
	KUNIT_EXPECT_LE(test, abs((s64)both - rounds / 4), 4 * 87LL);
}

/* --- Bernoulli ------------------------------------------------------------------------- */

static void bernoulli_ends_are_exact(struct kunit *test)
{
	struct rnd_state rnd;
	u32 i, none = 0, all = 0;

	prandom_seed_state(&rnd, SEED);
	for (i = 0; i < PACKETS; i++) {
		none += xnet_drop_bernoulli(&rnd, 0);
		all += xnet_drop_bernoulli(&rnd, XNET_THRESHOLD_ONE);
	}
	KUNIT_EXPECT_EQ(test, none, 0U);
	KUNIT_EXPECT_EQ(test, all, PACKETS);
}

/* The ratio, and the ratio squared of pairs, within 4 sigma. */
static void bernoulli_draws_independently(struct kunit *test)
{
	struct rnd_state rnd;
	u32 i, dropped = 0, pairs = 0;
	bool now, before = false;

	prandom_seed_state(&rnd, SEED);
	for (i = 0; i < PACKETS; i++) {
		now = xnet_drop_bernoulli(&rnd, xnet_threshold(300000000));
		dropped += now;
		pairs += now && before;
		before = now;
	}
	/* n = 100,000: sigma = sqrt(n r (1 - r)) = 145; of the pairs, which overlap, 114 */
	KUNIT_EXPECT_LE(test, abs((s64)dropped - 30000), 4 * 145LL);
	KUNIT_EXPECT_LE(test, abs((s64)pairs - 9000), 4 * 114LL);
}

static struct kunit_case drop_cases[] = {
	KUNIT_CASE(threshold_is_the_nearest),
	KUNIT_CASE(threshold_gives_its_ratio_back),
	KUNIT_CASE(class_is_a_quarter_octave),
	KUNIT_CASE_PARAM(systematic_ends_are_exact, mix_gen_params),
	KUNIT_CASE_PARAM(systematic_keeps_the_ratio, mix_gen_params),
	KUNIT_CASE_PARAM(systematic_keeps_small_ratios, mix_gen_params),
	KUNIT_CASE(systematic_treats_sizes_alike),
	KUNIT_CASE(systematic_locks_to_no_period),
	KUNIT_CASE(systematic_is_even_in_short_windows),
	KUNIT_CASE(classes_are_independent),
	KUNIT_CASE(bernoulli_ends_are_exact),
	KUNIT_CASE(bernoulli_draws_independently),
	{}
};

static struct kunit_suite drop_suite = {
	.name = "xnetman_drop",
	.test_cases = drop_cases,
};

kunit_test_suite(drop_suite);

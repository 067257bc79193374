// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An operator's tc configuration in Dom0: what is refused and why, what becomes of what is taken, and that what goes
 * to the kernel means what was told: the guest's reader, which reads the kernel's messages, reads it back.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/operator_check.h"
#include "daemon/operator_map.h"
#include "daemon/tc.h"
#include "guest/tc.h"
#include "qos_sample.h"

#define MARKS 0xfff00000u

static struct xn_qos qos, mapped;
static const uint16_t majors[XN_QDISCS_MAX] = {
	0x4000, 0x4001, 0x4002, 0x4003, 0x4004, 0x4005, 0x4006, 0x4007,
	0x4008, 0x4009, 0x400a, 0x400b, 0x400c, 0x400d, 0x400e, 0x400f,
};
static const struct xn_operator_place place = { 0x50000002, majors, MARKS };

/* --- what is refused --- */

static void other_qdisc(void)
{
	qos.qdiscs[0].kind = XN_QDISC_OTHER;
	memset(qos.qdiscs[0].name, 0, XN_QOS_WORD);
	strcpy(qos.qdiscs[0].name, "netem");
}

static void other_filter(void)
{
	qos.filters[0].kind = XN_FILTER_OTHER;
	memset(qos.filters[0].name, 0, XN_QOS_WORD);
	strcpy(qos.filters[0].name, "bpf");
}

static void add_action(size_t filter, struct xn_action action)
{
	struct xn_filter *f = &qos.filters[filter];

	f->actions[f->n_actions++] = action;
}

static void mirred(void)
{
	add_action(0, (struct xn_action){ XN_ACTION_OTHER, .name = "mirred" });
}

static void goto_chain(void)
{
	add_action(0, (struct xn_action){ XN_ACTION_GACT, TC_ACT_GOTO_CHAIN | 5 });
}

static void trap(void)
{
	add_action(0, (struct xn_action){ XN_ACTION_GACT, TC_ACT_TRAP });
}

static void skbedit_foreign_priority(void)
{
	add_action(0,
		   (struct xn_action){ XN_ACTION_SKBEDIT, TC_ACT_PIPE,
				       .skbedit = { .has_priority = 1, .priority = 0x7f000008 } });
}

static void skbedit_foreign_mark(void)
{
	add_action(0, (struct xn_action){ XN_ACTION_SKBEDIT, TC_ACT_PIPE,
					  .skbedit = { .has_mark = 1, .mark = 0x00100000 } });
}

static void skbedit_at_ingress(void)
{
	add_action(3, (struct xn_action){ XN_ACTION_SKBEDIT, TC_ACT_PIPE,
					  .skbedit = { .has_mark = 1, .mark = 1 } });
}

static void police_without_rate(void)
{
	qos.filters[3].actions[0].police.rate.rate = 0;
}

static void police_to_chain(void)
{
	qos.filters[3].actions[0].police.conform = TC_ACT_GOTO_CHAIN | 1;
}

static void two_polices(void)
{
	add_action(3, qos.filters[3].actions[0]);
}

static void fw_of_dom0(void)
{
	qos.filters[2].fw.mark = 0x00100007;
}

static void class_of_another(void)
{
	qos.filters[0].class = 0x7f000008;
}

static void class_that_is_not(void)
{
	qos.filters[0].class = 0x10099;
}

static void filter_at_another(void)
{
	qos.filters[0].parent = 0x7f000000;
}

static void filter_at_fq_codel(void)
{
	qos.filters[0].parent = 0x100000;
}

static void filter_upwards(void)
{
	qos.filters[0].parent = 0x10001;
	qos.filters[0].class = 0x10001;
}

static void two_roots(void)
{
	qos.qdiscs[1].parent = XN_QOS_ROOT;
}

static void two_of_one_handle(void)
{
	qos.qdiscs[1].handle = 0x10000;
}

static void qdisc_below_nothing(void)
{
	qos.qdiscs[1].parent = 0x10099;
}

static void qdisc_below_another(void)
{
	qos.qdiscs[1].parent = 0x7f000008;
}

static void qdisc_below_inner(void)
{
	qos.qdiscs[1].parent = 0x10001;
}

static void qdisc_in_itself(void)
{
	qos.qdiscs[2].parent = 0x200001;
}

static void qdiscs_in_a_circle(void)
{
	qos.qdiscs[1] = qos.qdiscs[2];
	qos.qdiscs[1].handle = 0x100000;
	qos.qdiscs[1].parent = 0x200001;
	qos.qdiscs[2].parent = 0x100001;
}

static void deep(void)
{
	for (size_t i = 3; i < 7; i++)
		qos.qdiscs[i] = (struct xn_qdisc){
			.kind = XN_QDISC_PRIO,
			.handle = (0x30 + i) << 16,
			.parent = i == 3 ? 0x200001 : (0x2f + i) << 16 | 1,
			.prio = { .bands = 2 },
		};
	qos.n_qdiscs = 7;
}

static void class_circle(void)
{
	qos.classes[0].parent = 0x10010;
	qos.n_qdiscs = 1;
	qos.n_filters = 0;
}

static void class_below_another(void)
{
	qos.classes[1].parent = 0x7f000001;
}

static void class_of_no_htb(void)
{
	qos.classes[1].id = 0x200001;
	qos.qdiscs[1] = qos.qdiscs[2];
	qos.n_qdiscs = 2;
	qos.n_filters = 0;
}

static void class_twice(void)
{
	qos.classes[2].id = 0x10010;
	qos.n_qdiscs = 2;
	qos.n_filters = 0;
}

static void class_without_rate(void)
{
	qos.classes[1].rate.rate = 0;
}

static void overhead(void)
{
	qos.classes[1].rate.overhead = 65526; /* -10 */
}

static void bands(void)
{
	qos.qdiscs[2].prio.bands = 1;
}

static void priomap(void)
{
	qos.qdiscs[2].prio.map[5] = 3;
}

static void default_far(void)
{
	qos.qdiscs[0].default_class = 0x10000;
}

static void cakes(void)
{
	qos.n_filters = 0;
	qos.n_qdiscs = 1;
	qos.qdiscs[0] = (struct xn_qdisc){ .kind = XN_QDISC_PRIO,
					   .handle = 0x10000,
					   .parent = XN_QOS_ROOT,
					   .prio = { 8, { 0 } } };
	qos.n_classes = 0;
	for (uint32_t i = 1; i <= 5; i++)
		qos.qdiscs[qos.n_qdiscs++] = (struct xn_qdisc){ .kind = XN_QDISC_CAKE,
								.handle = (0x20 + i) << 16,
								.parent = 0x10000 + i,
								.cake = { .rtt = 100000 } };
}

static void u32_far(void)
{
	qos.filters[1].u32.keys[0].offset = 128;
}

static void u32_odd(void)
{
	qos.filters[1].u32.keys[0].offset = 6;
}

static void flower_ports(void)
{
	qos.filters[0].flower.protocol = IPPROTO_GRE;
}

static void flower_family(void)
{
	qos.filters[0].flower.dst.family = AF_INET6;
}

static void flower_bits(void)
{
	qos.filters[0].flower.dst_length = 8;
}

static void protocol(void)
{
	qos.filters[1].protocol = ETH_P_8021Q;
}

static void one_prio(void)
{
	qos.filters[1].prio = 10;
}

static void many_flowers(void)
{
	struct xn_filter f = qos.filters[0];

	for (qos.n_filters = 0; qos.n_filters < 9; qos.n_filters++) {
		f.prio++;
		qos.filters[qos.n_filters] = f;
	}
}

static void many_keys(void)
{
	struct xn_filter f = qos.filters[1];

	f.u32.n = XN_FILTER_KEYS_MAX;
	for (qos.n_filters = 0; qos.n_filters < 22; qos.n_filters++)
		qos.filters[qos.n_filters] = f;
}

static void tbf_nothing(void)
{
	qos.qdiscs[1] = (struct xn_qdisc){ .kind = XN_QDISC_TBF,
					   .handle = 0x100000,
					   .parent = 0x10010,
					   .tbf = { .rate = { .rate = 1 }, .limit = 1 } };
}

static const struct {
	void (*spoil)(void);
	const char *why;
} refusals[] = {
	{ other_qdisc, "qdisc 1 netem: is not carried" },
	{ other_filter, "filter parent 1:0 pref 10 bpf: is not carried" },
	{ mirred, "pref 10 mirred: is not carried" },
	{ goto_chain, "gact does pass, drop, pipe or continue" },
	{ trap, "gact does pass, drop, pipe or continue" },
	{ skbedit_foreign_priority, "skbedit to a priority that is no class of this interface" },
	{ skbedit_foreign_mark, "skbedit to a mark that is one of Dom0's" },
	{ skbedit_at_ingress, "filter ingress pref 1 matchall: skbedit at ingress" },
	{ police_without_rate, "a rate of 0" },
	{ police_to_chain, "police does ok, drop, pipe or continue" },
	{ two_polices, "one police a filter" },
	{ fw_of_dom0, "its mark is one of Dom0's" },
	{ class_of_another, "its class is not there" },
	{ class_that_is_not, "its class is not there" },
	{ filter_at_another,
	  "filter parent 7f00:0 pref 10 flower: only HTB and PRIO have filters" },
	{ filter_at_fq_codel, "only HTB and PRIO have filters" },
	{ filter_upwards, "its class is not below the one it is at" },
	{ two_roots, "two are in one place" },
	{ two_of_one_handle, "is there twice" },
	{ qdisc_below_nothing, "is below a class that there is not" },
	{ qdisc_below_another, "is below a class that there is not" },
	{ qdisc_below_inner, "is below a class that has classes below it" },
	{ qdisc_in_itself, "more than 4 qdiscs are one in another" },
	{ qdiscs_in_a_circle, "more than 4 qdiscs are one in another" },
	{ deep, "more than 4 qdiscs are one in another" },
	{ class_circle, "more than 4 classes are one in another" },
	{ class_below_another, "class 1:10: its parent is of another qdisc" },
	{ class_of_no_htb, "class 20:1: it is of no HTB" },
	{ class_twice, "class 1:10: is there twice" },
	{ class_without_rate, "a rate of 0" },
	{ overhead, "an overhead above 256" },
	{ bands, "bands are 2 to 16" },
	{ priomap, "its priomap names a band" },
	{ default_far, "its default is no class" },
	{ cakes, "more than 4 cake" },
	{ u32_far, "u32 looks at the first 128 bytes" },
	{ u32_odd, "four by four" },
	{ flower_ports, "ports of a protocol without" },
	{ flower_family, "an address of another protocol" },
	{ flower_bits, "bits of an address behind its length" },
	{ protocol, "protocols are all, ip, ipv6, arp" },
	{ one_prio, "another kind or protocol has its prio" },
	{ many_flowers, "more than 8 different sets of fields" },
	{ many_keys, "more than 192 filters and keys" },
	{ tbf_nothing, "a burst or limit of 0" },
};

static void what_makes_no_sense_is_refused_by_name(void **state)
{
	struct xn_err err = { "" };

	(void)state;
	sample_qos(&qos);
	assert_int_equal(xn_operator_check(&qos, MARKS, &err), 0);
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		sample_qos(&qos);
		refusals[i].spoil();
		if (!xn_operator_check(&qos, MARKS, &err))
			fail_msg("case %zu is taken: %s", i, refusals[i].why);
		if (!strstr(err.text, refusals[i].why))
			fail_msg("case %zu: '%s' says nothing of '%s'", i, err.text,
				 refusals[i].why);
	}
}

/* --- what becomes of what is taken --- */

static const struct xn_filter *first_of(uint32_t parent, uint8_t kind)
{
	for (size_t i = 0; i < mapped.n_filters; i++)
		if (mapped.filters[i].parent == parent && mapped.filters[i].kind == kind)
			return &mapped.filters[i];
	fail_msg("no such filter");
	return NULL;
}

static void handles_are_ours_minors_his(void **state)
{
	struct xn_operator_share share;

	(void)state;
	sample_qos(&qos);
	share = xn_operator_map(&qos, &place, &mapped);
	assert_int_equal(mapped.n_qdiscs, 3); /* clsact is another device's */
	assert_int_equal(mapped.qdiscs[0].handle, 0x40000000);
	assert_int_equal(mapped.qdiscs[0].parent, 0x50000002);
	assert_int_equal(mapped.qdiscs[1].parent, 0x40000010);
	assert_int_equal(mapped.qdiscs[2].handle, 0x40020000);
	assert_int_equal(mapped.classes[0].parent, 0x40000000);
	assert_int_equal(mapped.classes[2].id, 0x40000020);
	assert_int_equal(first_of(0x40000000, XN_FILTER_FLOWER)->class, 0x40000010);
	assert_int_equal(first_of(0x40020000, XN_FILTER_FW)->class, 0x40020001);
	/* HTB's rest, fq_codel, three bands */
	assert_int_equal(share.packets, XN_QOS_PACKETS / 5);
	assert_int_equal(mapped.qdiscs[1].fq_codel.memory, XN_QOS_BYTES / 5);
	assert_int_equal(mapped.qdiscs[1].fq_codel.limit, XN_QOS_PACKETS / 5);
}

static void the_network_is_no_reason_to_borrow_log_lines(void **state)
{
	(void)state;
	sample_qos(&qos);
	qos.classes[1].quantum = 1;
	qos.classes[2].quantum = UINT32_MAX;
	xn_operator_map(&qos, &place, &mapped);
	assert_int_equal(mapped.classes[1].quantum, 1000);
	assert_int_equal(mapped.classes[2].quantum, 200000);
}

/* TOS 0x10 is interactive: band 0 of the sample's map; 0x08 bulk: band 2; all else is band 1. */
static void prio_keeps_what_tos_means(void **state)
{
	static const struct {
		uint32_t value, class;
	} want[] = { { 0x080000, 0x40020003 }, { 0x100000, 0x40020001 } };
	size_t found = 0;

	(void)state;
	sample_qos(&qos);
	xn_operator_map(&qos, &place, &mapped);
	for (size_t i = 0; i < 16; i++)
		assert_int_equal(mapped.qdiscs[2].prio.map[i], 1);
	for (size_t i = 0; i < mapped.n_filters; i++) {
		const struct xn_filter *f = &mapped.filters[i];

		if (f->parent != 0x40020000 || f->kind != XN_FILTER_U32)
			continue;
		assert_true(found < 2);
		assert_int_equal(f->u32.keys[0].value, want[found].value);
		assert_int_equal(f->u32.keys[0].mask, 0x180000);
		assert_int_equal(f->class, want[found++].class);
		assert_true(f->prio > 64); /* behind his own */
	}
	assert_int_equal(found, 2);
}

static void filters_see_any_protocol_and_ask_for_their_version(void **state)
{
	const struct xn_filter *f;

	(void)state;
	sample_qos(&qos);
	xn_operator_map(&qos, &place, &mapped);
	f = first_of(0x40000000, XN_FILTER_U32);
	assert_int_equal(f->u32.n, 2);
	assert_int_equal(f->u32.keys[1].mask, 0xf0000000);
	assert_int_equal(f->u32.keys[1].value, 0x40000000);
	assert_int_equal(f->protocol, ETH_P_ALL);
}

static void marks_of_dom0_are_not_looked_at(void **state)
{
	(void)state;
	sample_qos(&qos);
	xn_operator_map(&qos, &place, &mapped);
	assert_int_equal(first_of(0x40020000, XN_FILTER_FW)->fw.mask, ~MARKS);
}

static void what_is_at_ingress_goes_to_the_device(void **state)
{
	(void)state;
	sample_qos(&qos);
	xn_operator_map(&qos, &place, &mapped);
	for (size_t i = 0; i < mapped.n_filters; i++)
		assert_false(xn_qos_on_device(&mapped.filters[i]));
	xn_operator_map_device(&qos, XN_QOS_INGRESS, &mapped);
	assert_int_equal(mapped.n_filters, 1);
	assert_int_equal(mapped.filters[0].actions[0].verdict, TC_ACT_SHOT); /* not 16 times anew */
	xn_operator_map_device(&qos, XN_QOS_EGRESS, &mapped);
	assert_int_equal(mapped.n_filters, 0);
}

static void filters_are_asked_by_prio_then_as_told(void **state)
{
	(void)state;
	sample_qos(&qos);
	qos.n_filters = 4;
	for (size_t i = 0; i < 4; i++) {
		qos.filters[i] = qos.filters[1];
		qos.filters[i].u32.keys[0].value = i;
		qos.filters[i].u32.keys[0].mask = 0xff;
	}
	qos.filters[0].prio = 30;
	qos.filters[3].prio = 65535;
	xn_operator_map(&qos, &place, &mapped);
	assert_int_equal(mapped.filters[0].u32.keys[0].value, 1);
	assert_int_equal(mapped.filters[1].u32.keys[0].value, 2);
	assert_int_equal(mapped.filters[2].u32.keys[0].value, 0);
	assert_int_equal(mapped.filters[3].u32.keys[0].value, 3);
	assert_int_equal(mapped.filters[0].prio, mapped.filters[1].prio);
	assert_int_equal(mapped.filters[3].prio, 3);
}

/* --- what goes to the kernel, read back --- */

static struct nlmsghdr *header(struct nl_msg *msg)
{
	assert_non_null(msg);
	return nlmsg_hdr(msg);
}

static void read_back_qdiscs(void)
{
	for (size_t i = 0; i < mapped.n_qdiscs; i++) {
		struct nl_msg *msg = xn_tc_qdisc(7, &mapped.qdiscs[i], 100, NLM_F_CREATE);
		struct xn_qdisc back;

		assert_true(xn_tc_parse_qdisc(header(msg), &back));
		assert_memory_equal(&back, &mapped.qdiscs[i], sizeof(back));
		nlmsg_free(msg);
	}
}

static void read_back_classes(void)
{
	for (size_t i = 0; i < mapped.n_classes; i++) {
		struct nl_msg *msg = xn_tc_class(7, &mapped.classes[i], NLM_F_CREATE);
		struct xn_class back;

		assert_true(xn_tc_parse_class(header(msg), &back));
		assert_memory_equal(&back, &mapped.classes[i], sizeof(back));
		nlmsg_free(msg);
	}
}

/* The kernel gives each a handle; and does not tell of rate tables. */
static struct nlmsghdr *as_told_by_kernel(struct nl_msg *msg)
{
	struct tcmsg *tcm = nlmsg_data(header(msg));

	if (!tcm->tcm_handle)
		tcm->tcm_handle = 0x80000800;
	return nlmsg_hdr(msg);
}

static void read_back_filters(void)
{
	for (size_t i = 0; i < mapped.n_filters; i++) {
		struct xn_filter want = mapped.filters[i], back;
		struct nl_msg *msg = xn_tc_filter(7, 0, &want, NLM_F_CREATE);
		uint16_t tables = 0;

		assert_true(
			xn_tc_parse_filter(as_told_by_kernel(msg), want.parent, &tables, &back));
		if (want.n_actions && want.actions[0].kind == XN_ACTION_POLICE)
			assert_string_equal(back.name, "");
		assert_int_equal(back.kind, want.kind);
		assert_int_equal(back.prio, want.prio);
		assert_int_equal(back.class, want.class);
		assert_int_equal(back.n_actions, want.n_actions);
		for (size_t j = 0; j < want.n_actions; j++)
			assert_memory_equal(&back.actions[j], &want.actions[j],
					    sizeof(back.actions[j]));
		assert_memory_equal(&back.flower, &want.flower, sizeof(back.flower));
		assert_memory_equal(&back.u32, &want.u32, sizeof(back.u32));
		nlmsg_free(msg);
	}
}

static void the_sample_is_written_as_it_is_meant(void **state)
{
	(void)state;
	sample_qos(&qos);
	xn_operator_map(&qos, &place, &mapped);
	read_back_qdiscs();
	read_back_classes();
	read_back_filters();
}

/* Whatever passes the check can be written; what is random passes seldom, so it is mended first. */
static void whatever_is_taken_is_written(void **state)
{
	struct xn_err err;
	size_t taken = 0;

	(void)state;
	for (unsigned int seed = 0; seed < 20000; seed++) {
		random_qos(&qos, seed);
		qos.n_qdiscs = 1;
		qos.qdiscs[0].parent = XN_QOS_ROOT;
		qos.n_classes = 0;
		qos.n_filters = seed % 3;
		for (size_t i = 0; i < qos.n_filters; i++)
			qos.filters[i].parent = seed % 2 ? XN_QOS_INGRESS : XN_QOS_EGRESS;
		if (xn_operator_check(&qos, MARKS, &err))
			continue;
		taken++;
		xn_operator_map(&qos, &place, &mapped);
		read_back_qdiscs();
		xn_operator_map_device(&qos, XN_QOS_INGRESS, &mapped);
		for (size_t i = 0; i < mapped.n_filters; i++)
			nlmsg_free(xn_tc_filter(7, 1, &mapped.filters[i], NLM_F_CREATE));
	}
	assert_true(taken > 100);
}

/* Nothing random crashes the check, or passes it by reading what is not there. */
static void the_check_bears_anything(void **state)
{
	struct xn_err err;

	(void)state;
	for (unsigned int seed = 0; seed < 20000; seed++) {
		random_qos(&qos, seed);
		if (!xn_operator_check(&qos, MARKS, &err))
			xn_operator_map(&qos, &place, &mapped);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_makes_no_sense_is_refused_by_name),
		cmocka_unit_test(handles_are_ours_minors_his),
		cmocka_unit_test(the_network_is_no_reason_to_borrow_log_lines),
		cmocka_unit_test(prio_keeps_what_tos_means),
		cmocka_unit_test(filters_see_any_protocol_and_ask_for_their_version),
		cmocka_unit_test(marks_of_dom0_are_not_looked_at),
		cmocka_unit_test(what_is_at_ingress_goes_to_the_device),
		cmocka_unit_test(filters_are_asked_by_prio_then_as_told),
		cmocka_unit_test(the_sample_is_written_as_it_is_meant),
		cmocka_unit_test(whatever_is_taken_is_written),
		cmocka_unit_test(the_check_bears_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

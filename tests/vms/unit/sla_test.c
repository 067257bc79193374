// SPDX-License-Identifier: GPL-2.0-or-later
/* SLAs as they come, and the definitions that nodes' xnetmans get of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "vms/vm_sla.h"

static struct xn_vm_sla sla_of(const char *resource, const char *rc, const char *rl)
{
	return (struct xn_vm_sla){ .resource = resource, .rc = rc, .re = "", .rl = rl, .rmax = "" };
}

static void what_can_be_written_is_taken(void **state)
{
	struct xn_vm_sla slas[XN_VM_SLAS_MAX + 1] = {
		sla_of("eth0", "50Mbit", "1.5Gbit"),
		sla_of("cpu", "", "50%"),
		sla_of("memory", "", "4000routes"),
		sla_of("any", "0", ""),
		sla_of("enp1s0.100", "", ""),
		sla_of("br-a_b@c", "", "1Mbit"),
		sla_of("a", "", ""),
		sla_of("b", "", ""),
		sla_of("c", "", ""),
	};
	struct xn_fault fault = { 0 };

	(void)state;
	assert_int_equal(xn_vm_sla_check(slas, XN_VM_SLAS_MAX, &fault), 0);
	assert_int_equal(xn_vm_sla_check(slas, XN_VM_SLAS_MAX + 1, &fault), -1);
	assert_int_equal(fault.code, XN_FAULT_INVALID);
}

/* Nothing gets into a definition, or a command, that ends what it is in. */
static void what_could_be_something_else_is_refused(void **state)
{
	static const struct {
		const char *resource, *rc;
	} bad[] = {
		{ "", "1Mbit" },
		{ "eth0'", "1Mbit" },
		{ "eth0\"", "1Mbit" },
		{ "$(reboot)", "1Mbit" },
		{ "`id`", "1Mbit" },
		{ "a b", "1Mbit" },
		{ "a/b", "1Mbit" },
		{ "eth0", "1Mbit'" },
		{ "eth0", "1Mbit\", \"domain\": \"other" },
		{ "eth0", "1 Mbit" },
		{ "eth0", "-1Mbit" },
		{ "eth0", "1Mbit\n" },
		{ "eth0", "11111111111111111111111111111111Mbit" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct xn_vm_sla sla = sla_of(bad[i].resource, bad[i].rc, "");
		struct xn_fault fault = { 0 };

		assert_int_equal(xn_vm_sla_check(&sla, 1, &fault), -1);
		assert_int_equal(fault.code, XN_FAULT_INVALID);
		assert_non_null(strstr(fault.reason, "SLA"));
	}
}

static void a_resource_has_one_sla(void **state)
{
	const struct xn_vm_sla slas[] = { sla_of("eth0", "1Mbit", ""), sla_of("cpu", "", "1"),
					  sla_of("eth0", "2Mbit", "") };
	struct xn_fault fault = { 0 };

	(void)state;
	assert_int_equal(xn_vm_sla_check(slas, 3, &fault), -1);
	assert_non_null(strstr(fault.reason, "twice"));
}

static struct xn_vm sample(void)
{
	struct xn_vm vm = { .ready = false };

	XN_COPY(vm.name, "r1");
	XN_COPY(vm.uuid, "01234567-89ab-4def-8123-456789abcdef");
	return vm;
}

/* What xnetman reads of the definition. */
static void definitions_are_what_xnetman_reads(void **state)
{
	const struct xn_vm_sla slas[] = { sla_of("eth0", "50Mbit", "350Mbit"),
					  sla_of("cpu", "5%", "0.2"), sla_of("any", "", "1Mbit") };
	static const char want[] =
		"{\"name\": \"r1\", \"domain\": \"01234567-89ab-4def-8123-456789abcdef\", "
		"\"interfaces\": 2, \"disk\": \"3KiB\", \"cpu\": {\"rc\": \"5%\", \"rl\": "
		"\"0.2\"}, \"bandwidth\": [{\"link\": \"eth0\", \"rc\": \"50Mbit\", \"rl\": "
		"\"350Mbit\"}, {\"link\": \"any\", \"rl\": \"1Mbit\"}]}";
	struct xn_vm vm = sample();
	struct xn_fault fault = { 0 };
	char text[XN_VM_SLA_TEXT];

	(void)state;
	assert_int_equal(xn_vm_sla_definition(&vm, 2, 2049, slas, 3, text, &fault), 0);
	assert_string_equal(text, want);
}

static void without_an_sla_it_is_only_what_it_needs(void **state)
{
	struct xn_vm_sla restricted = sla_of("eth0", "", "");
	struct xn_vm vm = sample();
	struct xn_fault fault = { 0 };
	char text[XN_VM_SLA_TEXT];

	(void)state;
	assert_int_equal(xn_vm_sla_definition(&vm, 0, 0, NULL, 0, text, &fault), 0);
	assert_string_equal(text, "{\"name\": \"r1\", \"domain\": "
				  "\"01234567-89ab-4def-8123-456789abcdef\"}");
	restricted.restricted = true;
	assert_int_equal(xn_vm_sla_definition(&vm, 0, 0, &restricted, 1, text, &fault), 0);
	assert_non_null(strstr(text, "[{\"link\": \"eth0\", \"restricted\": true}]}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_be_written_is_taken),
		cmocka_unit_test(what_could_be_something_else_is_refused),
		cmocka_unit_test(a_resource_has_one_sla),
		cmocka_unit_test(definitions_are_what_xnetman_reads),
		cmocka_unit_test(without_an_sla_it_is_only_what_it_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

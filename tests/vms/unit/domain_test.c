// SPDX-License-Identifier: GPL-2.0-or-later
/* Definitions of virtual machines for each hypervisor, and URIs of nodes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vms/domxml.h"
#include "vms/hypervisors.h"

#define GUEST(os, arch, type)                                                       \
	"<guest><os_type>" os "</os_type><arch name='" arch "'><domain type='" type \
	"'/></arch></guest>"
#define HOST(arch, guests) \
	"<capabilities><host><cpu><arch>" arch "</arch></cpu></host>" guests "</capabilities>"

static const char xen[] =
	HOST("x86_64", GUEST("xen", "x86_64", "xen") GUEST("hvm", "x86_64", "xen"));
static const char kvm[] = HOST("x86_64",
			       "<guest><os_type>hvm</os_type><arch name='x86_64'>"
			       "<domain type='qemu'/><domain type='kvm'/></arch></guest>");
static const char qemu[] =
	HOST("x86_64", GUEST("hvm", "i686", "qemu") GUEST("hvm", "aarch64", "qemu"));

static struct xn_domain sample(void)
{
	struct xn_domain domain = { .ram = 256,
				    .disk = "/pool/r1.img",
				    .n_interfaces = 2,
				    .interface = { "xenbr0", "br1" } };

	XN_COPY(domain.name, "r1");
	XN_COPY(domain.uuid, "01234567-89ab-4def-8123-456789abcdef");
	XN_COPY(domain.format, "raw");
	return domain;
}

/* The definition has all of @has and nothing of @lacks; both end with NULL. */
static void check(const struct xn_domain *domain, const char *capabilities, const char *const *has,
		  const char *const *lacks)
{
	struct xn_err err = { "" };
	char *xml = xn_domain_xml(domain, capabilities, &err);

	if (!xml)
		fail_msg("%s", err.text);
	for (; *has; has++)
		if (!strstr(xml, *has))
			fail_msg("no %s in %s", *has, xml);
	for (; *lacks; lacks++)
		if (strstr(xml, *lacks))
			fail_msg("%s in %s", *lacks, xml);
	free(xml);
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void on_xen_it_is_paravirtualised(void **state)
{
	struct xn_domain domain = sample();

	(void)state;
	check(&domain, xen,
	      LIST("<domain type=\"xen\">", "<type>linux</type>", "<bootloader>pygrub</bootloader>",
		   "dev=\"xvda\"", "<memory unit=\"MiB\">256</memory>", "bridge=\"xenbr0\"",
		   "bridge=\"br1\""),
	      LIST("virtio", "<driver", "<kernel>"));
	domain.kernel = "/pool/r1.kernel";
	XN_COPY(domain.arguments, "quiet ip=10.0.0.1:::255.255.255.0:r1:eth0:off");
	check(&domain, xen, LIST("<kernel>/pool/r1.kernel</kernel>", "<cmdline>quiet ip=10.0.0.1"),
	      LIST("pygrub"));
}

static void elsewhere_it_is_a_whole_machine(void **state)
{
	struct xn_domain domain = sample();

	(void)state;
	check(&domain, kvm,
	      LIST("<domain type=\"kvm\">", "arch=\"x86_64\">hvm</type>", "vda", "virtio"),
	      LIST("pygrub", "xvda"));
	XN_COPY(domain.arch, "aarch64");
	XN_COPY(domain.format, "qcow2");
	domain.seed = "/pool/r1.seed";
	check(&domain, qemu,
	      LIST("<domain type=\"qemu\">", "arch=\"aarch64\"", "type=\"qcow2\"", "/pool/r1.seed",
		   "cdrom", "<readonly/>"),
	      LIST("kvm", "i686"));
}

static void an_architecture_that_the_node_has_not_is_refused(void **state)
{
	struct xn_domain domain = sample();
	struct xn_err err = { "" };

	(void)state;
	XN_COPY(domain.arch, "riscv64");
	assert_null(xn_domain_xml(&domain, kvm, &err));
	assert_non_null(strstr(err.text, "riscv64"));
	assert_null(xn_domain_xml(&domain, "<capabilities", &err));
	assert_null(xn_domain_xml(&domain, "", &err));
}

static void text_is_escaped(void **state)
{
	struct xn_domain domain = sample();

	(void)state;
	domain.disk = "/pool/'\"<&>.img";
	domain.kernel = "/k";
	XN_COPY(domain.arguments, "a</cmdline><b>&");
	check(&domain, kvm, LIST("a&lt;/cmdline&gt;&lt;b&gt;&amp;", "&lt;&amp;&gt;.img"),
	      LIST("<b>"));
}

static void mac_addresses_are_of_the_uuid(void **state)
{
	char text[18];

	(void)state;
	assert_string_equal(xn_domain_mac("01234567-89ab-4def-8123-456789abcdef", 0, text),
			    "00:16:3e:ab:cd:ef");
	assert_string_equal(xn_domain_mac("01234567-89ab-4def-8123-456789ffffff", 1, text),
			    "00:16:3e:00:00:00");
}

static const struct {
	const char *kind, *address, *uri; /* uri NULL: refused */
} uris[] = {
	{ "xen=xen+libssh://root@%a/system", "192.0.2.1",
	  "xen+libssh://root@192.0.2.1/system?keyfile=/s/id_ed25519&known_hosts=/s/known_hosts/n1"
	  "&known_hosts_verify=normal&sshauth=privkey&no_tty=1" },
	{ "xen=xen+tcp://%a/system", "2001:db8::1", "xen+tcp://[2001:db8::1]/system" },
	{ "xen=xen+tcp://%a/system", "", NULL },
	{ "test=test:///nodes/%n.xml", "", "test:///nodes/n1.xml" },
	{ "x=qemu:///system", "192.0.2.1", "qemu:///system" },
};

static const char *const bad_kinds[] = {
	"", "xen", "=test:///x", "xen=", "a b=test:///x", "xen=no-uri", "xen=xen+tcp://host/system"
};

static void uris_are_made_of_what_the_server_was_told(void **state)
{
	struct xn_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		struct xn_hypervisors hypervisors = { .n = 0 };
		char uri[XN_URI_SIZE];
		int ret;

		assert_int_equal(xn_hypervisors_add(&hypervisors, uris[i].kind, &err), 0);
		ret = xn_hypervisor_uri(&hypervisors.list[0], "n1", uris[i].address, "/s", uri,
					&err);
		assert_int_equal(ret, uris[i].uri ? 0 : -1);
		if (uris[i].uri)
			assert_string_equal(uri, uris[i].uri);
	}
}

static void kinds_that_say_nothing_are_refused(void **state)
{
	struct xn_hypervisors hypervisors = { .n = 0 };
	struct xn_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad_kinds) / sizeof(bad_kinds[0]); i++)
		assert_int_equal(xn_hypervisors_add(&hypervisors, bad_kinds[i], &err), -1);
	assert_int_equal(hypervisors.n, 0);
}

static void users_are_those_of_the_uri(void **state)
{
	static const struct {
		const char *kind, *user;
	} kinds[] = {
		{ "a=xen+libssh://admin@%a/system", "admin" },
		{ "a=xen+libssh://%a/system", "root" },
		{ "a=xen+libssh://root@%a:2222/system", "root" },
	};
	char user[64];

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct xn_hypervisors hypervisors = { .n = 0 };
		struct xn_err err;

		assert_int_equal(xn_hypervisors_add(&hypervisors, kinds[i].kind, &err), 0);
		xn_hypervisor_user(&hypervisors.list[0], user);
		assert_string_equal(user, kinds[i].user);
	}
}

static void the_first_kind_is_the_default(void **state)
{
	struct xn_hypervisors hypervisors = { .n = 0 };
	struct xn_err err;

	(void)state;
	assert_null(xn_hypervisors_find(&hypervisors, ""));
	assert_int_equal(xn_hypervisors_add(&hypervisors, "a=test:///a", &err), 0);
	assert_int_equal(xn_hypervisors_add(&hypervisors, "b=test:///b", &err), 0);
	assert_int_equal(xn_hypervisors_add(&hypervisors, "a=test:///c", &err), 0);
	assert_int_equal(hypervisors.n, 2);
	assert_string_equal(xn_hypervisors_find(&hypervisors, "")->uri, "test:///c");
	assert_string_equal(xn_hypervisors_find(&hypervisors, "b")->uri, "test:///b");
	assert_null(xn_hypervisors_find(&hypervisors, "c"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_xen_it_is_paravirtualised),
		cmocka_unit_test(elsewhere_it_is_a_whole_machine),
		cmocka_unit_test(an_architecture_that_the_node_has_not_is_refused),
		cmocka_unit_test(text_is_escaped),
		cmocka_unit_test(mac_addresses_are_of_the_uuid),
		cmocka_unit_test(uris_are_made_of_what_the_server_was_told),
		cmocka_unit_test(kinds_that_say_nothing_are_refused),
		cmocka_unit_test(users_are_those_of_the_uri),
		cmocka_unit_test(the_first_kind_is_the_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

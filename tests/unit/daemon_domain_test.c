// SPDX-License-Identifier: GPL-2.0-or-later
/* When domains are read, and for which devices what was read holds: devices and xenstored are tables. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/domain.h"
#include "daemon/xenstore.h"

/* --- xenstored, asked on the worker's thread --- */

static struct {
	pthread_mutex_t lock; /* held: it does not answer */
	int rc;
	char name[64]; /* of every domain; "": it knows none */
	int fd;	       /* -1: not connected */
	int changes;
	/* what it was asked */
	int reads, reopened;
	uint32_t domids[4];
	size_t n;
} store;

struct xn_xenstore *xn_xenstore_new(void)
{
	return (struct xn_xenstore *)&store;
}

void xn_xenstore_free(struct xn_xenstore *unused)
{
	(void)unused;
}

int xn_xenstore_read(struct xn_xenstore *unused, struct xn_vif_identity *vifs, size_t n,
		     bool reopen)
{
	int rc;

	(void)unused;
	pthread_mutex_lock(&store.lock);
	store.reads++;
	store.reopened += reopen;
	store.n = n;
	for (size_t i = 0; i < n; i++) {
		store.domids[i] = vifs[i].vif.domid;
		vifs[i].read = *store.name;
		strcpy(vifs[i].identity.name, store.name);
	}
	rc = store.rc;
	if (!rc && store.fd < 0)
		store.fd = eventfd(0, EFD_NONBLOCK);
	pthread_mutex_unlock(&store.lock);
	return rc;
}

int xn_xenstore_fd(struct xn_xenstore *unused)
{
	(void)unused;
	return store.fd;
}

int xn_xenstore_changes(struct xn_xenstore *unused)
{
	eventfd_t count;

	(void)unused;
	eventfd_read(store.fd, &count);
	return store.changes;
}

/* --- devices --- */

static struct xn_device table[4];
static size_t n_table;

const struct xn_device *xn_devices_all(const struct xn_devices *unused, size_t *n)
{
	(void)unused;
	*n = n_table;
	return table;
}

static void add(uint32_t ifindex, uint32_t domid)
{
	table[n_table++] = (struct xn_device){
		.ifindex = ifindex,
		.kind = domid ? XN_DEVICE_VIF : XN_DEVICE_OTHER,
		.vif = { domid, 0 },
	};
}

/* --- the domains on them --- */

static sd_event *event;
static struct xn_domains *domains;
static int changed, answered;
static int reads_at_answer;

static void on_changed(void *arg)
{
	(void)arg;
	changed++;
}

static void on_answer(void *arg)
{
	assert_true(changed > 0); /* what was read is in force already */
	answered += *(int *)arg;
	pthread_mutex_lock(&store.lock);
	reads_at_answer = store.reads;
	pthread_mutex_unlock(&store.lock);
}

static int start(void **state)
{
	struct xn_err err;

	(void)state;
	memset(&store, 0, sizeof(store));
	pthread_mutex_init(&store.lock, NULL);
	strcpy(store.name, "vr1");
	store.fd = -1;
	store.changes = 1;
	n_table = 0;
	changed = answered = 0;
	assert_true(sd_event_new(&event) >= 0);
	domains = xn_domains_open(event, NULL, on_changed, NULL, &err);
	assert_non_null(domains);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	xn_domains_close(domains);
	sd_event_unref(event);
	if (store.fd >= 0)
		close(store.fd);
	return 0;
}

static void settle(void)
{
	assert_true(xn_domains_wait(domains, 10000));
}

/* Let the loop come to what has happened. */
static void run_loop(void)
{
	assert_true(sd_event_run(event, 10 * 1000000ULL) > 0);
}

static const char *name_at(uint32_t ifindex)
{
	const struct xn_identity *identity;

	return xn_domains_get(domains, ifindex, &identity) == XN_DOMAIN_KNOWN ? identity->name
									      : NULL;
}

static enum xn_domain_state state_at(uint32_t ifindex)
{
	const struct xn_identity *identity;

	return xn_domains_get(domains, ifindex, &identity);
}

static void without_vifs_xenstored_is_left_alone(void **state)
{
	(void)state;
	add(2, 0);
	xn_domains_look(domains);
	settle();
	assert_int_equal(store.reads, 0);
}

static void a_new_vif_is_read_once(void **state)
{
	(void)state;
	add(7, 6);
	add(2, 0);
	add(8, 5);
	xn_domains_look(domains);
	assert_int_equal(state_at(7), XN_DOMAIN_UNREAD);
	settle();
	assert_int_equal(store.reads, 1);
	assert_int_equal(store.n, 2);
	assert_int_equal(store.domids[0], 5);
	assert_int_equal(store.domids[1], 6);
	assert_string_equal(name_at(7), "vr1");
	assert_string_equal(name_at(8), "vr1");
	assert_int_equal(changed, 1);
	xn_domains_look(domains);
	settle();
	assert_int_equal(store.reads, 1);
}

/* domid 5 goes and comes again on another device while it is being read. */
static void what_was_read_for_a_device_that_is_gone_is_nobodys(void **state)
{
	(void)state;
	add(7, 5);
	pthread_mutex_lock(&store.lock);
	xn_domains_look(domains);
	xn_domains_forget(domains, 7);
	n_table = 0;
	add(9, 5);
	xn_domains_look(domains);
	strcpy(store.name, "stale");
	pthread_mutex_unlock(&store.lock);
	while (!changed)
		run_loop();
	assert_null(name_at(7));
	if (changed == 1)
		assert_int_equal(state_at(9), XN_DOMAIN_UNREAD);
	settle();
	assert_int_equal(store.reads, 2);
	assert_string_equal(name_at(9), "stale");
}

static void a_renamed_domain_is_read_again(void **state)
{
	(void)state;
	add(7, 5);
	xn_domains_look(domains);
	settle();
	strcpy(store.name, "vr2");
	eventfd_write(store.fd, 1);
	run_loop();
	settle();
	assert_string_equal(name_at(7), "vr2");
	assert_int_equal(store.reads, 2);
	assert_int_equal(store.reopened, 0);
}

static void many_changes_make_one_more_read(void **state)
{
	static int one = 1;

	(void)state;
	add(7, 5);
	pthread_mutex_lock(&store.lock);
	xn_domains_look(domains);
	for (int i = 0; i < 100; i++)
		assert_int_equal(xn_domains_ask(domains, on_answer, &one), 0);
	pthread_mutex_unlock(&store.lock);
	settle();
	assert_int_equal(store.reads, 2);
	assert_int_equal(answered, 100);
}

static void an_answer_is_of_a_read_that_began_after_the_question(void **state)
{
	static int one = 1;

	(void)state;
	add(7, 5);
	pthread_mutex_lock(&store.lock);
	xn_domains_look(domains);
	assert_int_equal(xn_domains_ask(domains, on_answer, &one), 0);
	pthread_mutex_unlock(&store.lock);
	settle();
	assert_int_equal(answered, 1);
	assert_int_equal(reads_at_answer, 2);
}

static void without_xenstored_the_state_says_so(void **state)
{
	(void)state;
	store.rc = -ENOTCONN;
	add(7, 5);
	xn_domains_look(domains);
	settle();
	assert_int_equal(state_at(7), XN_DOMAIN_NO_STORE);
	/* tried again with the next vif, as if it had never been missing */
	store.rc = 0;
	add(8, 6);
	xn_domains_look(domains);
	settle();
	assert_string_equal(name_at(7), "vr1");
	assert_string_equal(name_at(8), "vr1");
}

static void a_domain_that_xenstored_does_not_know_stays_unread(void **state)
{
	(void)state;
	store.name[0] = '\0';
	add(7, 5);
	xn_domains_look(domains);
	settle();
	assert_int_equal(state_at(7), XN_DOMAIN_UNREAD);
}

static void what_is_known_outlives_a_lost_connection(void **state)
{
	(void)state;
	add(7, 5);
	xn_domains_look(domains);
	settle();
	store.changes = -EIO;
	store.rc = -ENOTCONN;
	eventfd_write(store.fd, 1);
	run_loop();
	settle();
	assert_int_equal(store.reopened, 1);
	assert_string_equal(name_at(7), "vr1");
	add(8, 6);
	store.rc = 0;
	xn_domains_look(domains);
	settle();
	assert_int_equal(store.reopened, 2);
	assert_string_equal(name_at(8), "vr1");
}

/* The read itself finds out: the old connection is closed by the next one, at once. */
static void a_connection_that_breaks_is_made_again(void **state)
{
	(void)state;
	add(7, 5);
	xn_domains_look(domains);
	settle();
	store.rc = -EIO;
	add(8, 6);
	xn_domains_look(domains);
	settle();
	assert_int_equal(store.reads, 3);
	assert_int_equal(store.reopened, 1);
	assert_int_equal(state_at(8), XN_DOMAIN_UNREAD);
	assert_string_equal(name_at(7), "vr1");
}

static void who_asked_is_answered_at_the_end(void **state)
{
	static int one = 1;
	struct xn_err err;

	(void)state;
	add(7, 5);
	changed = 1;
	pthread_mutex_lock(&store.lock);
	assert_int_equal(xn_domains_ask(domains, on_answer, &one), 0);
	pthread_mutex_unlock(&store.lock);
	xn_domains_close(domains);
	assert_int_equal(answered, 1);
	domains = xn_domains_open(event, NULL, on_changed, NULL, &err);
	assert_non_null(domains);
}

#define ON_DOMAINS(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_DOMAINS(without_vifs_xenstored_is_left_alone),
		ON_DOMAINS(a_new_vif_is_read_once),
		ON_DOMAINS(what_was_read_for_a_device_that_is_gone_is_nobodys),
		ON_DOMAINS(a_renamed_domain_is_read_again),
		ON_DOMAINS(many_changes_make_one_more_read),
		ON_DOMAINS(an_answer_is_of_a_read_that_began_after_the_question),
		ON_DOMAINS(without_xenstored_the_state_says_so),
		ON_DOMAINS(a_domain_that_xenstored_does_not_know_stays_unread),
		ON_DOMAINS(what_is_known_outlives_a_lost_connection),
		ON_DOMAINS(a_connection_that_breaks_is_made_again),
		ON_DOMAINS(who_asked_is_answered_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

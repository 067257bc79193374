// SPDX-License-Identifier: GPL-2.0-or-later
/* Applying definitions and ticking, against a module and devices made of tables. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/apply.h"
#include "daemon/daemon.h"
#include "daemon/memory.h"
#include "daemon/plan.h"
#include "daemon/tick.h"
#include "daemon_fixture.h"

/* --- a module --- */

#define MAX 8

static struct {
	struct {
		uint32_t id;
		char name[64];
	} nets[MAX];
	uint32_t links[MAX];
	struct {
		uint32_t ifindex, net;
	} ports[MAX];
	uint64_t generation;
	size_t n_ratios;	    /* of the last push */
	struct xnetman_ratio ratio; /* its first */
	struct xnetman_ratio ratios[2 * MAX];
	size_t n_guards; /* likewise */
	struct xn_guard guards[2 * MAX];
	uint64_t offered;  /* bytes; every share's counter */
	uint64_t received; /* packets; every port's counter */
	bool loaded;
	uint32_t refuse;	   /* ifindex that can't be a port */
	const char *refuse_net;	   /* name that can't be a network */
	void (*before_push)(void); /* what others do between reading and the next push */
	int calls;		   /* that changed something, or tried */
} kernel;

static int reply(int rc, struct xn_err *err)
{
	if (!kernel.loaded)
		rc = -ENODEV;
	if (rc)
		xn_err_set(err, "refused: %s", strerror(-rc));
	return rc;
}

struct xn_kernel *xn_kernel_open(struct xn_err *err)
{
	return reply(0, err) ? NULL : (struct xn_kernel *)&kernel;
}

void xn_kernel_close(struct xn_kernel *k)
{
	(void)k;
}

int xn_kernel_info(struct xn_kernel *k, struct xn_kernel_info *info, struct xn_err *err)
{
	(void)k;
	*info = (struct xn_kernel_info){ .generation = kernel.generation };
	return reply(0, err);
}

int xn_kernel_config(struct xn_kernel *k, unsigned int sampler, uint32_t mask, struct xn_err *err)
{
	(void)k;
	(void)sampler;
	(void)mask;
	kernel.calls++;
	return reply(0, err);
}

int xn_kernel_new_network(struct xn_kernel *k, uint32_t id, const char *name, struct xn_err *err)
{
	size_t i = 0;

	(void)k;
	kernel.calls++;
	if (kernel.refuse_net && !strcmp(name, kernel.refuse_net))
		return reply(-ENOSPC, err);
	while (kernel.nets[i].id)
		assert_int_not_equal(kernel.nets[i++].id, id);
	kernel.nets[i].id = id;
	snprintf(kernel.nets[i].name, sizeof(kernel.nets[i].name), "%s", name);
	return reply(0, err);
}

int xn_kernel_del_network(struct xn_kernel *k, uint32_t id, struct xn_err *err)
{
	size_t i = 0;

	(void)k;
	kernel.calls++;
	while (kernel.nets[i].id != id)
		i++;
	memmove(&kernel.nets[i], &kernel.nets[i + 1], (MAX - 1 - i) * sizeof(kernel.nets[0]));
	return reply(0, err);
}

int xn_kernel_new_link(struct xn_kernel *k, uint32_t ifindex, struct xn_err *err)
{
	size_t i = 0;

	(void)k;
	kernel.calls++;
	while (kernel.links[i])
		i++;
	kernel.links[i] = ifindex;
	return reply(0, err);
}

int xn_kernel_del_link(struct xn_kernel *k, uint32_t ifindex, struct xn_err *err)
{
	(void)k;
	kernel.calls++;
	for (size_t i = 0; i < MAX; i++)
		if (kernel.links[i] == ifindex)
			kernel.links[i] = 0;
	return reply(0, err);
}

static long find_port(uint32_t ifindex)
{
	for (size_t i = 0; i < MAX; i++)
		if (kernel.ports[i].ifindex == ifindex)
			return i;
	return -1;
}

int xn_kernel_new_port(struct xn_kernel *k, uint32_t ifindex, uint32_t net, struct xn_err *err)
{
	long at = find_port(0);

	(void)k;
	kernel.calls++;
	if (find_port(ifindex) >= 0)
		return reply(-EEXIST, err);
	if (ifindex == kernel.refuse)
		return reply(-EOPNOTSUPP, err);
	kernel.ports[at].ifindex = ifindex;
	kernel.ports[at].net = net;
	return reply(0, err);
}

int xn_kernel_del_port(struct xn_kernel *k, uint32_t ifindex, struct xn_err *err)
{
	long at = find_port(ifindex);

	(void)k;
	kernel.calls++;
	if (at < 0)
		return reply(-ENOENT, err);
	kernel.ports[at].ifindex = 0;
	return reply(0, err);
}

static bool has_pair(uint32_t net_id, uint32_t ifindex, bool any_net, bool any_link)
{
	bool net = any_net, link = any_link;

	for (size_t i = 0; i < MAX; i++) {
		net |= kernel.nets[i].id == net_id;
		link |= kernel.links[i] == ifindex;
	}
	return net && link;
}

/* ifindex 0: the network's inputs */
static bool has_share(const struct xnetman_ratio *ratio)
{
	return has_pair(ratio->net_id, ratio->ifindex, false, !ratio->ifindex);
}

/* net_id 0: the link itself */
static bool has_guard(const struct xn_guard *guard)
{
	return has_pair(guard->net_id, guard->ifindex, !guard->net_id, false);
}

int xn_kernel_set_table(struct xn_kernel *k, uint32_t id, uint32_t table, uint32_t limit,
			struct xn_err *err)
{
	(void)k;
	(void)id;
	(void)table;
	(void)limit;
	(void)err;
	return 0;
}

int xn_kernel_samples(struct xn_kernel *k, uint32_t id, uint64_t *position,
		      void (*sample)(const struct xn_address *destination, void *arg), void *arg,
		      struct xn_err *err)
{
	(void)k;
	(void)id;
	(void)position;
	(void)sample;
	(void)arg;
	(void)err;
	return 0;
}

int xn_kernel_hold_link(struct xn_kernel *k, uint32_t ifindex, uint32_t ms, struct xn_err *err)
{
	(void)k;
	(void)ifindex;
	(void)ms;
	(void)err;
	return 0;
}

int xn_kernel_set_priorities(struct xn_kernel *k, const struct xnetman_priority *priorities,
			     size_t n, struct xn_err *err)
{
	(void)k;
	(void)priorities;
	(void)n;
	(void)err;
	return 0;
}

int xn_kernel_push(struct xn_kernel *k, const struct xn_push *push, struct xn_err *err)
{
	(void)k;
	assert_true(push->lease_ms > 0);
	if (kernel.before_push)
		kernel.before_push();
	kernel.before_push = NULL;
	if (push->generation <= kernel.generation)
		return reply(-ESTALE, err);
	for (size_t i = 0; i < push->n_ratios; i++)
		if (!has_share(&push->ratios[i]))
			return reply(-ENOENT, err);
	for (size_t i = 0; i < push->n_guards; i++)
		if (!has_guard(&push->guards[i]))
			return reply(-ENOENT, err);
	assert_true(push->n_ratios <= 2 * MAX && push->n_guards <= 2 * MAX);
	kernel.generation = push->generation;
	kernel.n_ratios = push->n_ratios;
	if (push->n_ratios) {
		kernel.ratio = push->ratios[0];
		memcpy(kernel.ratios, push->ratios, push->n_ratios * sizeof(*push->ratios));
	}
	kernel.n_guards = push->n_guards;
	if (push->n_guards)
		memcpy(kernel.guards, push->guards, push->n_guards * sizeof(*push->guards));
	return reply(0, err);
}

int xn_kernel_counters(struct xn_kernel *k, void (*restart)(void *arg),
		       void (*record)(const struct xn_record *record, void *arg), void *arg,
		       struct xn_err *err)
{
	uint64_t now = xn_now();

	(void)k;
	restart(arg);
	for (size_t i = 0; i < MAX && kernel.nets[i].id; i++)
		record(&(struct xn_record){ .kind = XNETMAN_KIND_NETWORK,
					    .net_id = kernel.nets[i].id,
					    .name = kernel.nets[i].name,
					    .time = now },
		       arg);
	for (size_t i = 0; i < MAX; i++)
		if (kernel.links[i])
			record(&(struct xn_record){ .kind = XNETMAN_KIND_LINK,
						    .ifindex = kernel.links[i],
						    .time = now },
			       arg);
	for (size_t i = 0; i < MAX; i++)
		if (kernel.ports[i].ifindex)
			record(&(struct xn_record){ .kind = XNETMAN_KIND_PORT,
						    .ifindex = kernel.ports[i].ifindex,
						    .net_id = kernel.ports[i].net,
						    .rx_packets = kernel.received,
						    .time = now },
			       arg);
	for (size_t n = 0; n < MAX && kernel.nets[n].id; n++)
		for (size_t l = 0; l < MAX; l++)
			if (kernel.links[l])
				record(&(struct xn_record){ .kind = XNETMAN_KIND_SHARE,
							    .net_id = kernel.nets[n].id,
							    .ifindex = kernel.links[l],
							    .offered_bytes = kernel.offered,
							    .time = now },
				       arg);
	return reply(0, err);
}

int xn_kernel_events(struct xn_kernel *k, xn_event_fn fn, void *arg, struct xn_err *err)
{
	(void)k;
	(void)fn;
	(void)arg;
	return reply(-EPERM, err);
}

int xn_kernel_events_read(struct xn_kernel *k)
{
	(void)k;
	return 0;
}

/* --- devices --- */

static struct {
	const char *name;
	uint32_t ifindex;
} devices[MAX];

/* Some of them are vifs. */
static struct {
	uint32_t ifindex;
	enum xn_domain_state state;
	struct xn_identity identity;
} vifs[MAX];

static long find_vif(uint32_t ifindex)
{
	for (size_t i = 0; i < MAX; i++)
		if (vifs[i].ifindex == ifindex)
			return i;
	return -1;
}

const struct xn_device *xn_devices_all(const struct xn_devices *unused, size_t *n)
{
	static struct xn_device table[MAX];

	(void)unused;
	*n = 0;
	for (size_t i = 0; i < MAX; i++) {
		struct xn_device *device = &table[*n];

		if (!devices[i].name)
			continue;
		snprintf(device->name, sizeof(device->name), "%s", devices[i].name);
		device->ifindex = devices[i].ifindex;
		device->kind = find_vif(device->ifindex) >= 0 ? XN_DEVICE_VIF : XN_DEVICE_OTHER;
		++*n;
	}
	return table;
}

const struct xn_device *xn_devices_find(const struct xn_devices *unused, const char *name)
{
	size_t n;
	const struct xn_device *table = xn_devices_all(unused, &n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

const struct xn_device *xn_devices_at(const struct xn_devices *unused, uint32_t ifindex)
{
	size_t n;
	const struct xn_device *table = xn_devices_all(unused, &n);

	for (size_t i = 0; i < n; i++)
		if (table[i].ifindex == ifindex)
			return &table[i];
	return NULL;
}

uint32_t xn_devices_index(const struct xn_devices *unused, const char *name)
{
	(void)unused;
	for (size_t i = 0; i < MAX; i++)
		if (devices[i].name && !strcmp(devices[i].name, name))
			return devices[i].ifindex;
	return 0;
}

bool xn_devices_up(const struct xn_devices *unused, const char *name)
{
	return xn_devices_index(unused, name) != 0;
}

struct xn_devices *xn_devices_open(sd_event *event, const struct xn_device_calls *calls, void *arg,
				   struct xn_err *err)
{
	(void)event;
	(void)calls;
	(void)arg;
	(void)err;
	return NULL;
}

void xn_devices_read(struct xn_devices *unused)
{
	(void)unused;
}

void xn_devices_close(struct xn_devices *unused)
{
	(void)unused;
}

/* --- domains --- */

enum xn_domain_state xn_domains_get(const struct xn_domains *unused, uint32_t ifindex,
				    const struct xn_identity **identity)
{
	long at = find_vif(ifindex);

	(void)unused;
	assert_true(at >= 0);
	*identity = &vifs[at].identity;
	return vifs[at].state;
}

bool xn_domains_mac(const struct xn_domains *unused, uint32_t ifindex, uint8_t mac[6])
{
	(void)unused;
	(void)ifindex;
	(void)mac;
	return false;
}

struct xn_domains *xn_domains_open(sd_event *event, const struct xn_devices *unused,
				   void (*changed)(void *arg), void *arg, struct xn_err *err)
{
	(void)event;
	(void)unused;
	(void)changed;
	(void)arg;
	(void)err;
	return NULL;
}

void xn_domains_close(struct xn_domains *unused)
{
	(void)unused;
}

void xn_domains_look(struct xn_domains *unused)
{
	(void)unused;
}

void xn_domains_forget(struct xn_domains *unused, uint32_t ifindex)
{
	(void)unused;
	(void)ifindex;
}

bool xn_domains_wait(struct xn_domains *unused, int ms)
{
	(void)unused;
	(void)ms;
	return true;
}

int xn_domains_ask(struct xn_domains *unused, void (*done)(void *arg), void *arg)
{
	(void)unused;
	(void)done;
	(void)arg;
	return -ENOMEM;
}

/* --- a daemon on them --- */

static struct xn_daemon *d;

static int start(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	memset(devices, 0, sizeof(devices));
	memset(vifs, 0, sizeof(vifs));
	kernel.loaded = true;
	devices[0].name = "eth0";
	devices[0].ifindex = 2;
	devices[1].name = "p1";
	devices[1].ifindex = 11;
	devices[2].name = "p2";
	devices[2].ifindex = 12;
	fixture_write("xnetman.yaml", "short_interval: 100ms\nlong_interval: 1s\n"
				      "links: [{name: eth0, capacity: 8Mbit}]\n");
	fixture_write("networks.d/a.yaml", "name: a\nports: [p1]\n");
	fixture_write("networks.d/b.yaml", "name: b\nports: [p2, p3]\n"
					   "bandwidth: [{link: eth0, rc: 8Mbit}]\n");

	d = calloc(1, sizeof(*d));
	assert_non_null(d);
	d->options.config = fixture_dir();
	d->kernel = (struct xn_kernel *)&kernel;
	d->state = fixture_state(NULL);
	d->model = xn_cost_defaults;
	snprintf(d->account, sizeof(d->account), "%s", fixture_path("account.json"));
	assert_true(sd_event_new(&d->event) >= 0);
	assert_int_equal(xn_worker_new(&d->keeper, d->event), 0);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	xn_tick_stop(d);
	xn_worker_free(d->keeper);
	xn_state_free(d->state);
	sd_event_unref(d->event);
	free(d);
	return 0;
}

static int apply(void)
{
	struct xn_err err = { "" };

	kernel.calls = 0;
	return xn_apply(d, &err);
}

static void what_is_missing_is_made_once(void **state)
{
	(void)state;
	assert_int_equal(apply(), 0);
	assert_string_equal(kernel.nets[0].name, "a");
	assert_string_equal(kernel.nets[1].name, "b");
	assert_int_equal(kernel.links[0], 2);
	assert_int_equal(kernel.ports[find_port(11)].net, 1);
	assert_int_equal(kernel.ports[find_port(12)].net, 2);
	assert_int_equal(apply(), 0);
	assert_int_equal(kernel.calls, 0);
}

/* As after a restart: b is there as 7, c is nobody's, p1 is in the wrong hands. */
static void what_is_there_is_adopted_the_rest_removed(void **state)
{
	struct xn_err err;

	(void)state;
	xn_kernel_new_network(d->kernel, 7, "b", &err);
	xn_kernel_new_network(d->kernel, 1, "c", &err);
	xn_kernel_new_link(d->kernel, 2, &err);
	xn_kernel_new_link(d->kernel, 99, &err);
	xn_kernel_new_port(d->kernel, 11, 7, &err);
	xn_kernel_new_port(d->kernel, 12, 7, &err);
	kernel.offered = 5000;
	assert_int_equal(apply(), 0);
	assert_int_equal(d->state->nets[1].id, 7);
	assert_int_equal(d->state->nets[0].id, 1);
	assert_string_equal(kernel.nets[1].name, "a");
	assert_int_equal(kernel.links[1], 0);
	assert_int_equal(kernel.ports[find_port(11)].net, 1);
	assert_int_equal(kernel.ports[find_port(12)].net, 7);
	/* what b had counted is not this daemon's doing; a begins at zero */
	assert_int_equal(xn_state_pair(d->state, 0, 1)->last.offered, 5000);
	assert_int_equal(xn_state_pair(d->state, 0, 0)->last.offered, 0);
	/* removed: link 99, port 11, c; made: a, port 11 */
	assert_int_equal(kernel.calls, 5);
}

/* p1 is renamed to p3, which b waits for; at the same time another device becomes p1. */
static void renamed_devices_follow_their_names(void **state)
{
	struct xn_err err;

	(void)state;
	assert_int_equal(apply(), 0);
	devices[1].name = "p3";
	devices[3].name = "p1";
	devices[3].ifindex = 13;
	assert_int_equal(xn_bind(d, &err), 0);
	assert_int_equal(kernel.ports[find_port(11)].net, 2);
	assert_int_equal(kernel.ports[find_port(13)].net, 1);
}

static void a_device_that_came_back_is_bound_again(void **state)
{
	struct xn_err err;

	(void)state;
	assert_int_equal(apply(), 0);
	xn_state_pair(d->state, 0, 1)->acc.used = 777;
	kernel.links[0] = 0;
	xn_unbind(d, 2);
	assert_null(xn_state_pair_of(d->state, 2, 2));
	devices[0].ifindex = 22;
	assert_int_equal(xn_bind(d, &err), 0);
	assert_int_equal(kernel.links[0], 22);
	assert_ptr_equal(xn_state_pair_of(d->state, 2, 22), xn_state_pair(d->state, 0, 1));
	assert_true(xn_state_pair(d->state, 0, 1)->acc.used == 777);
}

static void a_refused_definition_changes_nothing(void **state)
{
	struct xn_err err = { "" };

	(void)state;
	assert_int_equal(apply(), 0);
	kernel.refuse = 14;
	devices[3].name = "p4";
	devices[3].ifindex = 14;
	fixture_write("networks.d/a.yaml", "name: a\nports: [p4]\n");
	assert_true(xn_daemon_reload(d, &err) < 0);
	assert_non_null(strstr(err.text, "network a: "));
	assert_int_equal(kernel.ports[find_port(11)].net, 1);
	assert_int_equal(find_port(14), -1);
	assert_string_equal(d->state->ports[0].device, "p1");

	/* nor does one that makes no sense */
	fixture_write("networks.d/a.yaml", "name: a\nportz: [p1]\n");
	kernel.calls = 0;
	assert_true(xn_daemon_reload(d, &err) < 0);
	assert_int_equal(kernel.calls, 0);
	assert_non_null(strstr(err.text, "portz"));
}

static void a_deleted_network_leaves_the_kernel(void **state)
{
	struct xn_err err;

	(void)state;
	assert_int_equal(apply(), 0);
	fixture_remove("networks.d/a.yaml");
	assert_int_equal(xn_daemon_reload(d, &err), 0);
	assert_string_equal(kernel.nets[0].name, "b");
	assert_int_equal(kernel.nets[1].id, 0);
	assert_int_equal(find_port(11), -1);
}

/* --- vifs --- */

#define UUID_X "11111111-2222-4333-8444-55555555abcd"

/* In the n-th place, besides eth0, p1 and p2. */
static void plug(size_t n, const char *name, uint32_t ifindex, const char *uuid, const char *domain)
{
	devices[3 + n].name = name;
	devices[3 + n].ifindex = ifindex;
	vifs[n].ifindex = ifindex;
	vifs[n].state = uuid || domain ? XN_DOMAIN_KNOWN : XN_DOMAIN_UNREAD;
	snprintf(vifs[n].identity.uuid, sizeof(vifs[n].identity.uuid), "%s", uuid ? uuid : "");
	snprintf(vifs[n].identity.name, sizeof(vifs[n].identity.name), "%s", domain ? domain : "");
}

/* a names domain x by UUID, b domain y by name, and lists p3. */
static int start_vifs(void **state)
{
	int rc = start(state);

	fixture_write("networks.d/a.yaml", "name: a\nports: [p1]\n"
					   "domain: 11111111-2222-4333-8444-55555555ABCD\n");
	fixture_write("networks.d/b.yaml", "name: b\nports: [p2, p3]\ndomain: y\n");
	xn_state_free(d->state);
	d->state = fixture_state(NULL);
	d->domains = (struct xn_domains *)vifs;
	return rc;
}

static uint32_t net_at(uint32_t ifindex)
{
	long at = find_port(ifindex);

	return at < 0 ? 0 : kernel.ports[at].net;
}

static int bind_now(void)
{
	struct xn_err err;

	kernel.calls = 0;
	return xn_bind(d, &err);
}

static void vifs_belong_to_the_network_that_names_their_domain(void **state)
{
	(void)state;
	plug(0, "vif5.0", 20, UUID_X, "x");
	plug(1, "vif5.1", 21, UUID_X, "x");
	plug(2, "vif6.0", 22, NULL, "y");
	plug(3, "vif7.0", 23, NULL, "nobodys");
	assert_int_equal(apply(), 0);
	assert_int_equal(net_at(20), 1);
	assert_int_equal(net_at(21), 1);
	assert_int_equal(net_at(22), 2);
	assert_int_equal(net_at(23), 0);
	assert_int_equal(d->state->n_ports, 6);
	assert_int_equal(apply(), 0);
	assert_int_equal(kernel.calls, 0);
}

static void a_vif_waits_until_its_domain_was_read(void **state)
{
	const char *network;
	struct xn_err err;

	(void)state;
	plug(0, "p3", 20, NULL, NULL);
	assert_int_equal(apply(), 0);
	assert_int_equal(net_at(20), 0);
	assert_int_equal(xn_plan_network(d, 20, &network, &err), -EIO);
	plug(0, "p3", 20, UUID_X, "x");
	assert_int_equal(bind_now(), 0);
	assert_int_equal(net_at(20), 1);
	assert_int_equal(xn_plan_network(d, 20, &network, &err), 0);
	assert_string_equal(network, "a");
}

static void without_xenstored_names_of_devices_decide(void **state)
{
	(void)state;
	plug(0, "p3", 20, NULL, NULL);
	vifs[0].state = XN_DOMAIN_NO_STORE;
	plug(1, "vif6.0", 21, NULL, NULL);
	vifs[1].state = XN_DOMAIN_NO_STORE;
	assert_int_equal(apply(), 0);
	assert_int_equal(net_at(20), 2);
	assert_int_equal(net_at(21), 0);
}

static void a_listed_vif_of_another_domain_is_refused(void **state)
{
	(void)state;
	plug(0, "p3", 20, NULL, "nobodys");
	assert_int_equal(apply(), 0);
	assert_int_equal(net_at(20), 0);
	/* and one that the network lists and whose domain it names is one port */
	plug(0, "p3", 20, NULL, "y");
	assert_int_equal(bind_now(), 0);
	assert_int_equal(net_at(20), 2);
	assert_int_equal(d->state->n_ports, 3);
	assert_true(d->state->ports[2].by_domain);
}

/* Nothing of the port in the kernel is touched: no gap. */
static void a_renamed_vif_stays_bound(void **state)
{
	(void)state;
	plug(0, "vif6.0", 20, NULL, "y");
	assert_int_equal(apply(), 0);
	d->state->ports[3].now.rx_bytes = 777;
	devices[3].name = "router";
	assert_int_equal(bind_now(), 0);
	assert_string_equal(d->state->ports[3].device, "router");
	assert_int_equal(kernel.calls, 0);
	devices[3].name = "p3";
	assert_int_equal(bind_now(), 0);
	assert_int_equal(d->state->n_ports, 3);
	assert_int_equal(d->state->ports[2].ifindex, 20);
	assert_int_equal(d->state->ports[2].now.rx_bytes, 777);
	devices[3].name = "router";
	assert_int_equal(bind_now(), 0);
	assert_int_equal(d->state->n_ports, 4);
	assert_int_equal(d->state->ports[2].ifindex, 0);
	assert_int_equal(d->state->ports[3].ifindex, 20);
	assert_int_equal(kernel.calls, 0);
	assert_int_equal(net_at(20), 2);
}

static void a_renamed_domain_moves_its_vifs(void **state)
{
	(void)state;
	plug(0, "vif6.0", 20, NULL, "y");
	plug(1, "vif7.0", 21, NULL, "z");
	assert_int_equal(apply(), 0);
	plug(0, "vif6.0", 20, NULL, "old");
	plug(1, "vif7.0", 21, NULL, "y");
	assert_int_equal(bind_now(), 0);
	assert_int_equal(net_at(20), 0);
	assert_int_equal(net_at(21), 2);
	assert_int_equal(d->state->n_ports, 4);
}

static void a_reload_leaves_vifs_bound_or_moves_them(void **state)
{
	struct xn_err err;

	(void)state;
	plug(0, "vif6.0", 20, NULL, "y");
	assert_int_equal(apply(), 0);
	d->state->ports[3].now.rx_bytes = 777;
	kernel.calls = 0;
	fixture_write("networks.d/b.yaml", "name: b\npriority: 3\nports: [p2, p3]\ndomain: y\n");
	assert_int_equal(xn_daemon_reload(d, &err), 0);
	assert_int_equal(kernel.calls, 0);
	assert_int_equal(d->state->ports[3].now.rx_bytes, 777);
	assert_int_equal(d->state->ports[3].ifindex, 20);
	fixture_write("networks.d/b.yaml", "name: b\nports: [p2, p3]\n");
	fixture_write("networks.d/a.yaml", "name: a\nports: [p1]\ndomain: y\n");
	assert_int_equal(xn_daemon_reload(d, &err), 0);
	assert_int_equal(net_at(20), 1);
	assert_int_equal(d->state->n_ports, 4);
}

static void a_restart_adopts_vifs(void **state)
{
	(void)state;
	plug(0, "vif6.0", 20, NULL, "y");
	assert_int_equal(apply(), 0);
	xn_state_free(d->state);
	d->state = fixture_state(NULL);
	assert_int_equal(apply(), 0);
	assert_int_equal(kernel.calls, 0);
	assert_int_equal(d->state->ports[3].ifindex, 20);
}

static void a_vif_that_goes_leaves_no_port(void **state)
{
	const char *network;
	struct xn_err err;

	(void)state;
	plug(0, "vif6.0", 20, NULL, "y");
	assert_int_equal(apply(), 0);
	kernel.ports[find_port(20)].ifindex = 0;
	devices[3].name = NULL;
	xn_unbind(d, 20);
	assert_int_equal(bind_now(), 0);
	assert_int_equal(kernel.calls, 0);
	assert_int_equal(d->state->n_ports, 3);
	assert_int_equal(xn_plan_network(d, 20, &network, &err), -ENOENT);
	/* its name comes again with a domain that is nobody's */
	plug(0, "vif6.0", 30, NULL, "z");
	assert_int_equal(bind_now(), 0);
	assert_int_equal(net_at(30), 0);
	assert_int_equal(xn_plan_network(d, 30, &network, &err), 0);
	assert_string_equal(network, "");
}

static void a_vif_that_the_module_refuses_is_told(void **state)
{
	const char *network;
	struct xn_err err;

	(void)state;
	kernel.refuse = 20;
	plug(0, "vif6.0", 20, NULL, "y");
	apply();
	assert_int_equal(xn_plan_network(d, 20, &network, &err), -EINVAL);
	assert_non_null(strstr(err.text, "network b"));
	kernel.calls = 0;
	assert_int_equal(bind_now(), 0);
	assert_int_equal(kernel.calls, 0);
}

/* --- ticks --- */

static void tick_until(uint64_t ticks)
{
	for (int i = 0; i < 200 && d->ticks < ticks; i++) {
		kernel.offered += 20000; /* up to 20 Mbit/s at 10 ms a turn */
		assert_true(sd_event_run(d->event, 10000) >= 0);
	}
	assert_true(d->ticks >= ticks);
}

static void start_ticks(void)
{
	struct xn_err err;

	assert_int_equal(apply(), 0);
	d->base.start = xn_now();
	assert_int_equal(xn_tick_start(d, &err), 0);
}

static void who_is_not_entitled_is_stopped(void **state)
{
	const struct xn_share *a, *b;

	(void)state;
	start_ticks();
	tick_until(1);
	a = xn_state_share(d->state, 0, 0);
	b = xn_state_share(d->state, 0, 1);
	assert_true(a->demand > 0 && a->demand == b->demand);
	assert_true(a->ratio == 1);
	assert_true(b->allowed > 0 && b->ratio < 1);
	assert_int_equal(kernel.ratio.net_id, 1);
	assert_int_equal(kernel.ratio.ifindex, 2);
	assert_int_equal(kernel.ratio.ratio, XNETMAN_RATIO_ONE);
	assert_true(xn_state_pair(d->state, 0, 0)->acc.used > 0);
	xn_tick_release(d);
	assert_int_equal(kernel.n_ratios, 0);
}

static void a_stale_generation_is_caught_up_with(void **state)
{
	(void)state;
	kernel.generation = 1000;
	start_ticks();
	tick_until(2);
	assert_int_equal(kernel.generation, d->generation);
	assert_true(kernel.generation > 1000);
}

static void an_interval_is_judged_when_it_is_over(void **state)
{
	uint64_t start_was;

	(void)state;
	start_ticks();
	start_was = d->base.start;
	tick_until(9);
	if (d->base.start == start_was)
		assert_true(!xn_state_pair(d->state, 0, 1)->judged);
	while (d->base.start == start_was)
		tick_until(d->ticks + 1);
	assert_int_equal((d->base.start - start_was) % XN_NS, 0);
	assert_true(xn_state_pair(d->state, 0, 1)->judged);
	assert_true(xn_state_pair(d->state, 0, 1)->verdict.demand > 0);
	assert_int_equal(xn_state_pair(d->state, 0, 1)->acc.ticks, 0);
}

static void what_others_removed_is_put_back(void **state)
{
	struct xn_err err;

	(void)state;
	start_ticks();
	tick_until(1);
	xn_kernel_del_link(d->kernel, 2, &err);
	tick_until(2);
	assert_int_equal(kernel.links[0], 2);
}

/* Others remove a, and nothing lets it be made again: b is punished all the same, in this tick. */
static void remove_a(void)
{
	struct xn_err err;

	xn_kernel_del_network(d->kernel, 1, &err);
	kernel.refuse_net = "a";
}

static void a_network_that_goes_before_the_push_frees_no_other(void **state)
{
	(void)state;
	start_ticks();
	kernel.offered += 10 << 20;
	kernel.before_push = remove_a;
	tick_until(1);
	assert_null(kernel.before_push);
	assert_int_equal(kernel.n_ratios, 1);
	assert_int_equal(kernel.ratio.net_id, 2);
	assert_int_equal(d->state->nets[0].id, 0);
	assert_int_equal(kernel.generation, d->generation);
}

/* With its device. */
static void remove_eth1(void)
{
	struct xn_err err;

	xn_kernel_del_link(d->kernel, 3, &err);
	devices[3].name = NULL;
}

static void a_link_that_goes_before_the_push_frees_no_other(void **state)
{
	struct xn_err err;

	(void)state;
	devices[3].name = "eth1";
	devices[3].ifindex = 3;
	fixture_write("xnetman.yaml", "short_interval: 100ms\nlong_interval: 1s\n"
				      "links: [{name: eth0, capacity: 8Mbit},"
				      " {name: eth1, capacity: 8Mbit}]\n");
	assert_int_equal(xn_daemon_reload(d, &err), 0);
	start_ticks();
	assert_int_equal(kernel.links[1], 3);
	kernel.offered += 10 << 20;
	kernel.before_push = remove_eth1;
	tick_until(1);
	assert_null(kernel.before_push);
	assert_int_equal(kernel.n_ratios, 2);
	assert_int_equal(kernel.ratio.net_id, 1);
	assert_int_equal(kernel.ratio.ifindex, 2);
	assert_int_equal(d->state->links[1].ifindex, 0);
}

static void a_module_that_goes_is_waited_for(void **state)
{
	uint64_t ticks;

	(void)state;
	start_ticks();
	tick_until(1);
	ticks = d->ticks;
	kernel.loaded = false;
	for (int i = 0; i < 20; i++)
		assert_true(sd_event_run(d->event, 20000) >= 0);
	assert_null(d->kernel);
	assert_int_equal(d->ticks, ticks);
	assert_int_equal(d->state->nets[1].id, 0);
	assert_true(xn_state_share(d->state, 0, 0)->ratio == 0);
	assert_true(xn_state_pair(d->state, 0, 1)->acc.used > 0);
}

/* Of what the last push said; -1: nothing. */
static double pushed(uint32_t net_id, uint32_t ifindex)
{
	for (size_t i = 0; i < kernel.n_ratios; i++)
		if (kernel.ratios[i].net_id == net_id && kernel.ratios[i].ifindex == ifindex)
			return (double)kernel.ratios[i].ratio / XNETMAN_RATIO_ONE;
	return -1;
}

/* Rate that the last push entitled a network to on a link (0: the link's own), bytes/s; 0: nothing. */
static uint64_t entitled(uint32_t net_id, uint32_t ifindex)
{
	for (size_t i = 0; i < kernel.n_guards; i++)
		if (kernel.guards[i].net_id == net_id && kernel.guards[i].ifindex == ifindex)
			return kernel.guards[i].rate;
	return 0;
}

static void reload(void)
{
	struct xn_err err;

	if (xn_daemon_reload(d, &err))
		fail_msg("%s", err.text);
}

/* Every packet costs 1 ms, dropped ones 0.1 ms: with 100 of them an Ic each asks for a core. */
static void cpu_is_punished_at_the_inputs(void **state)
{
	const struct xn_share *a, *b;
	const struct xn_pair *pair;

	(void)state;
	fixture_write("xnetman.yaml", "short_interval: 100ms\nlong_interval: 1s\n"
				      "cpu: 50%\nlinks: [{name: eth0, capacity: 8Mbit}]\n");
	fixture_write("networks.d/a.yaml", "name: a\nports: [p1]\ncpu: {rc: 50%}\n");
	start_ticks();
	reload();
	d->model.path[XN_COST_RX].packet = 1e-3;
	d->model.path[XN_COST_LINK].packet = 0;
	d->model.path[XN_COST_DROP].packet = 1e-4;
	kernel.received += 100;
	tick_until(1);
	a = xn_state_share(d->state, xn_state_cpu(d->state), 0);
	b = xn_state_share(d->state, xn_state_cpu(d->state), 1);
	pair = xn_state_pair(d->state, xn_state_cpu(d->state), 0);
	assert_true(a->demand > 0.5);
	assert_float_equal(a->demand, b->demand, 0.01 * b->demand);
	assert_true(pair->through == a->demand);
	assert_float_equal(a->allowed, 0.5, 1e-9);
	assert_float_equal(pair->floor, a->demand / 10, 1e-9 * a->demand);
	assert_float_equal(a->ratio, (a->demand - 0.5) / (0.9 * a->demand), 1e-9);
	assert_float_equal(pushed(1, 0), a->ratio, 1e-9);
	assert_float_equal(pushed(2, 0), 1, 0); /* b was sold none */
	assert_float_equal(pair->acc.used, 0.1, 1e-9);
}

static void cpu_without_a_capacity_is_counted_only(void **state)
{
	(void)state;
	start_ticks();
	kernel.received += 1000000000;
	tick_until(1);
	assert_true(xn_state_pair(d->state, xn_state_cpu(d->state), 0)->acc.used > 100);
	assert_true(!d->state->rows[xn_state_cpu(d->state)].oversold);
	assert_true(pushed(1, 0) == -1 && pushed(2, 0) == -1);
}

/* b is guaranteed 4 of the 8 Mbit/s that each link carries, a nothing: so much each may have when all want all. */
static void the_guard_is_told_who_is_entitled_to_what(void **state)
{
	(void)state;
	fixture_write("networks.d/b.yaml", "name: b\nports: [p2, p3]\n"
					   "bandwidth: [{link: any, rc: 4Mbit}]\n");
	start_ticks();
	reload();
	tick_until(1);
	assert_int_equal(entitled(0, 2), 1000000);
	assert_int_equal(entitled(2, 2), 500000);
	assert_int_equal(entitled(1, 2), 0);
	xn_tick_release(d);
	assert_int_equal(kernel.n_guards, 0);
}

/* What the last push allowed a network on a link, bytes/s. */
static uint64_t allowed(uint32_t net_id, uint32_t ifindex)
{
	for (size_t i = 0; i < kernel.n_guards; i++)
		if (kernel.guards[i].net_id == net_id && kernel.guards[i].ifindex == ifindex)
			return kernel.guards[i].allowed;
	return 0;
}

/* Ticks in which nothing is offered. */
static void idle_until(uint64_t ticks)
{
	while (d->ticks < ticks)
		assert_true(sd_event_run(d->event, 10000) >= 0);
}

/* Who asks for nothing after he was punished is told what he may come back to, for some ticks; without a guard he is let be. */
static void a_punishment_fades(void **state)
{
	(void)state;
	fixture_write("networks.d/b.yaml", "name: b\nports: [p2, p3]\n"
					   "bandwidth: [{link: any, rc: 4Mbit}]\n");
	start_ticks();
	reload();
	tick_until(2);
	assert_true(pushed(2, 2) > 0.02);
	idle_until(4); /* something was offered before the first of them */
	assert_true(xn_state_share(d->state, 0, 1)->ratio == 0);
	assert_true(pushed(2, 2) > 0 && pushed(2, 2) <= 0.02);
	assert_int_equal(allowed(2, 2), 500000);
	idle_until(9);
	assert_true(pushed(2, 2) == -1);
	assert_int_equal(allowed(2, 2), 0);
}

static void without_a_guard_it_ends_at_once(void **state)
{
	(void)state;
	fixture_write("xnetman.yaml", "short_interval: 100ms\nlong_interval: 1s\n"
				      "links: [{name: eth0, capacity: 8Mbit, guard: off}]\n");
	start_ticks();
	reload();
	tick_until(2);
	assert_true(pushed(1, 2) == 1);
	idle_until(4);
	assert_true(pushed(1, 2) == -1);
}

static void a_link_without_guard_is_not_guarded(void **state)
{
	(void)state;
	fixture_write("xnetman.yaml", "short_interval: 100ms\nlong_interval: 1s\n"
				      "links: [{name: eth0, capacity: 8Mbit, guard: off}]\n");
	start_ticks();
	reload();
	tick_until(1);
	assert_int_equal(kernel.n_guards, 0);
	assert_true(kernel.n_ratios > 0);
}

/* What XNetMon and no policy at all are compared with must be theirs alone. */
static void only_our_policy_has_a_guard(void **state)
{
	(void)state;
	fixture_write("xnetman.yaml", "short_interval: 100ms\nlong_interval: 1s\npolicy: xnetmon\n"
				      "links: [{name: eth0, capacity: 8Mbit}]\n");
	start_ticks();
	reload();
	tick_until(1);
	assert_int_equal(kernel.n_guards, 0);
}

/* a wants more than it was sold, b has room: neither's limit moves in the course of two Il. */
static void memory_is_a_level(void **state)
{
	(void)state;
	fixture_write("xnetman.yaml", "short_interval: 100ms\nlong_interval: 500ms\n"
				      "memory: 20000routes\n");
	fixture_write("networks.d/a.yaml", "name: a\nmemory: {rc: 1000routes, rl: 4000routes}\n");
	fixture_write("networks.d/b.yaml", "name: b\nmemory: {rl: 2000routes, rmax: 3000routes}\n");
	assert_int_equal(xn_memory_limit(d->state, 0), SIZE_MAX);
	start_ticks();
	reload();
	for (int i = 1; i <= 11; i++) {
		xn_memory_report(d->state, 0, 10000, 4000);
		xn_memory_report(d->state, 1, 1500, 1500);
		tick_until(i);
		if (i == 1)
			continue; /* nothing is known of the time before */
		assert_int_equal(xn_memory_limit(d->state, 0), 4000);
		assert_int_equal(xn_memory_limit(d->state, 1), 3000);
		assert_true(pushed(1, 0) == -1);
	}
	assert_true(xn_state_pair(d->state, xn_state_memory(d->state), 0)->judged);
	assert_float_equal(xn_state_pair(d->state, xn_state_memory(d->state), 0)->verdict.through,
			   4000, 1);
}

#define ON_DAEMON(test) cmocka_unit_test_setup_teardown(test, start, stop)
#define WITH_VIFS(test) cmocka_unit_test_setup_teardown(test, start_vifs, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_DAEMON(what_is_missing_is_made_once),
		ON_DAEMON(what_is_there_is_adopted_the_rest_removed),
		ON_DAEMON(renamed_devices_follow_their_names),
		ON_DAEMON(a_device_that_came_back_is_bound_again),
		ON_DAEMON(a_refused_definition_changes_nothing),
		ON_DAEMON(a_deleted_network_leaves_the_kernel),
		WITH_VIFS(vifs_belong_to_the_network_that_names_their_domain),
		WITH_VIFS(a_vif_waits_until_its_domain_was_read),
		WITH_VIFS(without_xenstored_names_of_devices_decide),
		WITH_VIFS(a_listed_vif_of_another_domain_is_refused),
		WITH_VIFS(a_renamed_vif_stays_bound),
		WITH_VIFS(a_renamed_domain_moves_its_vifs),
		WITH_VIFS(a_reload_leaves_vifs_bound_or_moves_them),
		WITH_VIFS(a_restart_adopts_vifs),
		WITH_VIFS(a_vif_that_goes_leaves_no_port),
		WITH_VIFS(a_vif_that_the_module_refuses_is_told),
		ON_DAEMON(who_is_not_entitled_is_stopped),
		ON_DAEMON(a_stale_generation_is_caught_up_with),
		ON_DAEMON(an_interval_is_judged_when_it_is_over),
		ON_DAEMON(what_others_removed_is_put_back),
		ON_DAEMON(a_network_that_goes_before_the_push_frees_no_other),
		ON_DAEMON(a_link_that_goes_before_the_push_frees_no_other),
		ON_DAEMON(a_module_that_goes_is_waited_for),
		ON_DAEMON(cpu_is_punished_at_the_inputs),
		ON_DAEMON(cpu_without_a_capacity_is_counted_only),
		ON_DAEMON(the_guard_is_told_who_is_entitled_to_what),
		ON_DAEMON(a_punishment_fades),
		ON_DAEMON(without_a_guard_it_ends_at_once),
		ON_DAEMON(a_link_without_guard_is_not_guarded),
		ON_DAEMON(only_our_policy_has_a_guard),
		ON_DAEMON(memory_is_a_level),
	};

	return cmocka_run_group_tests(tests, NULL, fixture_exit);
}

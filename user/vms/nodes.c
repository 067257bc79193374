// SPDX-License-Identifier: GPL-2.0-or-later
/* Connections to nodes, and threads that ask them. */
#include <errno.h>
#include <libvirt/virterror.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/files.h"
#include "vms/clock.h"
#include "vms/nodes.h"

#define BUCKETS	      1024
#define WAITING_MAX   256     /* for one node */
#define STACK_SIZE    1048576 /* of a thread */
#define AGAIN_SECONDS 2	      /* until a node that could not be reached is tried again */
/* How often a silent node is asked whether it lives, and may fail to answer: MiB of an image may be sent first. */
#define ALIVE_SECONDS 15
#define ALIVE_MISSES  7

/* One node, under its lock. Entries stay: there are never more than nodes that were asked for. */
struct entry {
	struct entry *next; /* in its bucket; under the table's lock */
	struct xn_nodes *nodes;
	char name[XN_VMS_NAME];
	pthread_mutex_t lock;
	pthread_cond_t changed; /* connecting ended */
	struct xn_node node;	/* what the connection was made with */
	virConnectPtr connection;
	bool connecting;
	struct xn_fault failed; /* why the last try failed ... */
	time_t failed_at;	/* ... and when; 0: it did not */
	unsigned int threads;
	unsigned int n_waiting;
	struct xn_work_state *first, **last; /* waiting for a thread */
};

struct xn_nodes {
	const struct xn_hypervisors *hypervisors;
	char state[512];
	pthread_mutex_t lock;
	pthread_cond_t ended; /* a thread has */
	unsigned int threads;
	struct entry *bucket[BUCKETS];
};

struct xn_work_state {
	struct xn_work_state *next;
	struct xn_work *work;
	struct xn_node node;
	pthread_mutex_t lock;
	pthread_cond_t finished;
	bool done;
	unsigned int holders; /* the thread, and who waits */
};

static void ignore_error(void *arg, virErrorPtr error)
{
	(void)arg;
	(void)error; /* the fault tells it */
}

/* Keepalive messages of all connections. */
static void *run_events(void *arg)
{
	(void)arg;
	while (true)
		if (virEventRunDefaultImpl() < 0)
			return NULL;
	return NULL;
}

static int start_libvirt(void)
{
	pthread_t thread;

	if (virInitialize() < 0 || virEventRegisterDefaultImpl() < 0)
		return -1;
	virSetErrorFunc(NULL, ignore_error);
	if (pthread_create(&thread, NULL, run_events, NULL))
		return -1;
	pthread_detach(thread);
	return 0;
}

struct xn_nodes *xn_nodes_create(const struct xn_hypervisors *hypervisors, const char *state)
{
	struct xn_nodes *nodes = calloc(1, sizeof(*nodes));

	if (!nodes || start_libvirt()) {
		free(nodes);
		return NULL;
	}
	nodes->hypervisors = hypervisors;
	XN_COPY(nodes->state, state);
	pthread_mutex_init(&nodes->lock, NULL);
	pthread_cond_init(&nodes->ended, NULL);
	return nodes;
}

static void deadline(struct timespec *at, int seconds)
{
	clock_gettime(CLOCK_REALTIME, at);
	at->tv_sec += seconds;
}

static void free_entry(struct entry *entry)
{
	if (entry->connection)
		virConnectClose(entry->connection);
	pthread_cond_destroy(&entry->changed);
	pthread_mutex_destroy(&entry->lock);
	free(entry);
}

int xn_nodes_destroy(struct xn_nodes *nodes, int seconds)
{
	struct timespec until;
	bool left;

	deadline(&until, seconds);
	pthread_mutex_lock(&nodes->lock);
	while (nodes->threads && !pthread_cond_timedwait(&nodes->ended, &nodes->lock, &until))
		;
	left = nodes->threads;
	pthread_mutex_unlock(&nodes->lock);
	if (left)
		return -1;
	for (size_t i = 0; i < BUCKETS; i++) {
		for (struct entry *entry = nodes->bucket[i], *next; entry; entry = next) {
			next = entry->next;
			free_entry(entry);
		}
	}
	pthread_cond_destroy(&nodes->ended);
	pthread_mutex_destroy(&nodes->lock);
	free(nodes);
	return 0;
}

static size_t hash(const char *name)
{
	size_t value = 5381;

	while (*name)
		value = value * 33 + (unsigned char)*name++;
	return value % BUCKETS;
}

static struct entry *new_entry(struct xn_nodes *nodes, const char *name)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->nodes = nodes;
	XN_COPY(entry->name, name);
	entry->last = &entry->first;
	pthread_mutex_init(&entry->lock, NULL);
	pthread_cond_init(&entry->changed, NULL);
	return entry;
}

static struct entry *find_entry(struct xn_nodes *nodes, const char *name)
{
	struct entry **at;

	pthread_mutex_lock(&nodes->lock);
	for (at = &nodes->bucket[hash(name)]; *at; at = &(*at)->next)
		if (!strcmp((*at)->name, name))
			break;
	if (!*at)
		*at = new_entry(nodes, name);
	pthread_mutex_unlock(&nodes->lock);
	return *at;
}

/* --- connections ---------------------------------------------------------------------------- */

/* The keys that its host may show, by address. */
static int write_known_hosts(const struct xn_nodes *nodes, const struct xn_node *node,
			     const struct xn_hypervisor *hypervisor, struct xn_fault *fault)
{
	char path[1024], text[XN_VMS_ADDRESSES * (XN_VMS_ADDRESS + sizeof(node->key) + 12)];
	unsigned int port = xn_hypervisor_port(hypervisor);
	int used = 0, rc;

	if (!node->key[0])
		return xn_fault_set(
			fault, XN_FAULT_INVALID,
			"node \"%s\" was registered without its SSH host key: register it "
			"again with the key",
			node->name);
	for (size_t i = 0; i < node->n_addresses; i++)
		used += port ? sprintf(text + used, "[%s]:%u %s\n", node->address[i], port,
				       node->key)
			     : sprintf(text + used, "%s %s\n", node->address[i], node->key);
	snprintf(path, sizeof(path), "%s/known_hosts/%s", nodes->state, node->name);
	rc = xn_make_parents(path, 0700);
	if (!rc)
		rc = xn_write_file(path, text, used, 0600);
	if (rc)
		return xn_fault_set(fault, XN_FAULT_INTERNAL, "%s: %s", path, strerror(-rc));
	return 0;
}

static virConnectPtr open_address(const struct xn_nodes *nodes, const struct xn_node *node,
				  const struct xn_hypervisor *hypervisor, const char *address,
				  struct xn_fault *fault)
{
	char uri[XN_URI_SIZE];
	virConnectPtr connection;
	struct xn_err err;

	if (xn_hypervisor_uri(hypervisor, node->name, address, nodes->state, uri, &err)) {
		xn_fault_set(fault, XN_FAULT_INVALID, "%s", err.text);
		return NULL;
	}
	connection = virConnectOpen(uri);
	if (connection) {
		/* local drivers need none and refuse it */
		virConnectSetKeepAlive(connection, ALIVE_SECONDS, ALIVE_MISSES);
		return connection;
	}
	fault->code = XN_FAULT_NONE; /* the last address's is told */
	xn_fault_libvirt(fault, XN_FAULT_UNREACHABLE, "node \"%s\" cannot be reached%s%s",
			 node->name, *address ? " at " : "", address);
	fault->code = XN_FAULT_UNREACHABLE;
	return NULL;
}

static virConnectPtr open_node(const struct xn_nodes *nodes, const struct xn_node *node,
			       struct xn_fault *fault)
{
	const struct xn_hypervisor *hypervisor =
		xn_hypervisors_find(nodes->hypervisors, node->hypervisor);
	struct xn_fault tried = { 0 };
	virConnectPtr connection = NULL;
	size_t n = node->n_addresses ? node->n_addresses : 1;

	if (!hypervisor) {
		xn_fault_set(fault, XN_FAULT_INVALID,
			     "node \"%s\" is of kind \"%s\", which this server does not know",
			     node->name, node->hypervisor);
		return NULL;
	}
	if (xn_hypervisor_by_ssh(hypervisor) && write_known_hosts(nodes, node, hypervisor, fault))
		return NULL;
	for (size_t i = 0; i < n && !connection; i++)
		connection = open_address(nodes, node, hypervisor,
					  node->n_addresses ? node->address[i] : "", &tried);
	if (!connection && !fault->code)
		*fault = tried;
	return connection;
}

static bool same_place(const struct xn_node *a, const struct xn_node *b)
{
	return !strcmp(a->hypervisor, b->hypervisor) && !strcmp(a->key, b->key) &&
	       a->n_addresses == b->n_addresses &&
	       !memcmp(a->address, b->address, sizeof(a->address));
}

/* Called with the lock held. */
static void drop(struct entry *entry)
{
	if (entry->connection)
		virConnectClose(entry->connection);
	entry->connection = NULL;
}

/* Called with the lock held, which it gives up meanwhile. */
static void connect_entry(struct entry *entry, const struct xn_node *node)
{
	struct xn_fault fault = { 0 };
	virConnectPtr connection;

	entry->connecting = true;
	pthread_mutex_unlock(&entry->lock);
	connection = open_node(entry->nodes, node, &fault);
	pthread_mutex_lock(&entry->lock);
	entry->connecting = false;
	entry->connection = connection;
	entry->node = *node;
	entry->failed = fault;
	entry->failed_at = connection ? 0 : xn_seconds();
	pthread_cond_broadcast(&entry->changed);
}

/* A reference to the node's connection; one thread makes it, the others wait for that one. */
static virConnectPtr take_connection(struct entry *entry, const struct xn_node *node,
				     struct xn_fault *fault)
{
	virConnectPtr connection;
	bool same;

	pthread_mutex_lock(&entry->lock);
	while (entry->connecting)
		pthread_cond_wait(&entry->changed, &entry->lock);
	same = same_place(&entry->node, node);
	if (entry->connection && (!same || virConnectIsAlive(entry->connection) != 1))
		drop(entry);
	if (!entry->connection &&
	    !(same && entry->failed_at && xn_seconds() - entry->failed_at < AGAIN_SECONDS))
		connect_entry(entry, node);
	connection = entry->connection;
	if (connection)
		virConnectRef(connection);
	else if (!fault->code)
		*fault = entry->failed;
	pthread_mutex_unlock(&entry->lock);
	return connection;
}

virConnectPtr xn_nodes_connect(struct xn_nodes *nodes, const struct xn_node *node,
			       struct xn_fault *fault)
{
	struct entry *entry = find_entry(nodes, node->name);

	if (entry)
		return take_connection(entry, node, fault);
	xn_fault_set(fault, XN_FAULT_INTERNAL, "no memory");
	return NULL;
}

/* --- work ----------------------------------------------------------------------------------- */

static void put_state(struct xn_work_state *state)
{
	bool last;

	pthread_mutex_lock(&state->lock);
	last = !--state->holders;
	pthread_mutex_unlock(&state->lock);
	if (!last)
		return;
	state->work->free(state->work);
	pthread_cond_destroy(&state->finished);
	pthread_mutex_destroy(&state->lock);
	free(state);
}

static void finish(struct xn_work_state *state)
{
	pthread_mutex_lock(&state->lock);
	state->done = true;
	pthread_cond_broadcast(&state->finished);
	pthread_mutex_unlock(&state->lock);
	put_state(state);
}

static void run_work(struct entry *entry, struct xn_work_state *state)
{
	struct xn_work *work = state->work;
	virConnectPtr connection = take_connection(entry, &state->node, &work->fault);

	virResetLastError();
	work->run(work, connection);
	if (connection)
		virConnectClose(connection);
	if (connection && work->fault.code == XN_FAULT_UNREACHABLE) {
		pthread_mutex_lock(&entry->lock);
		if (entry->connection == connection)
			drop(entry);
		pthread_mutex_unlock(&entry->lock);
	}
	finish(state);
}

/* Called with the lock held. */
static struct xn_work_state *next_waiting(struct entry *entry)
{
	struct xn_work_state *state = entry->first;

	if (!state)
		return NULL;
	entry->first = state->next;
	if (!entry->first)
		entry->last = &entry->first;
	entry->n_waiting--;
	return state;
}

static void *run_thread(void *arg)
{
	struct entry *entry = arg;
	struct xn_nodes *nodes = entry->nodes;
	struct xn_work_state *state;

	pthread_mutex_lock(&entry->lock);
	while ((state = next_waiting(entry))) {
		pthread_mutex_unlock(&entry->lock);
		run_work(entry, state);
		pthread_mutex_lock(&entry->lock);
	}
	entry->threads--;
	pthread_mutex_unlock(&entry->lock);
	pthread_mutex_lock(&nodes->lock);
	nodes->threads--;
	pthread_cond_broadcast(&nodes->ended);
	pthread_mutex_unlock(&nodes->lock);
	return NULL;
}

/* Called with the entry's lock held. */
static bool start_thread(struct entry *entry)
{
	pthread_attr_t attr;
	pthread_t thread;
	int rc;

	pthread_mutex_lock(&entry->nodes->lock);
	entry->nodes->threads++;
	pthread_mutex_unlock(&entry->nodes->lock);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	rc = pthread_create(&thread, &attr, run_thread, entry);
	pthread_attr_destroy(&attr);
	entry->threads += !rc;
	if (rc) {
		pthread_mutex_lock(&entry->nodes->lock);
		entry->nodes->threads--;
		pthread_mutex_unlock(&entry->nodes->lock);
	}
	return !rc;
}

static struct xn_work_state *new_state(struct xn_work *work, const struct xn_node *node)
{
	struct xn_work_state *state = calloc(1, sizeof(*state));

	if (!state)
		return NULL;
	pthread_mutex_init(&state->lock, NULL);
	pthread_cond_init(&state->finished, NULL);
	state->work = work;
	state->node = *node;
	state->holders = 2;
	work->state = state;
	return state;
}

/* Put it in the queue, and see that a thread will come to it. */
static bool enqueue(struct entry *entry, struct xn_work_state *state)
{
	bool room;

	pthread_mutex_lock(&entry->lock);
	room = entry->n_waiting < WAITING_MAX &&
	       (entry->threads >= XN_NODE_THREADS || start_thread(entry) || entry->threads);
	if (room) {
		*entry->last = state;
		entry->last = &state->next;
		entry->n_waiting++;
	}
	pthread_mutex_unlock(&entry->lock);
	return room;
}

int xn_nodes_begin(struct xn_nodes *nodes, const struct xn_node *node, struct xn_work *work,
		   struct xn_fault *fault)
{
	struct entry *entry = find_entry(nodes, node->name);
	struct xn_work_state *state = entry ? new_state(work, node) : NULL;

	if (!state) {
		work->free(work);
		return xn_fault_set(fault, XN_FAULT_INTERNAL, "no memory");
	}
	if (enqueue(entry, state))
		return 0;
	state->holders = 1;
	put_state(state);
	return xn_fault_set(
		fault, XN_FAULT_UNREACHABLE,
		"%d calls wait for node \"%s\" already: it does not answer, or is too slow",
		WAITING_MAX, node->name);
}

int xn_nodes_wait(struct xn_work *work, int seconds)
{
	struct xn_work_state *state = work->state;
	struct timespec until;
	bool done;

	deadline(&until, seconds);
	pthread_mutex_lock(&state->lock);
	while (!state->done && !pthread_cond_timedwait(&state->finished, &state->lock, &until))
		;
	done = state->done;
	pthread_mutex_unlock(&state->lock);
	return done ? 0 : -1;
}

void xn_nodes_put(struct xn_work *work)
{
	put_state(work->state);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routes of one network in Dom0: all that it wants, and which of them are held.
 *
 * No packet may be lost, nor go by a shorter prefix that is held while its own is not. So at any moment, also
 * between two batches, all that a held prefix covers is held: what goes away goes shortest prefix first, what
 * comes comes longest first, and what goes goes before what comes, so that the limit is kept, too.
 */
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <systemd/sd-daemon.h>

#include "core/prefixes.h"
#include "core/trim.h"
#include "daemon/log.h"
#include "daemon/routemsg.h"
#include "daemon/rtnl.h"
#include "daemon/table.h"

#define BATCH	     256  /* messages in one system call: about a millisecond */
#define HALF_LIFE    30.0 /* intervals after which a sample weighs half */
#define WEIGHT_LIMIT 1e100
#define FIRST_PASS   1 /* the reading that takes over what is there */

/* Queues in the order in which they are carried out; see the top. */
#define LENGTHS	   129
#define QUEUE_DEL  0
#define QUEUE_MEND LENGTHS
#define QUEUE_ADD  (LENGTHS + 1)
#define QUEUES	   (2 * LENGTHS + 1)
#define QUEUE_NONE UINT16_MAX

/* A route as the router told it; of a prefix, the lowest metric first. */
struct wish {
	struct wish *next;
	uint32_t metric;
	uint32_t sync; /* when it was told last */
	uint64_t digest;
	uint8_t type;
	uint8_t n_hops;
	struct xn_hop hops[];
};

/* A prefix that is wanted, or in the kernel, or both. */
struct entry {
	TAILQ_ENTRY(entry) node; /* in a queue, unless QUEUE_NONE */
	struct xn_prefix_node *prefix;
	struct wish *wishes;
	uint64_t actual; /* digest of what is in the kernel; 0: nothing. A copy would double the memory */
	double use;	/* in units of table->weight */
	uint32_t pass;	/* of the reading of the kernel's table that found it */
	uint32_t index; /* of its item while choosing */
	uint16_t queue;
	uint8_t family;
	bool found;   /* in the kernel, by nobody yet wanted; it may turn out to be */
	bool chosen;  /* to be held */
	bool refused; /* the kernel would not take it */
};

TAILQ_HEAD(queue, entry);

struct xn_table {
	uint32_t id;
	struct xn_rtnl *rtnl;
	struct xn_prefixes prefixes[2]; /* IPv4, IPv6 */
	struct queue queues[QUEUES];
	size_t queued;
	size_t limit;
	size_t cap; /* as the kernel's own limit showed; until the next interval */
	size_t wanted, held, barred;
	bool all;      /* every entry is chosen */
	bool stale;    /* choose anew before the next batch */
	bool told;     /* that routes were refused, in this interval */
	bool swept;    /* what was found in the kernel and is not wanted goes */
	double weight; /* of a sample taken now */
	uint32_t sync;
	uint32_t pass;
	int reading; /* family whose routes are being read, or 0 */
	bool interrupted;
};

static struct xn_prefixes *map_of(struct xn_table *table, uint8_t family)
{
	return &table->prefixes[family == AF_INET6];
}

static uint8_t bits_of(uint8_t family)
{
	return family == AF_INET6 ? 128 : 32;
}

static bool counts(const struct entry *entry)
{
	return entry->prefix->length;
}

/* Only the router can forward it. */
static bool barred(const struct entry *entry)
{
	const struct wish *wish = entry->wishes;

	return wish && (entry->refused || (wish->type == RTN_UNICAST && !wish->n_hops));
}

static bool wanted(const struct entry *entry)
{
	return entry->wishes || entry->found;
}

/* Digest of what is to be in the kernel; 0: nothing. */
static uint64_t desired(const struct entry *entry)
{
	if (!entry->chosen || barred(entry))
		return 0;
	if (entry->wishes)
		return entry->wishes->digest;
	return entry->found ? entry->actual : 0;
}

/* --- what is to be done --- */

static uint16_t queue_for(const struct entry *entry)
{
	uint64_t to = desired(entry);

	if (to == entry->actual)
		return QUEUE_NONE;
	if (!to)
		return QUEUE_DEL + entry->prefix->length;
	return entry->actual ? QUEUE_MEND : QUEUE_ADD + LENGTHS - 1 - entry->prefix->length;
}

static void requeue(struct xn_table *table, struct entry *entry)
{
	uint16_t queue = queue_for(entry);

	if (queue == entry->queue)
		return;
	if (entry->queue != QUEUE_NONE) {
		TAILQ_REMOVE(&table->queues[entry->queue], entry, node);
		table->queued--;
	}
	entry->queue = queue;
	if (queue != QUEUE_NONE) {
		TAILQ_INSERT_TAIL(&table->queues[queue], entry, node);
		table->queued++;
	}
}

/* --- entries --- */

/* What an entry adds to the totals. Taken off before it changes, and put on after. */
static void account(struct xn_table *table, const struct entry *entry, int sign)
{
	if (counts(entry)) {
		table->wanted += sign * (int)wanted(entry);
		table->held += sign * (int)!!entry->actual;
	}
	table->barred += sign * (int)barred(entry);
}

static struct entry *find(struct xn_table *table, const struct xn_route *route)
{
	struct xn_prefix_node *node = xn_prefixes_find(map_of(table, route->destination.family),
						       route->destination.bytes, route->length);

	return node ? node->value : NULL;
}

static struct entry *get(struct xn_table *table, const struct xn_route *route)
{
	struct entry *entry = find(table, route);

	if (entry)
		return entry;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->prefix = xn_prefixes_put(map_of(table, route->destination.family),
					route->destination.bytes, route->length, entry);
	if (!entry->prefix) {
		free(entry);
		return NULL;
	}
	entry->family = route->destination.family;
	entry->queue = QUEUE_NONE;
	entry->chosen = true; /* which is said anew before it gets there if not all can be */
	return entry;
}

static void free_wishes(struct entry *entry)
{
	for (struct wish *wish; (wish = entry->wishes);) {
		entry->wishes = wish->next;
		free(wish);
	}
}

/* Frees an entry that says nothing any more. */
static void put(struct xn_table *table, struct entry *entry)
{
	if (entry->wishes || entry->actual)
		return;
	if (entry->queue != QUEUE_NONE) {
		TAILQ_REMOVE(&table->queues[entry->queue], entry, node);
		table->queued--;
	}
	xn_prefixes_remove(map_of(table, entry->family), entry->prefix);
	free(entry);
}

/* An entry that was taken off the totals has changed. */
static void changed(struct xn_table *table, struct entry *entry)
{
	account(table, entry, 1);
	if (!table->all || table->wanted > table->limit || table->barred)
		table->stale = true;
	requeue(table, entry);
	put(table, entry);
}

static struct xn_prefix_node *next_of(struct xn_table *table, struct xn_prefix_node *node,
				      size_t *family)
{
	if (node)
		node = xn_prefixes_next(&table->prefixes[*family], node);
	else
		node = xn_prefixes_next(&table->prefixes[ *family = 0], NULL);
	while (!node && *family == 0)
		node = xn_prefixes_next(&table->prefixes[++*family], NULL);
	return node;
}

/* Calls @fn for every entry, which it may free. */
static void for_each(struct xn_table *table,
		     void (*fn)(struct xn_table *table, struct entry *entry))
{
	size_t family;
	struct xn_prefix_node *node = next_of(table, NULL, &family), *next;

	for (; node; node = next) {
		next = next_of(table, node, &family);
		fn(table, node->value);
	}
}

/* --- what is wanted --- */

static struct wish *new_wish(const struct xn_table *table, const struct xn_route *route)
{
	struct wish *wish = malloc(sizeof(*wish) + route->n_hops * sizeof(route->hops[0]));

	if (!wish)
		return NULL;
	wish->metric = route->metric;
	wish->sync = table->sync;
	wish->digest = xn_route_digest(route);
	wish->type = route->type;
	wish->n_hops = route->n_hops;
	memcpy(wish->hops, route->hops, route->n_hops * sizeof(route->hops[0]));
	return wish;
}

/* Where the wish with this metric is or would be. */
static struct wish **wish_at(struct entry *entry, uint32_t metric)
{
	struct wish **at = &entry->wishes;

	while (*at && (*at)->metric < metric)
		at = &(*at)->next;
	return at;
}

static void unlink_wish(struct wish **at)
{
	struct wish *wish = *at;

	*at = wish->next;
	free(wish);
}

static struct xn_route masked(const struct xn_route *route)
{
	struct xn_route copy = *route;

	xn_prefix_mask(copy.destination.bytes, copy.length);
	return copy;
}

int xn_table_set(struct xn_table *table, const struct xn_route *route)
{
	struct xn_route copy = masked(route);
	struct entry *entry = get(table, &copy);
	struct wish *wish = entry ? new_wish(table, &copy) : NULL;
	struct wish **at;

	if (!wish) {
		if (entry)
			put(table, entry);
		return -ENOMEM;
	}
	account(table, entry, -1);
	at = wish_at(entry, wish->metric);
	if (*at && (*at)->metric == wish->metric)
		unlink_wish(at);
	wish->next = *at;
	*at = wish;
	entry->found = entry->refused = false;
	changed(table, entry);
	return 0;
}

void xn_table_remove(struct xn_table *table, const struct xn_route *route)
{
	struct xn_route copy = masked(route);
	struct entry *entry = find(table, &copy);
	struct wish **at;

	if (!entry)
		return;
	account(table, entry, -1);
	at = wish_at(entry, copy.metric);
	if (*at && (*at)->metric == copy.metric)
		unlink_wish(at);
	entry->found = entry->refused = false;
	changed(table, entry);
}

void xn_table_sync_begin(struct xn_table *table)
{
	table->sync++;
}

/* What was not told since goes. */
static void sweep(struct xn_table *table, struct entry *entry)
{
	account(table, entry, -1);
	entry->found = false;
	for (struct wish **at = &entry->wishes; *at;)
		if ((*at)->sync != table->sync)
			unlink_wish(at);
		else
			at = &(*at)->next;
	changed(table, entry);
}

void xn_table_sync_end(struct xn_table *table)
{
	table->swept = true;
	for_each(table, sweep);
}

/* --- which are held --- */

struct choice {
	struct xn_trim_item *items;
	struct entry **entries;
	double *scratch;
	size_t n, room;
};

static bool choice_init(struct choice *choice, size_t room)
{
	choice->n = 0;
	choice->room = room;
	choice->items = calloc(room, sizeof(*choice->items));
	choice->entries = calloc(room, sizeof(*choice->entries));
	choice->scratch = calloc(room, sizeof(*choice->scratch));
	return choice->items && choice->entries && choice->scratch;
}

static void choice_exit(struct choice *choice)
{
	free(choice->items);
	free(choice->entries);
	free(choice->scratch);
}

/* Index of what covers an entry; what is not wanted is only on its way out. */
static size_t cover(const struct entry *entry)
{
	const struct xn_prefix_node *above = xn_prefix_cover(entry->prefix);

	while (above && !wanted(above->value))
		above = xn_prefix_cover(above);
	return above ? ((const struct entry *)above->value)->index : XN_TRIM_NONE;
}

static void add_item(const struct xn_table *table, struct choice *choice, struct entry *entry)
{
	entry->index = choice->n;
	choice->entries[choice->n] = entry;
	choice->items[choice->n++] = (struct xn_trim_item){
		.above = cover(entry),
		.use = entry->use / table->weight,
		.held = entry->actual,
		.barred = barred(entry),
		.free = !counts(entry),
	};
}

static size_t effective_limit(const struct xn_table *table)
{
	return table->limit < table->cap ? table->limit : table->cap;
}

static void choose(struct xn_table *table, struct entry *entry, bool chosen)
{
	entry->chosen = chosen;
	requeue(table, entry);
}

static void choose_it(struct xn_table *table, struct entry *entry)
{
	choose(table, entry, true);
}

static int choose_some(struct xn_table *table)
{
	/* and default routes, of which there is one each */
	struct choice choice;
	size_t family;

	if (!choice_init(&choice, table->wanted + 2)) {
		choice_exit(&choice);
		return -ENOMEM;
	}
	for (struct xn_prefix_node *node = next_of(table, NULL, &family); node;
	     node = next_of(table, node, &family))
		if (wanted(node->value))
			add_item(table, &choice, node->value);
	xn_trim(choice.items, choice.n, effective_limit(table), choice.scratch);
	for (size_t i = 0; i < choice.n; i++)
		choose(table, choice.entries[i], choice.items[i].held);
	choice_exit(&choice);
	table->all = false;
	return 0;
}

static int choose_anew(struct xn_table *table)
{
	int ret = 0;

	if (!table->stale)
		return 0;
	if (table->wanted > effective_limit(table) || table->barred) {
		ret = choose_some(table);
	} else if (!table->all) {
		for_each(table, choose_it);
		table->all = true;
	}
	table->stale = ret;
	return ret;
}

void xn_table_limit(struct xn_table *table, size_t limit)
{
	if (limit == table->limit)
		return;
	table->limit = limit;
	table->cap = SIZE_MAX;
	table->stale = true;
}

void xn_table_use(struct xn_table *table, const struct xn_address *destination)
{
	struct xn_prefix_node *node = xn_prefixes_match(map_of(table, destination->family),
							destination->bytes,
							bits_of(destination->family));

	while (node && !wanted(node->value))
		node = xn_prefix_cover(node);
	if (node)
		((struct entry *)node->value)->use += table->weight;
}

static void lighten(struct xn_table *table, struct entry *entry)
{
	entry->use /= table->weight;
}

/* That old samples weigh less is the same as that new ones weigh more, and costs nothing. */
void xn_table_rank(struct xn_table *table)
{
	table->weight *= exp2(1 / HALF_LIFE);
	if (table->weight > WEIGHT_LIMIT) {
		for_each(table, lighten);
		table->weight = 1;
	}
	if (table->cap != SIZE_MAX || !table->all)
		table->stale = true;
	table->cap = SIZE_MAX;
	table->told = false;
}

/* --- what the kernel has --- */

static void found(const struct nlmsghdr *nlh, void *arg)
{
	struct xn_table *table = arg;
	struct xn_route route;
	struct entry *entry;

	if (!xn_routemsg_parse(nlh, table->id, &route))
		return;
	entry = get(table, &route);
	if (!entry) {
		table->interrupted = true; /* read it again when there is memory */
		return;
	}
	account(table, entry, -1);
	entry->found = !entry->wishes && !table->swept && table->pass == FIRST_PASS;
	entry->actual = xn_route_digest(&route);
	entry->pass = table->pass;
	changed(table, entry);
}

static void not_found(struct xn_table *table, struct entry *entry)
{
	if (entry->pass == table->pass)
		return;
	account(table, entry, -1);
	entry->found = false;
	entry->actual = 0;
	changed(table, entry);
}

static void try_again(struct xn_table *table, struct entry *entry)
{
	account(table, entry, -1);
	entry->refused = false;
	changed(table, entry);
}

void xn_table_check(struct xn_table *table)
{
	for_each(table, try_again);
	if (table->pass != FIRST_PASS || !table->reading)
		table->pass++;
	table->reading = AF_INET;
	table->interrupted = true; /* so that the first step begins it */
}

/* Return: 1: more to read, 0: that was all, or -errno. */
static int read_family(struct xn_table *table, struct xn_err *err)
{
	int ret;

	if (table->interrupted) {
		table->interrupted = false;
		ret = xn_rtnl_dump(table->rtnl, table->reading, table->id, XN_ROUTE_PROTOCOL, err);
		if (ret)
			return ret;
	}
	ret = xn_rtnl_dump_read(table->rtnl, found, table, err);
	if (ret != -EAGAIN)
		return ret;
	table->interrupted = true;
	return 1;
}

static int read_on(struct xn_table *table, struct xn_err *err)
{
	int ret = read_family(table, err);

	if (ret < 0)
		table->interrupted = true; /* from the start the next time */
	if (ret || table->interrupted)
		return ret < 0 ? ret : 1;
	table->reading = table->reading == AF_INET ? AF_INET6 : 0;
	table->interrupted = table->reading;
	if (!table->reading)
		for_each(table, not_found);
	return table->reading ? 1 : 0;
}

/* --- carrying it there --- */

struct batch {
	struct xn_table *table;
	size_t n;
	size_t size;
	struct entry *entries[BATCH];
	uint64_t to[BATCH];
	int errors[BATCH];
	char text[160]; /* the kernel's first refusal */
	size_t refused;
	char messages[BATCH * XN_ROUTEMSG_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
};

static void describe(const struct entry *entry, struct xn_route *route)
{
	const struct wish *wish = entry->wishes;

	memset(route, 0, offsetof(struct xn_route, hops));
	route->destination.family = entry->family;
	memcpy(route->destination.bytes, entry->prefix->bytes, sizeof(entry->prefix->bytes));
	route->length = entry->prefix->length;
	if (!wish)
		return;
	route->type = wish->type;
	route->n_hops = wish->n_hops;
	memcpy(route->hops, wish->hops, wish->n_hops * sizeof(wish->hops[0]));
}

static void add_message(struct batch *batch, struct entry *entry)
{
	uint64_t to = desired(entry);
	struct xn_route route;

	describe(entry, &route);
	batch->size += xn_routemsg_put(batch->messages + batch->size,
				       to ? RTM_NEWROUTE : RTM_DELROUTE, batch->n, batch->table->id,
				       &route);
	batch->entries[batch->n] = entry;
	batch->to[batch->n] = to;
	batch->errors[batch->n++] = 0;
}

/*
 * The next ones. A batch never holds two prefixes of which one may cover the other if they come: should
 * the longer one be refused, the shorter must not get there.
 */
static void fill(struct batch *batch, size_t most)
{
	struct xn_table *table = batch->table;

	batch->n = batch->size = batch->refused = 0;
	for (size_t q = 0; q < QUEUES && !(batch->n && q >= QUEUE_MEND); q++) {
		struct entry *entry;

		TAILQ_FOREACH(entry, &table->queues[q], node)
		{
			if (batch->n == most)
				return;
			add_message(batch, entry);
		}
	}
}

/* Not about this route: it may succeed later. */
static bool passing(int error)
{
	return error == -ENOMEM || error == -ENOBUFS || error == -EPERM;
}

static void refused(size_t number, int error, const char *text, void *arg)
{
	struct batch *batch = arg;
	char address[INET6_ADDRSTRLEN];
	const struct entry *entry;

	if (number >= batch->n)
		return;
	batch->errors[number] = error;
	entry = batch->entries[number];
	if (!batch->to[number] || error == -ENOSPC || passing(error) || batch->refused++)
		return;
	inet_ntop(entry->family, entry->prefix->bytes, address, sizeof(address));
	snprintf(batch->text, sizeof(batch->text), "%s/%u: %s", address, entry->prefix->length,
		 text ? text : strerror(-error));
}

static void settle(struct xn_table *table, struct entry *entry, uint64_t to, int error)
{
	account(table, entry, -1);
	if (!error || (!to && !passing(error)))
		entry->actual = to; /* what can't be removed is not there */
	else if (!passing(error) && error != -ENOSPC)
		entry->refused = true;
	if (error == -ENOSPC) {
		/* Others have taken room in the table: another choice, that keeps what covers it out. */
		table->cap = table->held;
		table->stale = true;
	}
	changed(table, entry);
}

static void tell_refused(struct batch *batch)
{
	if (!batch->refused || batch->table->told)
		return;
	batch->table->told = true;
	xn_log(SD_WARNING, "table %u: %zu routes are left to the router: %s", batch->table->id,
	       batch->refused, batch->text);
}

static int settle_all(struct batch *batch, struct xn_err *err)
{
	int ret = 0;

	for (size_t i = 0; i < batch->n; i++) {
		settle(batch->table, batch->entries[i], batch->to[i], batch->errors[i]);
		if (passing(batch->errors[i]))
			ret = batch->errors[i];
	}
	if (ret)
		xn_err_set(err, "table %u: %s", batch->table->id, strerror(-ret));
	tell_refused(batch);
	return ret;
}

static int send_batch(struct batch *batch, struct xn_err *err)
{
	int ret = xn_rtnl_execute(batch->table->rtnl, batch->messages, batch->size, refused, batch,
				  err);

	if (!ret)
		return settle_all(batch, err);
	xn_table_check(batch->table);
	return ret;
}

static int send_some(struct xn_table *table, struct batch *batch, size_t most, struct xn_err *err)
{
	int ret = choose_anew(table);

	batch->table = table;
	while (!ret && most && table->queued && !table->reading) {
		fill(batch, most < BATCH ? most : BATCH);
		most -= batch->n;
		ret = send_batch(batch, err);
		if (!ret)
			ret = choose_anew(table);
	}
	return ret;
}

static long left(const struct xn_table *table)
{
	return table->queued + !!table->reading;
}

long xn_table_flush(struct xn_table *table, size_t most, struct xn_err *err)
{
	struct batch *batch;
	int ret = table->reading ? read_on(table, err) : 0;

	if (ret || table->reading)
		return ret < 0 ? ret : left(table);
	if (!table->queued && !table->stale)
		return 0;
	batch = malloc(sizeof(*batch));
	if (!batch) {
		xn_err_set(err, "table %u: no memory", table->id);
		return -ENOMEM;
	}
	ret = send_some(table, batch, most, err);
	free(batch);
	return ret ? ret : left(table);
}

/* --- the table --- */

struct xn_table *xn_table_open(uint32_t id, struct xn_err *err)
{
	struct xn_table *table = calloc(1, sizeof(*table));

	if (!table) {
		xn_err_set(err, "table %u: no memory", id);
		return NULL;
	}
	table->rtnl = xn_rtnl_open(err);
	if (!table->rtnl) {
		free(table);
		return NULL;
	}
	for (size_t i = 0; i < QUEUES; i++)
		TAILQ_INIT(&table->queues[i]);
	table->id = id;
	table->limit = table->cap = SIZE_MAX;
	table->all = true;
	table->weight = 1;
	xn_table_check(table);
	return table;
}

static void forget(struct xn_table *table, struct entry *entry)
{
	free_wishes(entry);
	entry->actual = 0;
	put(table, entry);
}

void xn_table_leave(struct xn_table *table)
{
	if (!table)
		return;
	for_each(table, forget);
	xn_rtnl_close(table->rtnl);
	free(table);
}

void xn_table_close(struct xn_table *table)
{
	struct xn_err err;

	if (!table)
		return;
	xn_table_sync_begin(table);
	xn_table_sync_end(table);
	while (xn_table_flush(table, BATCH, &err) > 0)
		;
	xn_table_leave(table);
}

struct xn_table_stats xn_table_stats(const struct xn_table *table)
{
	return (struct xn_table_stats){
		.wanted = table->wanted,
		.held = table->held,
		.limit = table->limit,
		.refused = table->barred,
		.left = left(table) + table->stale,
	};
}

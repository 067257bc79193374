// SPDX-License-Identifier: GPL-2.0-or-later
/* The registry's tables, and nodes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vms/registry_db.h"

/* Each is a statement that both SQLite and PostgreSQL understand. */
static const char *const tables[] = {
	"CREATE TABLE IF NOT EXISTS nodes (name TEXT PRIMARY KEY, hypervisor TEXT NOT NULL,"
	" host_key TEXT NOT NULL)",
	"CREATE TABLE IF NOT EXISTS addresses (address TEXT PRIMARY KEY, node TEXT NOT NULL,"
	" position BIGINT NOT NULL)",
	"CREATE INDEX IF NOT EXISTS addresses_node ON addresses (node)",
	"CREATE TABLE IF NOT EXISTS vms (node TEXT NOT NULL, name TEXT NOT NULL,"
	" uuid TEXT NOT NULL UNIQUE, network TEXT NOT NULL, owner TEXT NOT NULL, ip TEXT NOT NULL,"
	" disk TEXT NOT NULL, volumes TEXT NOT NULL, sla TEXT NOT NULL, ready BIGINT NOT NULL, "
	"server TEXT NOT NULL,"
	" PRIMARY KEY (node, name), UNIQUE (node, disk))",
	"CREATE TABLE IF NOT EXISTS operations (id TEXT PRIMARY KEY, service TEXT NOT NULL,"
	" node TEXT NOT NULL, vm TEXT NOT NULL, owner TEXT NOT NULL, server TEXT NOT NULL,"
	" state BIGINT NOT NULL, step TEXT NOT NULL, done BIGINT NOT NULL, total BIGINT NOT NULL,"
	" started TEXT NOT NULL, ended TEXT NOT NULL)",
	"CREATE INDEX IF NOT EXISTS operations_started ON operations (started)",
	"CREATE TABLE IF NOT EXISTS claims (node TEXT NOT NULL, vm TEXT NOT NULL,"
	" operation TEXT NOT NULL, PRIMARY KEY (node, vm))",
	"CREATE INDEX IF NOT EXISTS claims_operation ON claims (operation)",
	"CREATE TABLE IF NOT EXISTS images (name TEXT PRIMARY KEY, os TEXT NOT NULL,"
	" arch TEXT NOT NULL, kernel_version TEXT NOT NULL, format TEXT NOT NULL,"
	" disk TEXT NOT NULL, kernel TEXT NOT NULL, initrd TEXT NOT NULL,"
	" arguments TEXT NOT NULL)",
	"CREATE TABLE IF NOT EXISTS principals (name TEXT PRIMARY KEY, role BIGINT NOT NULL,"
	" token TEXT NOT NULL)",
};

/* Servers that start at the same time must not make them twice: PostgreSQL's IF NOT EXISTS can fail then. */
static int make_tables(struct xn_db *db, struct xn_err *err)
{
	struct xn_tx *tx = xn_tx_begin(db, true, err);

	if (!tx)
		return -EIO;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		xn_tx_run(tx, NULL, NULL, tables[i], NULL, 0);
	return xn_tx_end(tx, err);
}

struct xn_registry *xn_registry_open(const char *uri, const char *server, struct xn_err *err)
{
	struct xn_registry *registry = calloc(1, sizeof(*registry));

	if (!registry) {
		xn_err_set(err, "registry: no memory");
		return NULL;
	}
	XN_COLUMN(registry->server, server);
	registry->db = xn_db_open(uri, err);
	/* once more if another server was quicker */
	if (registry->db && (!make_tables(registry->db, err) || !make_tables(registry->db, err)))
		return registry;
	xn_registry_close(registry);
	return NULL;
}

void xn_registry_close(struct xn_registry *registry)
{
	if (!registry)
		return;
	xn_db_close(registry->db);
	free(registry);
}

int xn_registry_run(struct xn_registry *registry, bool write, xn_row_fn fn, void *arg,
		    struct xn_err *err, const char *sql, const char *const *values, size_t n)
{
	struct xn_tx *tx = xn_tx_begin(registry->db, write, err);
	int rows, status;

	if (!tx)
		return -EIO;
	rows = xn_tx_run(tx, fn, arg, sql, values, n);
	status = xn_tx_end(tx, err);
	return status ? status : rows;
}

char *xn_registry_time(char text[XN_VMS_TIME], long back)
{
	struct timespec now;
	struct tm tm;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec -= back;
	n = strftime(text, XN_VMS_TIME, "%Y-%m-%dT%H:%M:%S", gmtime_r(&now.tv_sec, &tm));
	snprintf(text + n, XN_VMS_TIME - n, ".%06ldZ", now.tv_nsec / 1000);
	return text;
}

int xn_registry_ping(struct xn_registry *registry, struct xn_err *err)
{
	int rows = xn_registry_do(registry, false, NULL, NULL, err, "SELECT count(*) FROM nodes");

	return rows < 0 ? rows : 0;
}

static void add_node(struct xn_tx *tx, const struct xn_node *node, unsigned int *added)
{
	char position[24];
	int known;

	known = xn_tx_do(tx, NULL, NULL, "SELECT 1 FROM nodes WHERE name = $1", node->name);
	xn_tx_do(tx, NULL, NULL,
		 "INSERT INTO nodes (name, hypervisor, host_key) VALUES ($1, $2, $3) ON CONFLICT "
		 "(name)"
		 " DO UPDATE SET hypervisor = excluded.hypervisor, host_key = excluded.host_key",
		 node->name, node->hypervisor, node->key);
	xn_tx_do(tx, NULL, NULL, "DELETE FROM addresses WHERE node = $1", node->name);
	for (size_t i = 0; i < node->n_addresses; i++) {
		snprintf(position, sizeof(position), "%zu", i);
		xn_tx_do(tx, NULL, NULL,
			 "INSERT INTO addresses (address, node, position) VALUES ($1, $2, $3)",
			 node->address[i], node->name, position);
	}
	*added += !known;
}

/* Addresses may go from one of these nodes to another: they are all free before the first is taken. */
int xn_registry_add_nodes(struct xn_registry *registry, const struct xn_node *nodes, size_t n,
			  unsigned int *added, struct xn_err *err)
{
	struct xn_tx *tx = xn_tx_begin(registry->db, true, err);
	int ret;

	*added = 0;
	if (!tx)
		return -EIO;
	for (size_t i = 0; i < n; i++)
		xn_tx_do(tx, NULL, NULL, "DELETE FROM addresses WHERE node = $1", nodes[i].name);
	for (size_t i = 0; i < n; i++)
		add_node(tx, &nodes[i], added);
	ret = xn_tx_end(tx, err);
	if (ret == -EEXIST)
		xn_err_set(err, "an address is given twice, or belongs to another node: see "
				"getRegisteredNodes");
	return ret;
}

/* Rows are a node and one of its addresses. */
struct node_walk {
	struct xn_node node;
	bool any;
	xn_node_fn fn;
	void *arg;
};

static void tell_node(struct node_walk *walk)
{
	if (walk->any)
		walk->fn(&walk->node, walk->arg);
}

static void node_row(void *arg, const char *const *column)
{
	struct node_walk *walk = arg;
	struct xn_node *node = &walk->node;

	if (!walk->any || strcmp(node->name, column[0])) {
		tell_node(walk);
		walk->any = true;
		memset(node, 0, sizeof(*node));
		XN_COLUMN(node->name, column[0]);
		XN_COLUMN(node->hypervisor, column[1]);
		XN_COLUMN(node->key, column[2]);
	}
	if (column[3] && node->n_addresses < XN_VMS_ADDRESSES)
		XN_COLUMN(node->address[node->n_addresses++], column[3]);
}

#define NODE_SELECT                                                   \
	"SELECT nodes.name, hypervisor, host_key, address FROM nodes" \
	" LEFT JOIN addresses ON addresses.node = nodes.name "

int xn_registry_nodes(struct xn_registry *registry, xn_node_fn fn, void *arg, struct xn_err *err)
{
	struct node_walk walk = { .fn = fn, .arg = arg };
	int rows = xn_registry_do(registry, false, node_row, &walk, err,
				  NODE_SELECT "ORDER BY nodes.name, position");

	if (rows < 0)
		return rows;
	tell_node(&walk);
	return 0;
}

static void copy_node(const struct xn_node *node, void *arg)
{
	memcpy(arg, node, sizeof(*node));
}

int xn_registry_node(struct xn_registry *registry, const char *name, struct xn_node *node,
		     struct xn_err *err)
{
	static const char *const selects[] = {
		NODE_SELECT "WHERE nodes.name = $1 ORDER BY position",
		NODE_SELECT "WHERE nodes.name = (SELECT node FROM addresses WHERE address = $1)"
			    " ORDER BY position",
	};
	struct node_walk walk = { .fn = copy_node, .arg = node };
	int rows = 0;

	for (size_t i = 0; i < 2 && !rows; i++)
		rows = xn_registry_do(registry, false, node_row, &walk, err, selects[i], name);
	tell_node(&walk);
	if (rows)
		return rows < 0 ? rows : 0;
	xn_err_set(err, "no node \"%s\": register it with registerNodes", name);
	return -ENOENT;
}

int xn_registry_remove_node(struct xn_registry *registry, const char *name, struct xn_err *err)
{
	struct xn_tx *tx = xn_tx_begin(registry->db, true, err);
	int used, gone, ret;

	if (!tx)
		return -EIO;
	used = xn_tx_do(tx, NULL, NULL, "SELECT 1 FROM vms WHERE node = $1", name);
	if (used > 0) {
		xn_tx_cancel(tx);
		xn_err_set(err,
			   "node \"%s\" has virtual machines of this server: destroy or migrate "
			   "them first",
			   name);
		return -EEXIST;
	}
	xn_tx_do(tx, NULL, NULL, "DELETE FROM addresses WHERE node = $1", name);
	gone = xn_tx_do(tx, NULL, NULL, "DELETE FROM nodes WHERE name = $1", name);
	ret = xn_tx_end(tx, err);
	if (ret || gone)
		return ret;
	xn_err_set(err, "no node \"%s\"", name);
	return -ENOENT;
}

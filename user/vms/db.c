// SPDX-License-Identifier: GPL-2.0-or-later
/* Connections to the registry's database, and transactions on them. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "vms/db.h"

struct xn_db {
	const struct xn_db_kind *kind;
	char *uri;
	pthread_mutex_t lock;
	pthread_cond_t free;	       /* a connection is */
	void *idle[XN_DB_CONNECTIONS]; /* under lock */
	unsigned int n_idle, n_made;   /* under lock; made: idle and in use */
};

struct xn_tx {
	struct xn_db *db;
	void *connection;
	int status; /* the first error */
	struct xn_err err;
};

static const struct xn_db_kind *kind_of(const char *uri)
{
	static const char *const schemes[] = { "postgresql://", "postgres://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (!strncmp(uri, schemes[i], strlen(schemes[i])))
			return &xn_db_postgres;
	return &xn_db_sqlite;
}

/* Called with the lock held; a connection takes a while, and others must not wait for it. */
static void *make(struct xn_db *db, struct xn_err *err)
{
	void *connection;

	db->n_made++;
	pthread_mutex_unlock(&db->lock);
	connection = db->kind->connect(db->uri, err);
	pthread_mutex_lock(&db->lock);
	if (!connection) {
		db->n_made--;
		pthread_cond_signal(&db->free);
	}
	return connection;
}

static void *take(struct xn_db *db, struct xn_err *err)
{
	void *connection;

	pthread_mutex_lock(&db->lock);
	while (!db->n_idle && db->n_made == XN_DB_CONNECTIONS)
		pthread_cond_wait(&db->free, &db->lock);
	connection = db->n_idle ? db->idle[--db->n_idle] : make(db, err);
	pthread_mutex_unlock(&db->lock);
	return connection;
}

static void give_back(struct xn_db *db, void *connection)
{
	bool alive = db->kind->alive(connection);

	if (!alive)
		db->kind->disconnect(connection);
	pthread_mutex_lock(&db->lock);
	if (alive)
		db->idle[db->n_idle++] = connection;
	else
		db->n_made--;
	pthread_cond_signal(&db->free);
	pthread_mutex_unlock(&db->lock);
}

struct xn_db *xn_db_open(const char *uri, struct xn_err *err)
{
	struct xn_db *db = calloc(1, sizeof(*db));
	void *connection;

	if (!db || !(db->uri = strdup(uri))) {
		free(db);
		xn_err_set(err, "%s: no memory", uri);
		return NULL;
	}
	db->kind = kind_of(uri);
	pthread_mutex_init(&db->lock, NULL);
	pthread_cond_init(&db->free, NULL);
	connection = take(db, err);
	if (!connection) {
		xn_db_close(db);
		return NULL;
	}
	give_back(db, connection);
	return db;
}

void xn_db_close(struct xn_db *db)
{
	if (!db)
		return;
	while (db->n_idle)
		db->kind->disconnect(db->idle[--db->n_idle]);
	pthread_cond_destroy(&db->free);
	pthread_mutex_destroy(&db->lock);
	free(db->uri);
	free(db);
}

static int plain(struct xn_tx *tx, const char *sql)
{
	return tx->db->kind->run(tx->connection, NULL, NULL, sql, NULL, 0, &tx->err);
}

static bool begin(struct xn_tx *tx, bool write)
{
	return plain(tx, write ? tx->db->kind->begin_write : "BEGIN") >= 0;
}

/* Idle connections may have died with their server, all of them: go on until one is new. */
static bool begin_anew(struct xn_tx *tx, bool write)
{
	bool begun = false;

	for (int i = 0; i < XN_DB_CONNECTIONS && !begun; i++) {
		if (tx->db->kind->alive(tx->connection))
			return false;
		give_back(tx->db, tx->connection);
		tx->connection = take(tx->db, &tx->err);
		if (!tx->connection)
			return false;
		begun = begin(tx, write);
	}
	return begun;
}

struct xn_tx *xn_tx_begin(struct xn_db *db, bool write, struct xn_err *err)
{
	struct xn_tx *tx = calloc(1, sizeof(*tx));

	if (!tx) {
		xn_err_set(err, "registry: no memory");
		return NULL;
	}
	tx->db = db;
	tx->connection = take(db, &tx->err);
	if (tx->connection && (begin(tx, write) || begin_anew(tx, write)))
		return tx;
	*err = tx->err;
	if (tx->connection)
		give_back(db, tx->connection);
	free(tx);
	return NULL;
}

int xn_tx_run(struct xn_tx *tx, xn_row_fn fn, void *arg, const char *sql, const char *const *values,
	      size_t n)
{
	int ret = tx->status;

	if (!ret)
		ret = tx->db->kind->run(tx->connection, fn, arg, sql, values, n, &tx->err);
	if (ret < 0)
		tx->status = ret;
	return ret;
}

int xn_tx_end(struct xn_tx *tx, struct xn_err *err)
{
	int status = tx->status;

	if (!status && plain(tx, "COMMIT") < 0)
		status = -EIO;
	if (status)
		*err = tx->err;
	if (status)
		plain(tx, "ROLLBACK");
	give_back(tx->db, tx->connection);
	free(tx);
	return status;
}

void xn_tx_cancel(struct xn_tx *tx)
{
	plain(tx, "ROLLBACK");
	give_back(tx->db, tx->connection);
	free(tx);
}

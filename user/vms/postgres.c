// SPDX-License-Identifier: GPL-2.0-or-later
/* The registry in a PostgreSQL server. */
#include <errno.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "vms/db.h"

#define COLUMNS_MAX 16
#define UNIQUE	    "23505" /* SQLSTATE unique_violation */

static void ignore_notice(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

/* Its messages are lines; the first says what is wrong. */
static void tell(struct xn_err *err, const char *message)
{
	xn_err_set(err, "registry in PostgreSQL: %.*s", (int)strcspn(message, "\n"), message);
}

static void *pg_connect(const char *uri, struct xn_err *err)
{
	/* what the URI says comes later, and wins; a server that is gone must not hold its callers for ever */
	static const char *const keys[] = { "connect_timeout", "tcp_user_timeout",
					    "fallback_application_name", "dbname", NULL };
	const char *const values[] = { "10", "15000", "xnetman-vms", uri, NULL };
	PGconn *connection = PQconnectdbParams(keys, values, 1);

	if (PQstatus(connection) == CONNECTION_OK) {
		PQsetNoticeReceiver(connection, ignore_notice, NULL);
		return connection;
	}
	/* not the URI: a password may be in it */
	tell(err, PQerrorMessage(connection));
	PQfinish(connection);
	return NULL;
}

static void pg_disconnect(void *connection)
{
	PQfinish(connection);
}

static bool pg_alive(void *connection)
{
	return PQstatus(connection) == CONNECTION_OK;
}

static int failed(PGconn *connection, const PGresult *result, struct xn_err *err)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	tell(err, PQerrorMessage(connection));
	return state && !strcmp(state, UNIQUE) ? -EEXIST : -EIO;
}

static void tell_rows(const PGresult *result, xn_row_fn fn, void *arg)
{
	const char *column[COLUMNS_MAX];

	for (int row = 0; row < PQntuples(result); row++) {
		for (int i = 0; i < PQnfields(result) && i < COLUMNS_MAX; i++)
			column[i] = PQgetisnull(result, row, i) ? NULL : PQgetvalue(result, row, i);
		fn(arg, column);
	}
}

static int pg_run(void *connection, xn_row_fn fn, void *arg, const char *sql,
		  const char *const *values, size_t n, struct xn_err *err)
{
	PGresult *result = PQexecParams(connection, sql, n, NULL, values, NULL, NULL, 0);
	int ret;

	switch (PQresultStatus(result)) {
	case PGRES_TUPLES_OK:
		ret = PQntuples(result);
		if (fn)
			tell_rows(result, fn, arg);
		break;
	case PGRES_COMMAND_OK:
		ret = atoi(PQcmdTuples(result));
		break;
	default:
		ret = failed(connection, result, err);
	}
	PQclear(result);
	return ret;
}

const struct xn_db_kind xn_db_postgres = {
	.connect = pg_connect,
	.disconnect = pg_disconnect,
	.alive = pg_alive,
	.run = pg_run,
	.begin_write = "BEGIN",
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the registry's files. */
#ifndef XN_VMS_REGISTRY_DB_H
#define XN_VMS_REGISTRY_DB_H

#include "vms/db.h"
#include "vms/registry.h"

struct xn_registry {
	struct xn_db *db;
	char server[XN_VMS_NAME];
};

/* A column, which may be null, into an array of characters. */
#define XN_COLUMN(to, column) XN_COPY(to, (column) ? (column) : "")

/* One statement that is a transaction. Return: as of xn_tx_run(). */
int xn_registry_run(struct xn_registry *registry, bool write, xn_row_fn fn, void *arg,
		    struct xn_err *err, const char *sql, const char *const *values, size_t n);

#define xn_registry_do(registry, write, fn, arg, err, sql, ...)           \
	xn_registry_run(registry, write, fn, arg, err, sql,               \
			(const char *const[]){ NULL, ##__VA_ARGS__ } + 1, \
			sizeof((const char *const[]){ NULL, ##__VA_ARGS__ }) / sizeof(char *) - 1)

/* Now, as 2026-01-31T12:00:00.123456Z, which sorts as time does; @back seconds ago. Return: @text. */
char *xn_registry_time(char text[XN_VMS_TIME], long back);

#endif

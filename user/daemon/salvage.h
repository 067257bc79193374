/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows out of a damaged SQLite file: every page is looked at by itself, so that neither the header nor the inner pages
 * of its trees are needed. It knows the format and nothing of what the rows mean; nothing in the file is trusted.
 */
#ifndef XN_DAEMON_SALVAGE_H
#define XN_DAEMON_SALVAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XN_SALVAGE_PAGE	   4096 /* bytes: the page size of the files */
#define XN_SALVAGE_COLUMNS 40	/* rows with more are left out */

struct xn_value {
	enum {
		XN_VALUE_NULL,
		XN_VALUE_INTEGER,
		XN_VALUE_REAL,
		XN_VALUE_TEXT
	} kind;
	int64_t integer;
	double real;	  /* of an integer as well */
	const char *text; /* not ended by a NUL */
	size_t length;
};

typedef void (*xn_salvage_fn)(int64_t rowid, const struct xn_value *values, size_t n, void *arg);

/* Rows of one page; its first byte is at @offset of the file. */
void xn_salvage_page(const uint8_t *page, size_t offset, xn_salvage_fn fn, void *arg);

/**
 * xn_salvage_file() - rows of a database, or of its write-ahead log
 * @wal: it is a log
 *
 * Some rows may come twice, in an older form and a newer. Return: 0 or -errno.
 */
int xn_salvage_file(const char *path, bool wal, xn_salvage_fn fn, void *arg);

#endif

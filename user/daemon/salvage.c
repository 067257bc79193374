// SPDX-License-Identifier: GPL-2.0-or-later
/* SQLite's file format, as far as the leaves of tables go (https://sqlite.org/fileformat2.html). */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "daemon/salvage.h"

#define FILE_HEADER  100 /* bytes before the first page's own */
#define LEAF_HEADER  8
#define TABLE_LEAF   0x0d
#define LOCAL_MAX    (XN_SALVAGE_PAGE - 35) /* bytes of a row that are not on another page */
#define WAL_HEADER   32
#define FRAME_HEADER 24

/* Bytes that are still to be read. */
struct span {
	const uint8_t *at, *end;
};

static uint64_t big_endian(const uint8_t *bytes, size_t n)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++)
		value = value << 8 | bytes[i];
	return value;
}

/* Seven bits a byte, the ninth has eight. */
static bool varint(struct span *span, uint64_t *value)
{
	*value = 0;
	for (int i = 0; i < 9 && span->at < span->end; i++) {
		uint8_t byte = *span->at++;

		if (i == 8) {
			*value = *value << 8 | byte;
			return true;
		}
		*value = *value << 7 | (byte & 0x7f);
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

static size_t size_of(uint64_t type)
{
	static const uint8_t sizes[] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0 };

	return type < sizeof(sizes) ? sizes[type] : (type - 12) / 2;
}

static struct xn_value integer(int64_t value)
{
	return (struct xn_value){ .kind = XN_VALUE_INTEGER, .integer = value, .real = value };
}

/* Sign is that of the highest byte. */
static int64_t signed_of(const uint8_t *bytes, size_t n)
{
	uint64_t value = big_endian(bytes, n);

	if (n < 8 && bytes[0] & 0x80)
		value |= UINT64_MAX << (8 * n);
	return (int64_t)value;
}

static struct xn_value value_of(uint64_t type, const uint8_t *bytes, size_t n)
{
	struct xn_value value = { .kind = XN_VALUE_NULL };
	uint64_t bits;

	if (type == 8 || type == 9)
		return integer(type - 8);
	if (type == 7) {
		bits = big_endian(bytes, 8);
		value.kind = XN_VALUE_REAL;
		memcpy(&value.real, &bits, sizeof(bits));
	} else if (type >= 1 && type <= 6) {
		return integer(signed_of(bytes, n));
	} else if (type >= 13 && type % 2) {
		value.kind = XN_VALUE_TEXT;
		value.text = (const char *)bytes;
		value.length = n;
	}
	return value;
}

/* A record: its header says of each column what it is. Return: columns, 0: it makes no sense. */
static size_t read_record(struct span record, struct xn_value values[XN_SALVAGE_COLUMNS])
{
	struct span header = record;
	uint64_t length, type;
	size_t n = 0;

	if (!varint(&header, &length) || length > (size_t)(record.end - record.at) ||
	    length < (size_t)(header.at - record.at))
		return 0;
	header.end = record.at + length;
	record.at += length;
	while (header.at < header.end) {
		if (n == XN_SALVAGE_COLUMNS || !varint(&header, &type) || type == 10 ||
		    type == 11 || size_of(type) > (size_t)(record.end - record.at))
			return 0;
		values[n++] = value_of(type, record.at, size_of(type));
		record.at += size_of(type);
	}
	return n;
}

static void read_cell(struct span cell, xn_salvage_fn fn, void *arg)
{
	struct xn_value values[XN_SALVAGE_COLUMNS];
	uint64_t length, rowid;
	size_t n;

	if (!varint(&cell, &length) || !varint(&cell, &rowid) || length > LOCAL_MAX ||
	    length > (size_t)(cell.end - cell.at))
		return;
	cell.end = cell.at + length;
	n = read_record(cell, values);
	if (n)
		fn((int64_t)rowid, values, n, arg);
}

void xn_salvage_page(const uint8_t *page, size_t offset, xn_salvage_fn fn, void *arg)
{
	const uint8_t *header = page + (offset ? 0 : FILE_HEADER), *end = page + XN_SALVAGE_PAGE;
	const uint8_t *pointer = header + LEAF_HEADER;

	if (*header != TABLE_LEAF)
		return;
	for (uint64_t left = big_endian(header + 3, 2); left && pointer + 2 <= end;
	     left--, pointer += 2) {
		uint64_t at = big_endian(pointer, 2);

		if (at >= LEAF_HEADER && at < XN_SALVAGE_PAGE)
			read_cell((struct span){ page + at, end }, fn, arg);
	}
}

/* Whole pages only: what was cut off ends in the middle of one, whose rows are at its end. */
int xn_salvage_file(const char *path, bool wal, xn_salvage_fn fn, void *arg)
{
	off_t step = XN_SALVAGE_PAGE + (wal ? FRAME_HEADER : 0);
	off_t first = wal ? WAL_HEADER + FRAME_HEADER : 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t page[XN_SALVAGE_PAGE];

	if (fd < 0)
		return -errno;
	for (off_t at = first; pread(fd, page, sizeof(page), at) == sizeof(page); at += step)
		xn_salvage_page(page, wal ? 1 : at, fn, arg);
	close(fd);
	return 0;
}

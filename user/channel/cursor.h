/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading and writing numbers of a message, big endian. A cursor that came to its end stays bad, so
 * that a whole message is read first and judged once.
 */
#ifndef XN_CHANNEL_CURSOR_H
#define XN_CHANNEL_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct xn_reader {
	const uint8_t *at, *end;
	bool bad; /* wanted more than there was */
};

struct xn_writer {
	uint8_t *at, *end;
	bool bad; /* it did not fit */
};

/* Return: the next @n bytes, NULL if there are fewer. */
static inline const uint8_t *xn_take(struct xn_reader *r, size_t n)
{
	const uint8_t *at = r->at;

	if (r->bad || (size_t)(r->end - r->at) < n) {
		r->bad = true;
		return NULL;
	}
	r->at += n;
	return at;
}

/* Of @n bytes, at most 8; 0 if there are fewer. */
static inline uint64_t xn_take_number(struct xn_reader *r, size_t n)
{
	const uint8_t *bytes = xn_take(r, n);
	uint64_t number = 0;

	for (size_t i = 0; bytes && i < n; i++)
		number = number << 8 | bytes[i];
	return number;
}

static inline size_t xn_left(const struct xn_reader *r)
{
	return r->bad ? 0 : r->end - r->at;
}

static inline void xn_put(struct xn_writer *w, const void *bytes, size_t n)
{
	if (w->bad || (size_t)(w->end - w->at) < n) {
		w->bad = true;
		return;
	}
	if (n)
		memcpy(w->at, bytes, n);
	w->at += n;
}

static inline void xn_put_number(struct xn_writer *w, uint64_t number, size_t n)
{
	uint8_t bytes[8];

	for (size_t i = n; i--; number >>= 8)
		bytes[i] = number;
	xn_put(w, bytes, n);
}

#endif

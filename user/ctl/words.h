/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words of the command line: unambiguous beginnings, and what was probably meant. */
#ifndef XN_CTL_WORDS_H
#define XN_CTL_WORDS_H

#include <stddef.h>

enum {
	XN_WORD_UNKNOWN = -1,
	XN_WORD_AMBIGUOUS = -2,
};

/**
 * struct xn_words - the words to choose from
 * @first: array of structures whose first member is a `const char *`
 * @stride: size of one
 * @n: how many
 */
struct xn_words {
	const void *first;
	size_t stride;
	size_t n;
};

#define XN_WORDS(array, count) ((struct xn_words){ (array), sizeof((array)[0]), (count) })

const char *xn_words_at(const struct xn_words *words, size_t i);

/* Index of the word that @text is, or begins as the only one; or XN_WORD_... */
int xn_words_find(const struct xn_words *words, const char *text);

/* The word most like @text, NULL if none is. */
const char *xn_words_guess(const struct xn_words *words, const char *text);

/**
 * xn_words_complain() - why @text was not found and what to write instead
 * @what: what kind of word was expected ("command", "key")
 * @found: what xn_words_find() returned
 * @buf: gets one clause
 */
char *xn_words_complain(const struct xn_words *words, const char *what, const char *text, int found,
			char *buf, size_t size);

#endif

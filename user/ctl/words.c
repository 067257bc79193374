// SPDX-License-Identifier: GPL-2.0-or-later
/* Words of the command line: unambiguous beginnings, and what was probably meant. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ctl/output.h"
#include "ctl/words.h"

#define LONGEST 32 /* no word of ours is longer */

const char *xn_words_at(const struct xn_words *words, size_t i)
{
	return *(const char *const *)((const char *)words->first + i * words->stride);
}

int xn_words_find(const struct xn_words *words, const char *text)
{
	int found = XN_WORD_UNKNOWN;
	size_t len = strlen(text);

	if (!len)
		return XN_WORD_UNKNOWN;
	for (size_t i = 0; i < words->n; i++) {
		const char *word = xn_words_at(words, i);

		if (!strcmp(word, text))
			return (int)i;
		if (!strncmp(word, text, len))
			found = found == XN_WORD_UNKNOWN ? (int)i : XN_WORD_AMBIGUOUS;
	}
	return found;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Edits (insert, delete, replace, swap neighbours) from one word to the other. */
static size_t distance(const char *a, const char *b)
{
	size_t d[LONGEST + 1][LONGEST + 1];
	size_t la = strlen(a), lb = strlen(b);

	if (la > LONGEST || lb > LONGEST)
		return LONGEST;
	for (size_t i = 0; i <= la; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= lb; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= la; i++) {
		for (size_t j = 1; j <= lb; j++) {
			d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1,
				       d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[la][lb];
}

const char *xn_words_guess(const struct xn_words *words, const char *text)
{
	size_t best = strlen(text) > 3 ? 3 : 2; /* first distance that is too far */
	const char *guess = NULL;

	for (size_t i = 0; i < words->n; i++) {
		size_t d = distance(xn_words_at(words, i), text);

		if (d < best) {
			best = d;
			guess = xn_words_at(words, i);
		}
	}
	return guess;
}

/* "a, b, c" of all words, or of those that begin with @text. */
static char *list_words(const struct xn_words *words, const char *text, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < words->n; i++) {
		const char *word = xn_words_at(words, i);

		if (text && strncmp(word, text, strlen(text)))
			continue;
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? ", " : "", word);
		if (len >= size)
			break;
	}
	return buf;
}

char *xn_words_complain(const struct xn_words *words, const char *what, const char *text, int found,
			char *buf, size_t size)
{
	const char *guess = xn_words_guess(words, text);
	char list[256], clean[64];

	xn_ctl_clean(text, clean, sizeof(clean));
	if (found == XN_WORD_AMBIGUOUS)
		snprintf(buf, size, "\"%s\" may be %s: write more of it", clean,
			 list_words(words, text, list, sizeof(list)));
	else if (guess)
		snprintf(buf, size, "unknown %s \"%s\": did you mean \"%s\"?", what, clean, guess);
	else
		snprintf(buf, size, "unknown %s \"%s\": one of %s", what, clean,
			 list_words(words, NULL, list, sizeof(list)));
	return buf;
}

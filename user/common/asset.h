/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that a program serves, which are in it. */
#ifndef XN_COMMON_ASSET_H
#define XN_COMMON_ASSET_H

struct xn_asset {
	const char *path; /* "/page.js"; NULL: the end of a table */
	const char *type; /* Content-Type */
	const char *data, *end;
};

/*
 * Takes in a file, by its path in the source, as NAME and NAME_end; the assembler does, so the Makefile is to say what an
 * object stands on.
 */
#define XN_ASSET_EMBED(name, file)                       \
	__asm__(".pushsection .rodata\n" #name ":\n"     \
		".incbin \"" file "\"\n" #name "_end:\n" \
		".byte 0\n"                              \
		".popsection\n");                        \
	extern const char name[], name##_end[]

/* Return: NULL if the table has no such path. */
const struct xn_asset *xn_asset_find(const struct xn_asset *table, const char *path);

/* What ETag it has: another one for other contents. */
#define XN_ETAG 20
void xn_asset_etag(const struct xn_asset *asset, char *etag);

#endif

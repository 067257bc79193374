// SPDX-License-Identifier: GPL-2.0-or-later
/* One link of xnetman.yaml changed in the text, so that people's comments and order stay. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/linkedit.h"
#include "common/locate.h"
#include "common/yamlwrite.h"

/* Replace bytes [from, to) of a text. */
struct edit {
	size_t from, to;
	char text[256];
};

static char *apply(const struct xn_source *source, const struct edit *edit)
{
	size_t len = strlen(edit->text), tail = source->size - edit->to;
	char *out = malloc(edit->from + len + tail + 1);

	if (!out)
		return NULL;
	memcpy(out, source->text, edit->from);
	memcpy(out + edit->from, edit->text, len);
	memcpy(out + edit->from + len, source->text + edit->to, tail);
	out[edit->from + len + tail] = '\0';
	return out;
}

/* First byte of a line, from 0; the end of the text if it has fewer. */
static size_t line_start(const struct xn_source *source, size_t line)
{
	const char *at = source->text, *end = source->text + source->size;

	for (; line && at < end; line--) {
		at = memchr(at, '\n', end - at);
		at = at ? at + 1 : end;
	}
	return at - source->text;
}

/* libyaml counts columns in characters. */
static size_t byte_of(const struct xn_source *source, yaml_mark_t mark)
{
	size_t at = line_start(source, mark.line);

	for (size_t column = 0; column < mark.column && at < source->size; column++)
		do
			at++;
		while (at < source->size && (source->text[at] & 0xc0) == 0x80);
	return at;
}

static yaml_node_t *get(const struct xn_source *source, const yaml_node_t *mapping, const char *key)
{
	yaml_document_t *doc = (yaml_document_t *)&source->doc;
	const yaml_node_pair_t *pair = xn_locate_pair(doc, mapping, key, strlen(key));

	return pair ? yaml_document_get_node(doc, pair->value) : NULL;
}

static yaml_node_t *links_of(const struct xn_source *source)
{
	return get(source, xn_source_root(source), "links");
}

static size_t n_links(const yaml_node_t *links)
{
	return links->data.sequence.items.top - links->data.sequence.items.start;
}

static yaml_node_t *nth(const struct xn_source *source, const yaml_node_t *links, size_t i)
{
	return yaml_document_get_node((yaml_document_t *)&source->doc,
				      links->data.sequence.items.start[i]);
}

static yaml_node_t *find(const struct xn_source *source, const yaml_node_t *links, const char *name)
{
	for (size_t i = 0; i < n_links(links); i++) {
		yaml_node_t *link = nth(source, links, i), *value = get(source, link, "name");

		if (value && value->type == YAML_SCALAR_NODE &&
		    !strcmp((char *)value->data.scalar.value, name))
			return link;
	}
	return NULL;
}

/* A block ends where the next token begins; its last line of text is that of its last value. */
static size_t last_line(const struct xn_source *source, const yaml_node_t *link)
{
	static const char *const keys[] = { "name", "capacity", "qos", "guard" };
	size_t last = 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const yaml_node_t *value = get(source, link, keys[i]);

		if (value && value->end_mark.line > last)
			last = value->end_mark.line;
	}
	return last;
}

static void insert(const struct xn_source *source, struct edit *edit, size_t at, const char *head,
		   size_t indent, const char *name, const char *capacity)
{
	bool newline = at && source->text[at - 1] != '\n';
	char scalar[64];

	edit->from = edit->to = at;
	snprintf(edit->text, sizeof(edit->text), "%s%s%*s- name: %s\n%*scapacity: %s\n",
		 newline ? "\n" : "", head, (int)indent, "",
		 xn_yaml_scalar(name, scalar, sizeof(scalar)), (int)indent + 2, "", capacity);
}

static bool edit_add(const struct xn_source *source, const yaml_node_t *links, const char *name,
		     const char *capacity, struct edit *edit)
{
	const yaml_node_t *last;

	if (!links) {
		insert(source, edit, source->size, "links:\n", 2, name, capacity);
		return true;
	}
	if (!n_links(links) || links->start_mark.column > 32)
		return false;
	last = nth(source, links, n_links(links) - 1);
	insert(source, edit, line_start(source, last_line(source, last) + 1), "",
	       links->start_mark.column, name, capacity);
	return true;
}

static bool edit_set(const struct xn_source *source, const yaml_node_t *link, const char *key,
		     const char *text, struct edit *edit)
{
	const yaml_node_t *value = get(source, link, key);

	if (!value) {
		edit->from = edit->to = line_start(source, last_line(source, link) + 1);
		snprintf(edit->text, sizeof(edit->text), "%*s%s: %s\n",
			 (int)(link->start_mark.column & 31), "", key, text);
		return true;
	}
	edit->from = byte_of(source, value->start_mark);
	edit->to = byte_of(source, value->end_mark);
	snprintf(edit->text, sizeof(edit->text), "%s", text);
	return true;
}

/* With the last link goes the key. */
static bool edit_delete(const struct xn_source *source, const yaml_node_t *links,
			const yaml_node_t *link, struct edit *edit)
{
	size_t first = link->start_mark.line;

	if (n_links(links) == 1)
		first = xn_locate((yaml_document_t *)&source->doc, "links") - 1;
	edit->from = line_start(source, first);
	edit->to = line_start(source, last_line(source, link) + 1);
	edit->text[0] = '\0';
	return true;
}

char *xn_link_edit(const struct xn_source *source, enum xn_link_change change, const char *name,
		   const char *value)
{
	const yaml_node_t *root = xn_source_root(source), *links = links_of(source), *link = NULL;
	struct edit edit;
	bool ok = false;

	if (root && root->data.mapping.style != YAML_BLOCK_MAPPING_STYLE)
		return NULL;
	if (links && links->data.sequence.style != YAML_BLOCK_SEQUENCE_STYLE)
		return NULL;
	if (links)
		link = find(source, links, name);
	if (change == XN_LINK_ADD)
		ok = edit_add(source, links, name, value, &edit);
	else if (link && change == XN_LINK_SET)
		ok = edit_set(source, link, "capacity", value, &edit);
	else if (link && change == XN_LINK_SET_QOS)
		ok = edit_set(source, link, "qos", value, &edit);
	else if (link && change == XN_LINK_SET_GUARD)
		ok = edit_set(source, link, "guard", value, &edit);
	else if (link)
		ok = edit_delete(source, links, link, &edit);
	return ok ? apply(source, &edit) : NULL;
}

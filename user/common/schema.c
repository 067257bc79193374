// SPDX-License-Identifier: GPL-2.0-or-later
/* A YAML text against a cyaml schema: every mistake with its line, then the C struct. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/locate.h"
#include "common/schema.h"

/* Where the check is: the text, and the path of keys down to here. */
struct walk {
	const struct xn_source *source;
	yaml_document_t *doc;
	struct xn_err *err;
	char key[XN_KEY_MAX];
};

static bool check_value(struct walk *walk, const cyaml_schema_value_t *schema,
			const yaml_node_t *node);

static size_t line(const yaml_node_t *node)
{
	return node->start_mark.line + 1;
}

static const char *text(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

/* Number of single-character edits between two short words. */
static size_t distance(const char *a, const char *b)
{
	size_t row[33], n = strlen(b);

	if (strlen(a) > 32 || n > 32)
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[n];
}

/* The known word most like @word, if it is like one at all. */
struct guess {
	const char *word;
	const char *best;
	size_t distance;
	char known[256];
	size_t len;
};

/* A word of the key alone (path for data_path) is as near as a letter too many. */
static size_t likeness(const char *word, const char *known)
{
	const char *part = strchr(known, '_');

	return part && !strcmp(word, part + 1) ? 1 : distance(word, known);
}

static void guess_add(struct guess *guess, const char *known)
{
	size_t d = likeness(guess->word, known);

	if (d < guess->distance && d <= 2 && d < strlen(known)) {
		guess->best = known;
		guess->distance = d;
	}
	if (guess->len < sizeof(guess->known))
		guess->len += snprintf(guess->known + guess->len, sizeof(guess->known) - guess->len,
				       "%s%s", guess->len ? ", " : "", known);
}

static void guess_err(struct walk *walk, const struct guess *guess, const yaml_node_t *node,
		      const char *what)
{
	if (guess->best)
		xn_source_err_at(walk->source, walk->err, line(node), walk->key,
				 "%s: did you mean %s? Known: %s", what, guess->best, guess->known);
	else
		xn_source_err_at(walk->source, walk->err, line(node), walk->key,
				 "%s: use one of %s", what, guess->known);
}

/* Step down to @name; returns the length to go back up with walk->key[length] = 0. */
static size_t down(struct walk *walk, const char *name)
{
	size_t len = strlen(walk->key);

	snprintf(walk->key + len, sizeof(walk->key) - len, "%s%s", len ? "." : "", name);
	return len;
}

static const cyaml_schema_field_t *find_field(const cyaml_schema_field_t *fields, const char *name)
{
	for (; fields->key; fields++)
		if (!strcmp(fields->key, name))
			return fields;
	return NULL;
}

static bool check_known(struct walk *walk, const cyaml_schema_field_t *fields,
			const yaml_node_t *key)
{
	struct guess guess = { .word = text(key), .distance = SIZE_MAX };

	if (find_field(fields, text(key)) && strlen(text(key)) == key->data.scalar.length)
		return true;
	for (; fields->key; fields++)
		guess_add(&guess, fields->key);
	down(walk, text(key));
	guess_err(walk, &guess, key, "unknown key");
	return false;
}

static bool check_pair(struct walk *walk, const cyaml_schema_field_t *fields,
		       const yaml_node_t *mapping, const yaml_node_pair_t *pair)
{
	const yaml_node_t *key = yaml_document_get_node(walk->doc, pair->key);
	const yaml_node_pair_t *first;
	size_t up;
	bool ok;

	if (key->type != YAML_SCALAR_NODE) {
		xn_source_err_at(walk->source, walk->err, line(key), walk->key,
				 "a key must be a word: write KEY: VALUE");
		return false;
	}
	if (!check_known(walk, fields, key))
		return false;
	up = down(walk, text(key));
	first = xn_locate_pair(walk->doc, mapping, text(key), key->data.scalar.length);
	if (first != pair) {
		xn_source_err_at(walk->source, walk->err, line(key), walk->key,
				 "is there twice, first in line %zu: remove one",
				 line(yaml_document_get_node(walk->doc, first->key)));
		return false;
	}
	ok = check_value(walk, &find_field(fields, text(key))->value,
			 yaml_document_get_node(walk->doc, pair->value));
	if (ok)
		walk->key[up] = '\0';
	return ok;
}

static bool check_mapping(struct walk *walk, const cyaml_schema_value_t *schema,
			  const yaml_node_t *node)
{
	const cyaml_schema_field_t *fields = schema->mapping.fields;
	const yaml_node_pair_t *pair;

	if (node->type != YAML_MAPPING_NODE) {
		xn_source_err_at(walk->source, walk->err, line(node), walk->key,
				 "is not a list of keys: write KEY: VALUE, a line each");
		return false;
	}
	for (pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++)
		if (!check_pair(walk, fields, node, pair))
			return false;
	for (; fields->key; fields++) {
		if (fields->value.flags & CYAML_FLAG_OPTIONAL ||
		    xn_locate_pair(walk->doc, node, fields->key, strlen(fields->key)))
			continue;
		down(walk, fields->key);
		xn_source_err_at(walk->source, walk->err, line(node), walk->key,
				 "is missing: add %s: VALUE", fields->key);
		return false;
	}
	return true;
}

static bool check_sequence(struct walk *walk, const cyaml_schema_value_t *schema,
			   const yaml_node_t *node)
{
	const yaml_node_item_t *items = node->data.sequence.items.start;
	size_t n, up = strlen(walk->key);

	if (node->type != YAML_SEQUENCE_NODE) {
		xn_source_err_at(walk->source, walk->err, line(node), walk->key,
				 "is not a list: write [A, B], or a line with - for each entry");
		return false;
	}
	n = node->data.sequence.items.top - items;
	if (n > schema->sequence.max) {
		xn_source_err_at(walk->source, walk->err, line(node), walk->key,
				 "has %zu entries: at most %u are possible", n,
				 schema->sequence.max);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		snprintf(walk->key + up, sizeof(walk->key) - up, "[%zu]", i);
		if (!check_value(walk, schema->sequence.entry,
				 yaml_document_get_node(walk->doc, items[i])))
			return false;
	}
	walk->key[up] = '\0';
	return true;
}

static bool is_null(const yaml_node_t *node)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL" };

	if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return !node->data.scalar.length;
	for (size_t i = 0; i < sizeof(nulls) / sizeof(*nulls); i++)
		if (!strcmp(text(node), nulls[i]))
			return true;
	return false;
}

static bool check_string(struct walk *walk, const cyaml_schema_value_t *schema,
			 const yaml_node_t *node)
{
	if (node->data.scalar.length <= schema->string.max)
		return true;
	xn_source_err_at(walk->source, walk->err, line(node), walk->key,
			 "\"%.20s...\" is too long: at most %u bytes", text(node),
			 schema->string.max);
	return false;
}

static bool check_enum(struct walk *walk, const cyaml_schema_value_t *schema,
		       const yaml_node_t *node)
{
	struct guess guess = { .word = text(node), .distance = SIZE_MAX };
	char what[80];

	for (uint32_t i = 0; i < schema->enumeration.count; i++) {
		if (!strcmp(text(node), schema->enumeration.strings[i].str))
			return true;
		guess_add(&guess, schema->enumeration.strings[i].str);
	}
	snprintf(what, sizeof(what), "\"%.40s\" is none of its values", text(node));
	guess_err(walk, &guess, node, what);
	return false;
}

static bool check_bool(struct walk *walk, const cyaml_schema_value_t *schema,
		       const yaml_node_t *node)
{
	static const char *const words[] = { "true", "false", "yes", "no" };

	(void)schema;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcasecmp(text(node), words[i]))
			return true;
	xn_source_err_at(walk->source, walk->err, line(node), walk->key,
			 "\"%.40s\" is neither true nor false: write one of them", text(node));
	return false;
}

static bool check_uint(struct walk *walk, const cyaml_schema_value_t *schema,
		       const yaml_node_t *node)
{
	size_t digits = strspn(text(node), "0123456789");

	(void)schema;
	if (digits && digits < 10 && !text(node)[digits] && (digits == 1 || *text(node) != '0'))
		return true;
	xn_source_err_at(walk->source, walk->err, line(node), walk->key,
			 "\"%.40s\" is not a number: write a whole number such as 0 or 3",
			 text(node));
	return false;
}

static bool check_scalar(struct walk *walk, const cyaml_schema_value_t *schema,
			 const yaml_node_t *node,
			 bool (*check)(struct walk *walk, const cyaml_schema_value_t *schema,
				       const yaml_node_t *node))
{
	const char *why = NULL;

	if (node->type != YAML_SCALAR_NODE)
		why = "is a list: write one value";
	else if (strlen(text(node)) != node->data.scalar.length)
		why = "holds a NUL: write plain text";
	else if (is_null(node))
		why = "has no value: write one, or remove the key";
	if (!why)
		return check(walk, schema, node);
	xn_source_err_at(walk->source, walk->err, line(node), walk->key, "%s", why);
	return false;
}

static bool check_value(struct walk *walk, const cyaml_schema_value_t *schema,
			const yaml_node_t *node)
{
	switch (schema->type) {
	case CYAML_MAPPING:
		return check_mapping(walk, schema, node);
	case CYAML_SEQUENCE:
		return check_sequence(walk, schema, node);
	case CYAML_ENUM:
		return check_scalar(walk, schema, node, check_enum);
	case CYAML_BOOL:
		return check_scalar(walk, schema, node, check_bool);
	case CYAML_UINT:
		return check_scalar(walk, schema, node, check_uint);
	case CYAML_STRING:
		return check_scalar(walk, schema, node, check_string);
	default:
		abort(); /* a schema of ours with a type not handled here */
	}
}

static const cyaml_config_t cyaml_config = {
	.mem_fn = cyaml_mem,
	.log_level = CYAML_LOG_ERROR,
	.flags = CYAML_CFG_NO_ALIAS,
};

void *xn_schema_load(const struct xn_source *source, const cyaml_schema_value_t *schema,
		     struct xn_err *err)
{
	struct walk walk = {
		.source = source,
		.doc = (yaml_document_t *)&source->doc,
		.err = err,
	};
	void *data = NULL;
	cyaml_err_t ret;

	if (!check_value(&walk, schema, yaml_document_get_root_node(walk.doc)))
		return NULL;
	ret = cyaml_load_data((const uint8_t *)source->text, source->size, &cyaml_config, schema,
			      &data, NULL);
	if (ret == CYAML_OK)
		return data;
	xn_source_err_at(source, err, 1, "", "YAML: %s: check the file", cyaml_strerror(ret));
	return NULL;
}

void xn_schema_free(const cyaml_schema_value_t *schema, void *data)
{
	cyaml_free(&cyaml_config, schema, data, 0);
}

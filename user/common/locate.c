// SPDX-License-Identifier: GPL-2.0-or-later
/* From a key as errors name it ("bandwidth[0].rc") to its place in the text. */
#include <stdlib.h>
#include <string.h>

#include "common/locate.h"

yaml_node_pair_t *xn_locate_pair(yaml_document_t *doc, const yaml_node_t *mapping, const char *name,
				 size_t len)
{
	yaml_node_pair_t *pair;
	yaml_node_t *key;

	if (!mapping || mapping->type != YAML_MAPPING_NODE)
		return NULL;
	for (pair = mapping->data.mapping.pairs.start; pair < mapping->data.mapping.pairs.top;
	     pair++) {
		key = yaml_document_get_node(doc, pair->key);
		if (key && key->type == YAML_SCALAR_NODE && key->data.scalar.length == len &&
		    !memcmp(key->data.scalar.value, name, len))
			return pair;
	}
	return NULL;
}

static yaml_node_t *item(yaml_document_t *doc, const yaml_node_t *sequence, size_t index)
{
	if (!sequence || sequence->type != YAML_SEQUENCE_NODE ||
	    index >= (size_t)(sequence->data.sequence.items.top -
			      sequence->data.sequence.items.start))
		return NULL;
	return yaml_document_get_node(doc, sequence->data.sequence.items.start[index]);
}

size_t xn_locate(yaml_document_t *doc, const char *key)
{
	yaml_node_t *node = yaml_document_get_root_node(doc);
	size_t line = node ? node->start_mark.line : 0;

	while (node && *key) {
		yaml_node_pair_t *pair;
		char *end;
		size_t len;

		if (*key == '[') {
			node = item(doc, node, strtoul(key + 1, &end, 10));
			line = node ? node->start_mark.line : line;
			key = *end == ']' ? end + 1 : end;
			continue;
		}
		key += *key == '.';
		len = strcspn(key, ".[");
		pair = xn_locate_pair(doc, node, key, len);
		node = NULL;
		if (pair) {
			line = yaml_document_get_node(doc, pair->key)->start_mark.line;
			node = yaml_document_get_node(doc, pair->value);
		}
		key += len;
	}
	return line + 1;
}

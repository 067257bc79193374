// SPDX-License-Identifier: GPL-2.0-or-later
/* One YAML text, parsed, that knows on which line everything in it is. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/locate.h"
#include "common/readfile.h"
#include "common/source.h"

static void err_line(const struct xn_source *source, struct xn_err *err, size_t line,
		     const char *key, const char *fmt, va_list args)
{
	char what[sizeof(err->text)];

	vsnprintf(what, sizeof(what), fmt, args);
	xn_err_set(err, "%s:%zu: %s%s%s", source->shown, line, key, *key ? ": " : "", what);
}

void xn_source_err_at(const struct xn_source *source, struct xn_err *err, size_t line,
		      const char *key, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	err_line(source, err, line, key, fmt, args);
	va_end(args);
}

void xn_source_err(const struct xn_source *source, struct xn_err *err, const char *key,
		   const char *fmt, ...)
{
	size_t line = source->parsed ? xn_locate((yaml_document_t *)&source->doc, key) : 1;
	va_list args;

	va_start(args, fmt);
	err_line(source, err, line, key, fmt, args);
	va_end(args);
}

/* What libyaml complains of, and what a person then usually has to do. */
static const struct {
	const char *problem;
	const char *advice;
} advices[] = {
	{ "did not find expected key", "check the indentation and the lines above" },
	{ "did not find expected '-' indicator", "check the indentation, one - for each entry" },
	{ "could not find expected ':'", "write KEY: VALUE" },
	{ "mapping values are not allowed",
	  "check the indentation, and put a value with : in quotes" },
	{ "block sequence entries are not allowed", "put the - on a line of its own" },
	{ "unexpected end of stream", "close the quote or bracket" },
	{ "did not find expected ',' or", "close the bracket, and put commas between" },
	{ "control characters are not allowed", "this is not text, write UTF-8 text" },
	{ "UTF-8", "write UTF-8 text" },
	{ "UTF-16", "write UTF-8 text" },
	{ "unexpected low surrogate", "write UTF-8 text" },
	{ "incomplete", "write UTF-8 text" },
};

static bool has_tab(const struct xn_source *source, size_t line)
{
	const char *at = source->text, *end = source->text + source->size;

	for (; line > 1 && at; line--) {
		at = memchr(at, '\n', end - at);
		at = at ? at + 1 : NULL;
	}
	if (!at)
		return false;
	while (at < end && *at == ' ')
		at++;
	return at < end && *at == '\t';
}

static const char *advice(const struct xn_source *source, const char *problem, size_t line)
{
	for (size_t i = 0; i < sizeof(advices) / sizeof(*advices); i++)
		if (strstr(problem, advices[i].problem))
			return advices[i].advice;
	if (strstr(problem, "cannot start any token"))
		return has_tab(source, line) ? "indent with spaces, not tabs"
					     : "put the value in quotes";
	return "check this line";
}

static size_t line_of_byte(const struct xn_source *source, size_t offset)
{
	size_t line = 1;

	for (size_t i = 0; i < offset && i < source->size; i++)
		line += source->text[i] == '\n';
	return line;
}

static void parser_err(const struct xn_source *source, const yaml_parser_t *parser,
		       struct xn_err *err)
{
	const char *problem = parser->problem ? parser->problem : "cannot be parsed";
	size_t line = parser->error == YAML_READER_ERROR
			      ? line_of_byte(source, parser->problem_offset)
			      : parser->problem_mark.line + 1;

	if (parser->error == YAML_MEMORY_ERROR)
		xn_err_set(err, "%s: out of memory", source->shown);
	else
		xn_source_err_at(source, err, line, "", "YAML: %s: %s", problem,
				 advice(source, problem, line));
}

/* Is this event one that a definition may hold? Return: NULL, or what to say. */
static const char *refuse_event(const yaml_event_t *event, int *depth, int *documents)
{
	switch (event->type) {
	case YAML_ALIAS_EVENT:
		return "aliases (*name) are not allowed: write the value itself";
	case YAML_DOCUMENT_START_EVENT:
		return ++*documents > 1 ? "a second document: one file, one definition" : NULL;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return ++*depth > XN_SOURCE_DEPTH ? "nested too deeply: this is no definition"
						  : NULL;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		--*depth;
		return NULL;
	default:
		return NULL;
	}
}

/*
 * Walk through the events before anything is built from them: libyaml needs time quadratic in the
 * depth, and aliases can stand for more than fits in memory.
 */
static int check_events(const struct xn_source *source, struct xn_err *err)
{
	int depth = 0, documents = 0, ret = 0;
	yaml_parser_t parser;
	bool end = false;

	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&parser, (const unsigned char *)source->text, source->size);
	while (!end && !ret) {
		yaml_event_t event;
		const char *why;

		if (!yaml_parser_parse(&parser, &event)) {
			parser_err(source, &parser, err);
			ret = -EINVAL;
			break;
		}
		why = refuse_event(&event, &depth, &documents);
		if (why) {
			xn_source_err_at(source, err, event.start_mark.line + 1, "", "YAML: %s",
					 why);
			ret = -EINVAL;
		}
		end = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return ret;
}

static int load_document(struct xn_source *source, struct xn_err *err)
{
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&parser, (const unsigned char *)source->text, source->size);
	source->parsed = yaml_parser_load(&parser, &source->doc);
	if (!source->parsed)
		parser_err(source, &parser, err);
	yaml_parser_delete(&parser);
	return source->parsed ? 0 : -EINVAL;
}

/* Takes @text over, in any case. */
static struct xn_source *parse(const char *shown, char *text, size_t size, struct xn_err *err)
{
	struct xn_source *source = calloc(1, sizeof(*source));
	int ret = -ENOMEM;

	xn_err_set(err, "%s: out of memory", shown);
	if (!source)
		goto free_text;
	source->text = text;
	source->size = size;
	source->shown = strdup(shown);
	if (!source->shown)
		goto free_source;
	ret = check_events(source, err);
	if (!ret)
		ret = load_document(source, err);
	if (!ret)
		return source;
free_source:
	xn_source_free(source);
	text = NULL;
free_text:
	free(text);
	errno = -ret;
	return NULL;
}

struct xn_source *xn_source_read(const char *path, struct xn_err *err)
{
	size_t size;
	char *text = xn_file_read(path, &size, err);

	return text ? parse(path, text, size, err) : NULL;
}

struct xn_source *xn_source_text(const char *shown, const char *text, size_t size,
				 struct xn_err *err)
{
	char *copy;

	if (size > XN_FILE_MAX) {
		xn_err_set(err, "%s:1: is larger than 1 MiB: this is no definition", shown);
		errno = EFBIG;
		return NULL;
	}
	copy = malloc(size + 1);
	if (!copy) {
		xn_err_set(err, "%s: out of memory", shown);
		return NULL;
	}
	memcpy(copy, text, size);
	copy[size] = '\0';
	return parse(shown, copy, size, err);
}

void xn_source_free(struct xn_source *source)
{
	if (!source)
		return;
	if (source->parsed)
		yaml_document_delete(&source->doc);
	free(source->text);
	free(source->shown);
	free(source);
}

yaml_node_t *xn_source_root(const struct xn_source *source)
{
	yaml_node_t *root = yaml_document_get_root_node((yaml_document_t *)&source->doc);

	if (root && root->type == YAML_SCALAR_NODE && !root->data.scalar.length &&
	    root->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		return NULL;
	return root;
}

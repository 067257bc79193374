// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages are read by libxml2 without making anything of them. */
#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <stdbool.h>
#include <string.h>

#include "vms/guard.h"

struct guard {
	xmlParserCtxtPtr parser;
	unsigned int depth, elements;
	struct xn_err *err;
	bool refused;
};

static void refuse(struct guard *guard, const char *why)
{
	if (guard->refused)
		return;
	guard->refused = true;
	xn_err_set(guard->err, "line %d: %s", xmlSAX2GetLineNumber(guard->parser), why);
	xmlStopParser(guard->parser);
}

static void on_doctype(void *arg, const xmlChar *name, const xmlChar *public_id,
		       const xmlChar *system_id)
{
	(void)name;
	(void)public_id;
	(void)system_id;
	refuse(arg, "a document type is not allowed in a SOAP message");
}

static void on_instruction(void *arg, const xmlChar *target, const xmlChar *data)
{
	(void)target;
	(void)data;
	refuse(arg, "processing instructions are not allowed in a SOAP message");
}

static void on_start(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
		     int n_namespaces, const xmlChar **namespaces, int n_attributes,
		     int n_defaulted, const xmlChar **attributes)
{
	struct guard *guard = arg;

	(void)name;
	(void)prefix;
	(void)uri;
	(void)n_namespaces;
	(void)namespaces;
	(void)n_attributes;
	(void)n_defaulted;
	(void)attributes;
	if (++guard->depth > XN_GUARD_DEPTH)
		refuse(guard, "elements are too deep");
	if (++guard->elements > XN_GUARD_ELEMENTS)
		refuse(guard, "too many elements");
}

static void on_end(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct guard *guard = arg;

	(void)name;
	(void)prefix;
	(void)uri;
	guard->depth--;
}

static void on_error(void *arg, const xmlError *error)
{
	struct guard *guard = arg;
	const char *message = error->message ? error->message : "not XML";

	if (guard->refused || error->level < XML_ERR_ERROR)
		return;
	guard->refused = true;
	xn_err_set(guard->err, "line %d: %.*s", error->line, (int)strcspn(message, "\n"), message);
	xmlStopParser(guard->parser);
}

void xn_guard_init(void)
{
	xmlInitParser();
}

static bool is_utf8(const char *xml, size_t size)
{
	/* libxml2 would follow a byte order mark or a declaration; gSOAP reads UTF-8 */
	return size && (unsigned char)xml[0] < 0x80 && !memchr(xml, '\0', size) &&
	       xmlCheckUTF8((const xmlChar *)xml);
}

int xn_guard(const char *xml, size_t size, struct xn_err *err)
{
	xmlSAXHandler handler = {
		.initialized = XML_SAX2_MAGIC,
		.internalSubset = on_doctype,
		.processingInstruction = on_instruction,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.serror =
			(xmlStructuredErrorFunc)on_error, /* its argument is const in newer ones */
	};
	struct guard guard = { .err = err };

	if (!is_utf8(xml, size)) {
		xn_err_set(err, "the message is no text in UTF-8");
		return -1;
	}
	guard.parser = xmlCreatePushParserCtxt(&handler, &guard, NULL, 0, NULL);
	if (!guard.parser) {
		xn_err_set(err, "no memory");
		return -1;
	}
	xmlCtxtUseOptions(guard.parser, XML_PARSE_NONET);
	xmlParseChunk(guard.parser, xml, size, 1);
	if (!guard.refused && !guard.parser->wellFormed)
		refuse(&guard, "not well-formed XML");
	xmlFreeParserCtxt(guard.parser);
	return guard.refused ? -1 : 0;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages are read by libxml2 without making anything of them. */
#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <stdbool.h>
#include <string.h>

#include "vms/message.h"

struct check {
	xmlParserCtxtPtr parser;
	unsigned int depth, elements;
	struct xn_err *err;
	bool refused;
};

static void refuse(struct check *check, const char *why)
{
	if (check->refused)
		return;
	check->refused = true;
	xn_err_set(check->err, "line %d: %s", xmlSAX2GetLineNumber(check->parser), why);
	xmlStopParser(check->parser);
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
	struct check *check = arg;

	(void)name;
	(void)prefix;
	(void)uri;
	(void)n_namespaces;
	(void)namespaces;
	(void)n_attributes;
	(void)n_defaulted;
	(void)attributes;
	if (++check->depth > XN_MESSAGE_DEPTH)
		refuse(check, "elements are too deep");
	if (++check->elements > XN_MESSAGE_ELEMENTS)
		refuse(check, "too many elements");
}

static void on_end(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct check *check = arg;

	(void)name;
	(void)prefix;
	(void)uri;
	check->depth--;
}

static void on_error(void *arg, const xmlError *error)
{
	struct check *check = arg;
	const char *message = error->message ? error->message : "not XML";

	if (check->refused || error->level < XML_ERR_ERROR)
		return;
	check->refused = true;
	xn_err_set(check->err, "line %d: %.*s", error->line, (int)strcspn(message, "\n"), message);
	xmlStopParser(check->parser);
}

void xn_message_init(void)
{
	xmlInitParser();
}

static bool is_utf8(const char *xml, size_t size)
{
	/* libxml2 would follow a byte order mark or a declaration; gSOAP reads UTF-8 */
	return size && (unsigned char)xml[0] < 0x80 && !memchr(xml, '\0', size) &&
	       xmlCheckUTF8((const xmlChar *)xml);
}

int xn_message_check(const char *xml, size_t size, struct xn_err *err)
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
	struct check check = { .err = err };

	if (!is_utf8(xml, size)) {
		xn_err_set(err, "the message is no text in UTF-8");
		return -1;
	}
	check.parser = xmlCreatePushParserCtxt(&handler, &check, NULL, 0, NULL);
	if (!check.parser) {
		xn_err_set(err, "no memory");
		return -1;
	}
	xmlCtxtUseOptions(check.parser, XML_PARSE_NONET);
	xmlParseChunk(check.parser, xml, size, 1);
	if (!check.refused && !check.parser->wellFormed)
		refuse(&check, "not well-formed XML");
	xmlFreeParserCtxt(check.parser);
	return check.refused ? -1 : 0;
}

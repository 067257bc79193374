// SPDX-License-Identifier: GPL-2.0-or-later
/* Definitions of virtual machines. */
#include <libxml/parser.h>
#include <libxml/xmlwriter.h>
#include <libxml/xpath.h>
#include <stdlib.h>
#include <string.h>

#include "vms/domxml.h"

/* How the node would run it. */
struct way {
	char type[32]; /* <domain type=>: xen, kvm, qemu, test */
	char os[32];   /* <os><type>: linux (Xen's paravirtualised), hvm */
	char arch[XN_VMS_NAME];
	bool xen;
};

#define X(text) ((const xmlChar *)(text))

/* --- what the node can do ------------------------------------------------------------------- */

static void find_text(xmlXPathContextPtr context, const char *path, char *to, size_t size)
{
	xmlXPathObjectPtr found = xmlXPathEval(X(path), context);
	xmlChar *text = found ? xmlXPathCastToString(found) : NULL;

	snprintf(to, size, "%s", text ? (const char *)text : "");
	xmlFree(text);
	xmlXPathFreeObject(found);
}

/* The best of its guests: on Xen those that need nothing emulated, elsewhere those of the processor. */
static void find_way(xmlXPathContextPtr context, const char *arch, struct way *way)
{
	static const char *const guests[] = {
		"/capabilities/guest[os_type='xen' and arch/domain/@type='xen'%s]/arch",
		"/capabilities/guest[os_type='hvm' and arch/domain/@type='kvm'%s]/arch",
		"/capabilities/guest[os_type='hvm'%s]/arch",
	};
	char with_arch[128] = "", guest[256], path[320];

	if (*arch)
		snprintf(with_arch, sizeof(with_arch), " and arch/@name='%s'", arch);
	for (size_t i = 0; i < sizeof(guests) / sizeof(guests[0]) && !way->type[0]; i++) {
		snprintf(guest, sizeof(guest), guests[i], with_arch);
		snprintf(path, sizeof(path), "string(%s/@name)", guest);
		find_text(context, path, way->arch, sizeof(way->arch));
		snprintf(path, sizeof(path),
			 i == 1 ? "string(%s/domain[@type='kvm']/@type)"
				: "string(%s/domain/@type)",
			 guest);
		find_text(context, path, way->type, sizeof(way->type));
	}
	way->xen = !strcmp(way->type, "xen");
	XN_COPY(way->os, way->xen ? "linux" : "hvm");
}

static int choose(const struct xn_domain *domain, const char *capabilities, struct way *way,
		  struct xn_err *err)
{
	xmlDocPtr document =
		xmlReadMemory(capabilities, strlen(capabilities), NULL, NULL,
			      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	xmlXPathContextPtr context = document ? xmlXPathNewContext(document) : NULL;
	char host[XN_VMS_NAME] = "";

	memset(way, 0, sizeof(*way));
	if (context) {
		find_text(context, "string(/capabilities/host/cpu/arch)", host, sizeof(host));
		find_way(context, domain->arch[0] ? domain->arch : host, way);
		xmlXPathFreeContext(context);
	}
	xmlFreeDoc(document);
	if (way->type[0])
		return 0;
	xn_err_set(err, "the node runs no virtual machines of architecture \"%s\"",
		   domain->arch[0] ? domain->arch : host);
	return -1;
}

/* --- writing -------------------------------------------------------------------------------- */

static void leaf(xmlTextWriterPtr w, const char *name, const char *text)
{
	xmlTextWriterWriteElement(w, X(name), X(text));
}

static void attribute(xmlTextWriterPtr w, const char *name, const char *value)
{
	xmlTextWriterWriteAttribute(w, X(name), X(value));
}

static void begin(xmlTextWriterPtr w, const char *name)
{
	xmlTextWriterStartElement(w, X(name));
}

static void end(xmlTextWriterPtr w)
{
	xmlTextWriterEndElement(w);
}

/* <name attribute="value"/> */
static void empty(xmlTextWriterPtr w, const char *name, const char *key, const char *value)
{
	begin(w, name);
	attribute(w, key, value);
	end(w);
}

static void write_os(xmlTextWriterPtr w, const struct xn_domain *domain, const struct way *way)
{
	if (way->xen && !domain->kernel)
		leaf(w, "bootloader", "pygrub");
	begin(w, "os");
	begin(w, "type");
	if (!way->xen)
		attribute(w, "arch", way->arch);
	xmlTextWriterWriteString(w, X(way->os));
	end(w);
	if (domain->kernel) {
		leaf(w, "kernel", domain->kernel);
		if (domain->initrd)
			leaf(w, "initrd", domain->initrd);
		leaf(w, "cmdline", domain->arguments);
	}
	end(w);
}

static bool by_qemu(const struct way *way)
{
	return !strcmp(way->type, "kvm") || !strcmp(way->type, "qemu");
}

static void write_disk(xmlTextWriterPtr w, const struct way *way, const char *path,
		       const char *format, bool cd)
{
	begin(w, "disk");
	attribute(w, "type", "file");
	attribute(w, "device", cd && !way->xen ? "cdrom" : "disk");
	/* a raw file on Xen is a loop device's, which needs no qemu in Dom0 */
	if (!way->xen || strcmp(format, "raw")) {
		begin(w, "driver");
		attribute(w, "name", "qemu");
		attribute(w, "type", format);
		/* what one node still kept in memory, the next would not find: libvirt does not move it live then */
		if (by_qemu(way) && !cd)
			attribute(w, "cache", "none");
		end(w);
	}
	empty(w, "source", "file", path);
	begin(w, "target");
	attribute(w, "dev", way->xen ? (cd ? "xvdb" : "xvda") : (cd ? "sda" : "vda"));
	attribute(w, "bus", way->xen ? "xen" : (cd ? "sata" : "virtio"));
	end(w);
	if (cd) {
		begin(w, "readonly");
		end(w);
	}
	end(w);
}

static void write_interface(xmlTextWriterPtr w, const struct xn_domain *domain,
			    const struct way *way, size_t i)
{
	char mac[18];

	begin(w, "interface");
	attribute(w, "type", "bridge");
	empty(w, "mac", "address", xn_domain_mac(domain->uuid, i, mac));
	empty(w, "source", "bridge", domain->interface[i]);
	if (!way->xen)
		empty(w, "model", "type", "virtio");
	end(w);
}

static void write_devices(xmlTextWriterPtr w, const struct xn_domain *domain, const struct way *way)
{
	begin(w, "devices");
	write_disk(w, way, domain->disk, domain->format, false);
	if (domain->seed)
		write_disk(w, way, domain->seed, "raw", true);
	for (size_t i = 0; i < domain->n_interfaces; i++)
		write_interface(w, domain, way, i);
	empty(w, "console", "type", "pty");
	end(w);
}

/* A router that is emulated knows by ACPI that it is to shut down. */
static void write_features(xmlTextWriterPtr w, const struct way *way)
{
	if (!by_qemu(way))
		return;
	begin(w, "features");
	begin(w, "acpi");
	end(w);
	end(w);
}

static void write_domain(xmlTextWriterPtr w, const struct xn_domain *domain, const struct way *way)
{
	begin(w, "domain");
	attribute(w, "type", way->type);
	leaf(w, "name", domain->name);
	leaf(w, "uuid", domain->uuid);
	begin(w, "memory");
	attribute(w, "unit", "MiB");
	xmlTextWriterWriteFormatString(w, "%u", domain->ram);
	end(w);
	leaf(w, "vcpu", "1");
	write_os(w, domain, way);
	write_features(w, way);
	leaf(w, "on_poweroff", "destroy");
	leaf(w, "on_reboot", "restart");
	leaf(w, "on_crash", "destroy");
	write_devices(w, domain, way);
	end(w);
}

char *xn_domain_xml(const struct xn_domain *domain, const char *capabilities, struct xn_err *err)
{
	xmlBufferPtr buffer = NULL;
	xmlTextWriterPtr writer = NULL;
	struct way way;
	char *text = NULL;

	if (choose(domain, capabilities, &way, err))
		return NULL;
	buffer = xmlBufferCreate();
	writer = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;
	if (writer) {
		write_domain(writer, domain, &way);
		xmlFreeTextWriter(writer); /* flushes */
		text = strdup((const char *)xmlBufferContent(buffer));
	}
	xmlBufferFree(buffer);
	if (!text)
		xn_err_set(err, "no memory");
	return text;
}

char *xn_domain_mac(const char *uuid, size_t index, char text[18])
{
	unsigned int part = strtoul(uuid + XN_VMS_UUID - 1 - 6, NULL, 16);

	/* Xen's prefix, which every hypervisor takes */
	part += index;
	snprintf(text, 18, "00:16:3e:%02x:%02x:%02x", (part >> 16) & 0xff, (part >> 8) & 0xff,
		 part & 0xff);
	return text;
}

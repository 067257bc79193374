// SPDX-License-Identifier: GPL-2.0-or-later
/* The connection, and why calls fail. */
#include <stdlib.h>
#include <string.h>

#include "gsoap/VirtualMachineServer.nsmap"
#include "xnetvms/client.h"

#define CONNECT_SECONDS 10

static int set_tls(struct soap *soap, const struct xnetvms_options *options)
{
	const char *system = "/etc/ssl/certs/ca-certificates.crt";

	soap_ssl_init();
	return soap_ssl_client_context(soap, SOAP_SSL_DEFAULT, options->cert, NULL,
				       options->ca ? options->ca : system, NULL, NULL);
}

static bool is_https(const char *endpoint)
{
	return !strncmp(endpoint, "https:", 6);
}

static bool set_up(struct xnetvms *vms, const struct xnetvms_options *options)
{
	const char *endpoint = options->endpoint ? options->endpoint : XNETVMS_ENDPOINT;

	vms->endpoint = strdup(endpoint);
	vms->token = options->token ? strdup(options->token) : NULL;
	vms->soap = soap_new1(SOAP_C_UTFSTRING | SOAP_XML_STRICT | SOAP_IO_KEEPALIVE);
	if (!vms->endpoint || !vms->soap || (options->token && !vms->token))
		return false;
	vms->soap->connect_timeout = CONNECT_SECONDS;
	vms->soap->recv_timeout = vms->soap->send_timeout = options->timeout;
	vms->soap->socket_flags = MSG_NOSIGNAL;
	return !is_https(endpoint) || !set_tls(vms->soap, options);
}

XNETVMS_API struct xnetvms *xnetvms_open(const struct xnetvms_options *options)
{
	struct xnetvms *vms = calloc(1, sizeof(*vms));

	if (!vms || set_up(vms, options))
		return vms;
	xnetvms_close(vms);
	return NULL;
}

XNETVMS_API void xnetvms_close(struct xnetvms *vms)
{
	if (!vms)
		return;
	if (vms->soap) {
		soap_destroy(vms->soap);
		soap_end(vms->soap);
		soap_free(vms->soap);
	}
	if (vms->token)
		explicit_bzero(vms->token, strlen(vms->token));
	free(vms->token);
	free(vms->endpoint);
	free(vms);
}

XNETVMS_API const struct xnetvms_fault *xnetvms_fault(const struct xnetvms *vms)
{
	return &vms->fault;
}

struct soap *xnetvms_begin(struct xnetvms *vms)
{
	soap_destroy(vms->soap);
	soap_end(vms->soap);
	memset(&vms->fault, 0, sizeof(vms->fault));
	vms->soap->bearer = vms->token;
	return vms->soap;
}

static void take_detail(struct xnetvms_fault *fault, struct soap *soap,
			const struct _xnv__fault *detail)
{
	fault->code = soap_xnv__faultCode2s(soap, detail->code);
	fault->reason = detail->reason;
	fault->phy_server = detail->phyServer;
	fault->vm_name = detail->vmName;
	fault->libvirt = detail->libvirt;
	fault->admission = detail->admission;
	fault->operation = detail->operation;
}

static bool not_reached(const struct soap *soap)
{
	return soap->error == SOAP_TCP_ERROR || soap->error == SOAP_EOF ||
	       soap->error == SOAP_SSL_ERROR;
}

int xnetvms_end(struct xnetvms *vms, int failed)
{
	struct soap *soap = vms->soap;

	if (!failed)
		return 0;
	soap_set_fault(soap);
	if (soap->fault && soap->fault->detail && soap->fault->detail->xnv__fault) {
		take_detail(&vms->fault, soap, soap->fault->detail->xnv__fault);
		return -1;
	}
	vms->fault.code = not_reached(soap) ? "Unreachable" : "Internal";
	snprintf(vms->reason, sizeof(vms->reason), "%s: %s", vms->endpoint,
		 *soap_faultstring(soap) ? *soap_faultstring(soap) : "no answer");
	vms->fault.reason = vms->reason;
	return -1;
}

void *xnetvms_alloc(struct xnetvms *vms, size_t n, size_t size)
{
	void *memory = soap_malloc(vms->soap, (n + 1) * size);

	if (memory)
		return memset(memory, 0, (n + 1) * size);
	vms->fault.code = "Internal";
	vms->fault.reason = "no memory";
	return NULL;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* gSOAP between two pieces of memory: HTTP is libmicrohttpd's. */
#include <stdlib.h>
#include <string.h>

#include "gsoap/VirtualMachineServer.nsmap"
#include "vms/message.h"
#include "vms/soap.h"
#include "vms/soap_fault.h"

enum {
	HTTP_OK = 200,
	HTTP_FAULT = 500, /* SOAP 1.1, 6.2 */
};

void xn_soap_init(void)
{
	xn_message_init();
}

static const enum xnv__faultCode codes[] = {
	[XN_FAULT_INVALID] = xnv__faultCode__Invalid,
	[XN_FAULT_DENIED] = xnv__faultCode__Denied,
	[XN_FAULT_NOT_FOUND] = xnv__faultCode__NotFound,
	[XN_FAULT_EXISTS] = xnv__faultCode__Exists,
	[XN_FAULT_BUSY] = xnv__faultCode__Busy,
	[XN_FAULT_REFUSED] = xnv__faultCode__Refused,
	[XN_FAULT_UNREACHABLE] = xnv__faultCode__Unreachable,
	[XN_FAULT_TIMEOUT] = xnv__faultCode__Timeout,
	[XN_FAULT_HYPERVISOR] = xnv__faultCode__Hypervisor,
	[XN_FAULT_IMAGE] = xnv__faultCode__Image,
	[XN_FAULT_INTERNAL] = xnv__faultCode__Internal,
};

static char *given(struct soap *soap, const char *text)
{
	return *text ? soap_strdup(soap, text) : NULL;
}

static void add_detail(struct soap *soap, const struct xn_fault *fault)
{
	struct SOAP_ENV__Detail *detail = soap_malloc(soap, sizeof(*detail));
	struct _xnv__fault *out = soap_malloc(soap, sizeof(*out));

	if (!detail || !out || !soap->fault)
		return;
	soap_default_SOAP_ENV__Detail(soap, detail);
	soap_default__xnv__fault(soap, out);
	out->code = codes[fault->code];
	out->reason = soap_strdup(soap, fault->reason);
	out->phyServer = given(soap, fault->node);
	out->vmName = given(soap, fault->vm);
	out->libvirt = given(soap, fault->libvirt);
	out->admission = given(soap, fault->admission);
	out->operation = given(soap, fault->operation);
	detail->xnv__fault = out;
	soap->fault->detail = detail;
}

/* The caller's doing: the same message again would fail again. */
static bool is_client(enum xn_fault_code code)
{
	return code == XN_FAULT_INVALID || code == XN_FAULT_DENIED || code == XN_FAULT_NOT_FOUND ||
	       code == XN_FAULT_EXISTS || code == XN_FAULT_BUSY;
}

int xn_soap_fault(struct soap *soap, const struct xn_fault *fault)
{
	int ret = is_client(fault->code) ? soap_sender_fault(soap, fault->reason, NULL)
					 : soap_receiver_fault(soap, fault->reason, NULL);

	add_detail(soap, fault);
	return ret;
}

void xn_soap_complete_fault(struct soap *soap)
{
	struct xn_fault fault = { .code = soap->error == SOAP_EOM ? XN_FAULT_INTERNAL
								  : XN_FAULT_INVALID };

	soap_set_fault(soap);
	if (!soap->fault || soap->fault->detail)
		return;
	XN_COPY(fault.reason,
		soap->fault->faultstring ? soap->fault->faultstring : "not understood");
	add_detail(soap, &fault);
}

/* soap_begin_serve() and soap_serve_request(), with a fault that has a detail. */
static void serve(struct soap *soap, const char *message, size_t size)
{
	struct xn_fault fault = { 0 };
	struct xn_err err;

	if (xn_message_check(message, size, &err)) {
		xn_fault_set(&fault, XN_FAULT_INVALID, "%s", err.text);
		xn_soap_fault(soap, &fault);
	} else if (!soap_begin_recv(soap) && !soap_envelope_begin_in(soap) &&
		   !soap_recv_header(soap) && !soap_body_begin_in(soap) &&
		   !soap_serve_request(soap)) {
		return;
	}
	xn_soap_complete_fault(soap);
	soap_send_fault(soap);
}

static struct soap *open_soap(struct xn_call *call, const char **out)
{
	struct soap *soap = soap_new1(SOAP_XML_STRICT | SOAP_C_UTFSTRING | SOAP_ENC_PLAIN);

	if (!soap)
		return NULL;
	soap_set_version(soap, 1); /* of faults before an envelope has told it */
	soap->user = call;
	soap->os = out;
	return soap;
}

static void close_soap(struct soap *soap)
{
	soap_destroy(soap);
	soap_end(soap);
	soap_free(soap);
}

unsigned int xn_soap_serve(struct xn_call *call, const char *message, size_t size, char **answer)
{
	const char *out = NULL;
	struct soap *soap = open_soap(call, &out);
	unsigned int status;

	*answer = NULL;
	if (!soap)
		return HTTP_FAULT;
	soap->is = message;
	serve(soap, message, size);
	status = soap->fault ? HTTP_FAULT : HTTP_OK;
	*answer = out ? strdup(out) : NULL;
	close_soap(soap);
	return status;
}

void xn_soap_refuse(enum xn_fault_code code, const char *reason, char **answer)
{
	const char *out = NULL;
	struct soap *soap = open_soap(NULL, &out);
	struct xn_fault fault = { 0 };

	*answer = NULL;
	if (!soap)
		return;
	xn_fault_set(&fault, code, "%s", reason);
	xn_soap_fault(soap, &fault);
	soap_send_fault(soap);
	*answer = out ? strdup(out) : NULL;
	close_soap(soap);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A SOAP message in, a SOAP message out. */
#ifndef XN_VMS_SOAP_H
#define XN_VMS_SOAP_H

#include "vms/server.h"

/* What services find in soap->user. */
struct xn_call {
	struct xn_server *server;
	struct xn_caller caller;
};

/* Once, before threads. */
void xn_soap_init(void);

/**
 * xn_soap_serve() - do what a message asks for
 * @message: SOAP 1.1 in UTF-8, NUL-terminated; hostile
 * @answer: gets the reply or the fault, to be freed by free(); NULL without memory
 *
 * Return: HTTP's status for it.
 */
unsigned int xn_soap_serve(struct xn_call *call, const char *message, size_t size, char **answer);

/* A fault without a message, as HTTP refuses before it has one. */
void xn_soap_refuse(enum xn_fault_code code, const char *reason, char **answer);

/* What the WSDL says. */
extern const char xn_wsdl[];

/* The place in it where the server is; a client's own way here replaces it. */
#define XN_WSDL_LOCATION "http://localhost:4780/"

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults as SOAP's. */
#ifndef XN_VMS_SOAP_FAULT_H
#define XN_VMS_SOAP_FAULT_H

#include "gsoap/xnvH.h"
#include "vms/fault.h"

/* Return: what a service function returns then. */
int xn_soap_fault(struct soap *soap, const struct xn_fault *fault);

/* What gSOAP itself found wrong with a message gets a detail, too. */
void xn_soap_complete_fault(struct soap *soap);

#endif

// SPDX-License-Identifier: GPL-2.0-or-later
/* The WSDL, as it was made of service.gsoap. */
#include "vms/soap.h"

const char xn_wsdl[] =
#include "gsoap/wsdl.inc"
	;

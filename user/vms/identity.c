// SPDX-License-Identifier: GPL-2.0-or-later
/* Who sent a request. */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "vms/identity.h"

#define BEARER "Bearer "

static void set_caller(const struct xn_principal *principal, void *arg)
{
	struct xn_caller *caller = arg;

	caller->role = principal->role;
	XN_COPY(caller->name, principal->name);
}

/* The principal with this name or this token's hash. */
static unsigned int look_up(const struct xn_identity *identity, const char *name, const char *hash,
			    struct xn_caller *caller, const char **why)
{
	struct xn_err err;

	*why = "the registry does not answer";
	if (xn_registry_principals(identity->registry, name, hash, set_caller, caller, &err))
		return MHD_HTTP_SERVICE_UNAVAILABLE;
	*why = "neither this token nor this certificate is known here";
	return caller->name[0] ? 0 : MHD_HTTP_UNAUTHORIZED;
}

static bool common_name(const gnutls_datum_t *certificate, char name[XN_VMS_NAME])
{
	size_t size = XN_VMS_NAME;
	gnutls_x509_crt_t crt;
	bool found;

	if (gnutls_x509_crt_init(&crt))
		return false;
	found = !gnutls_x509_crt_import(crt, certificate, GNUTLS_X509_FMT_DER) &&
		!gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name,
					       &size) &&
		size && strlen(name) == size;
	gnutls_x509_crt_deinit(crt);
	return found;
}

/* The name in the client's certificate, if it sent one that the CA has signed. */
static bool certified(struct MHD_Connection *connection, char name[XN_VMS_NAME])
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	gnutls_session_t session = info ? info->tls_session : NULL;
	const gnutls_datum_t *list;
	unsigned int status, n = 0;

	list = session ? gnutls_certificate_get_peers(session, &n) : NULL;
	return list && n && !gnutls_certificate_verify_peers2(session, &status) && !status &&
	       common_name(&list[0], name);
}

unsigned int xn_identify(const struct xn_identity *identity, struct MHD_Connection *connection,
			 struct xn_caller *caller, const char **why)
{
	const char *header = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							 MHD_HTTP_HEADER_AUTHORIZATION);
	char name[XN_VMS_NAME], hash[65];

	memset(caller, 0, sizeof(*caller));
	if (header && !strncasecmp(header, BEARER, strlen(BEARER))) {
		xn_token_hash(header + strlen(BEARER), hash);
		return look_up(identity, "", hash, caller, why);
	}
	if (identity->certificates && certified(connection, name))
		return look_up(identity, name, "", caller, why);
	if (identity->trust_local)
		return 0;
	*why = "say who you are: a bearer token, or a certificate of a client";
	return MHD_HTTP_UNAUTHORIZED;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* How libvirt reaches nodes. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/definition.h"
#include "vms/hypervisors.h"

int xn_hypervisors_add(struct xn_hypervisors *hypervisors, const char *text, struct xn_err *err)
{
	struct xn_hypervisor new = { 0 };
	const char *equals = strchr(text, '=');
	struct xn_hypervisor *to = NULL;

	if (!equals || equals - text >= (long)sizeof(new.name) ||
	    strlen(equals + 1) >= sizeof(new.uri) ||
	    !strstr(equals, ":///") == !strstr(equals, "%a")) {
		xn_err_set(err,
			   "\"%s\": write NAME=URI, where %%a is the node's address: "
			   "xen=xen+libssh://root@%%a/system",
			   text);
		return -1;
	}
	memcpy(new.name, text, equals - text);
	strcpy(new.uri, equals + 1);
	if (xn_network_name_check(new.name)) {
		xn_err_set(err, "\"%s\" %s", new.name, xn_network_name_check(new.name));
		return -1;
	}
	for (size_t i = 0; i < hypervisors->n; i++)
		if (!strcmp(hypervisors->list[i].name, new.name))
			to = &hypervisors->list[i];
	if (!to && hypervisors->n == XN_HYPERVISORS_MAX) {
		xn_err_set(err, "\"%s\": %d kinds of node are the most", new.name,
			   XN_HYPERVISORS_MAX);
		return -1;
	}
	to = to ? to : &hypervisors->list[hypervisors->n++];
	*to = new;
	return 0;
}

const struct xn_hypervisor *xn_hypervisors_find(const struct xn_hypervisors *hypervisors,
						const char *name)
{
	for (size_t i = 0; i < hypervisors->n; i++)
		if (!*name || !strcmp(hypervisors->list[i].name, name))
			return &hypervisors->list[i];
	return NULL;
}

static bool append(char uri[XN_URI_SIZE], const char *text, size_t n)
{
	size_t used = strlen(uri);

	if (used + n >= XN_URI_SIZE)
		return false;
	memcpy(uri + used, text, n);
	uri[used + n] = '\0';
	return true;
}

/* IPv6 addresses are written in brackets. */
static bool append_address(char uri[XN_URI_SIZE], const char *address)
{
	bool six = strchr(address, ':');

	return append(uri, "[", six) && append(uri, address, strlen(address)) &&
	       append(uri, "]", six);
}

static bool append_keys(char uri[XN_URI_SIZE], const char *state, const char *name)
{
	char keys[XN_URI_SIZE];
	int n = snprintf(keys, sizeof(keys),
			 "%ckeyfile=%s/id_ed25519&known_hosts=%s/known_hosts/%s"
			 "&known_hosts_verify=normal&sshauth=privkey&no_tty=1",
			 strchr(uri, '?') ? '&' : '?', state, state, name);

	return n < (int)sizeof(keys) && append(uri, keys, n);
}

bool xn_hypervisor_by_ssh(const struct xn_hypervisor *hypervisor)
{
	return strstr(hypervisor->uri, "+libssh");
}

void xn_hypervisor_user(const struct xn_hypervisor *hypervisor, char user[64])
{
	const char *at = strstr(hypervisor->uri, "@%a"), *begin = strstr(hypervisor->uri, "://");

	if (at && begin && begin < at)
		snprintf(user, 64, "%.*s", (int)(at - begin - 3), begin + 3);
	else
		snprintf(user, 64, "root");
}

unsigned int xn_hypervisor_port(const struct xn_hypervisor *hypervisor)
{
	const char *address = strstr(hypervisor->uri, "%a:");

	return address ? strtoul(address + 3, NULL, 10) : 0;
}

int xn_hypervisor_uri(const struct xn_hypervisor *hypervisor, const char *name, const char *address,
		      const char *state, char uri[XN_URI_SIZE], struct xn_err *err)
{
	bool fits = true;

	uri[0] = '\0';
	for (const char *c = hypervisor->uri; *c && fits; c++) {
		if (!strncmp(c, "%n", 2)) {
			fits = append(uri, name, strlen(name));
			c++;
		} else if (!strncmp(c, "%a", 2) && !*address) {
			xn_err_set(err,
				   "node \"%s\" has no address: a node of kind \"%s\" needs one",
				   name, hypervisor->name);
			return -1;
		} else if (!strncmp(c, "%a", 2)) {
			fits = append_address(uri, address);
			c++;
		} else {
			fits = append(uri, c, 1);
		}
	}
	if (fits && xn_hypervisor_by_ssh(hypervisor))
		fits = append_keys(uri, state, name);
	if (fits)
		return 0;
	xn_err_set(err, "URI of node \"%s\" is too long", name);
	return -1;
}

// SPDX-License-Identifier: GPL-2.0-or-later
/* arping on the node, in the manner of duplicate address detection. */
#include <arpa/inet.h>
#include <string.h>

#include "vms/clock.h"
#include "vms/reach.h"
#include "vms/remote.h"

#define TRY_SECONDS 2

enum {
	ARPING_ANSWERED = 1, /* arping -D: somebody has the address */
};

static bool ipv4_of(const char *ip, char address[INET_ADDRSTRLEN])
{
	struct in_addr binary;
	size_t size = strcspn(ip, "/");

	if (size >= INET_ADDRSTRLEN)
		return false;
	snprintf(address, INET_ADDRSTRLEN, "%.*s", (int)size, ip);
	return inet_pton(AF_INET, address, &binary) == 1;
}

static int ask(struct xn_remote *remote, const char *bridge, const char *address, time_t end,
	       struct xn_fault *fault)
{
	struct xn_answer answer;
	char command[256];

	/* both were checked when the virtual machine was asked for; a device's name may still have a quote */
	snprintf(command, sizeof(command),
		 "PATH=$PATH:/usr/sbin; exec arping -q -D -f -c %d -w %d -I \"$(cat)\" %s",
		 TRY_SECONDS, TRY_SECONDS, address);
	do {
		if (xn_remote_run(remote, command, bridge, &answer, fault))
			return -1;
		if (answer.status == ARPING_ANSWERED && !answer.errors[0])
			return 0;
		if (answer.status == XN_REMOTE_MISSING)
			return 0;
		if (answer.errors[0])
			return xn_fault_set(fault, XN_FAULT_HYPERVISOR, "arping: %.200s",
					    answer.errors);
	} while (xn_seconds() < end);
	return xn_fault_set(fault, XN_FAULT_TIMEOUT, "%s does not answer on %s", address, bridge);
}

int xn_reach_wait(const struct xn_server *server, const struct xn_node *from, const char *bridge,
		  const char *ip, int seconds, struct xn_fault *fault)
{
	char address[INET_ADDRSTRLEN];
	struct xn_remote *remote;
	int ret;

	if (!seconds || !ipv4_of(ip, address) || !xn_remote_possible(server, from))
		return 0;
	remote = xn_remote_open(server, from, fault);
	if (!remote)
		return -1;
	ret = ask(remote, bridge, address, xn_seconds() + seconds, fault);
	xn_remote_close(remote);
	return ret;
}

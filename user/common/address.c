// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of hosts are not taken: whoever answers for them would decide who is spoken to. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/address.h"

#define FORM "is no address: write 127.0.0.1:4790 or [::1]:4790"

/* Cut "HOST:PORT" or "[HOST]:PORT" in two, in place. */
static char *split_port(char *text, bool *bracketed)
{
	char *colon = strrchr(text, ':');

	*bracketed = *text == '[';
	if (!colon || (*bracketed && (colon == text || colon[-1] != ']')))
		return NULL;
	*colon = '\0';
	if (*bracketed)
		colon[-1] = '\0';
	return colon + 1;
}

static bool parse_port(const char *text, in_port_t *port)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long value = strtoul(text, NULL, 10);

	*port = htons(value);
	return digits && digits <= 5 && !text[digits] && value > 0 && value <= UINT16_MAX;
}

const char *xn_address_parse(const char *text, struct xn_socket_address *address)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&address->storage;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address->storage;
	char copy[64], *port;
	in_port_t number;
	bool bracketed;

	memset(address, 0, sizeof(*address));
	if (strlen(text) >= sizeof(copy))
		return FORM;
	strcpy(copy, text);
	port = split_port(copy, &bracketed);
	if (!port || !parse_port(port, &number))
		return FORM;
	if (bracketed && inet_pton(AF_INET6, copy + 1, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = number;
		address->length = sizeof(*v6);
	} else if (!bracketed && inet_pton(AF_INET, copy, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = number;
		address->length = sizeof(*v4);
	}
	return address->length ? NULL : FORM;
}

void xn_address_print(const struct xn_socket_address *address, char *text, size_t size)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address->storage;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&address->storage;
	char host[INET6_ADDRSTRLEN] = "?";

	switch (address->storage.ss_family) {
	case AF_INET:
		inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host));
		snprintf(text, size, "%s:%u", host, ntohs(v4->sin_port));
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host));
		snprintf(text, size, "[%s]:%u", host, ntohs(v6->sin6_port));
		break;
	default:
		snprintf(text, size, "?");
	}
}

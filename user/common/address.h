/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where somebody is reached by TCP, as people write it. */
#ifndef XN_COMMON_ADDRESS_H
#define XN_COMMON_ADDRESS_H

#include <stddef.h>
#include <sys/socket.h>

struct xn_socket_address {
	struct sockaddr_storage storage;
	socklen_t length;
};

/*
 * "127.0.0.1:4790", "[::1]:4790": numbers only, as names would have to be looked up. Return: NULL, or a
 * clause that says what is wrong.
 */
const char *xn_address_parse(const char *text, struct xn_socket_address *address);
void xn_address_print(const struct xn_socket_address *address, char *text, size_t size);

#endif

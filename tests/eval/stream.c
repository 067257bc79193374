// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TCP flows for the experiments: `stream serve ADDRESS` takes whatever comes, `stream send ADDRESS FLOWS CONTROL` sends as
 * much as it can over that many connections with that congestion control. Each connection has a process that blocks in one system
 * call: in virtual time a process that polls would never let the clock go on.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#define PORT  5001
#define CHUNK (256 * 1024)

static char chunk[CHUNK];

static struct sockaddr_in address_of(const char *text)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	if (inet_pton(AF_INET, text, &address.sin_addr) != 1)
		errx(2, "%s is no IPv4 address", text);
	return address;
}

static int tcp_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		err(1, "socket");
	return fd;
}

/* In the child: true. It goes when its parent goes. */
static bool forked(void)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return !pid;
}

/* MSG_TRUNC: what came is thrown away in the kernel, uncopied. In big pieces, as each costs a system call. */
static void swallow(int fd)
{
	int size = CHUNK;

	setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &size, sizeof(size));
	while (recv(fd, chunk, CHUNK, MSG_TRUNC) > 0)
		;
}

static void serve(const char *where)
{
	struct sockaddr_in address = address_of(where);
	int listener = tcp_socket(), fd, on = 1;

	signal(SIGCHLD, SIG_IGN);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 64))
		err(1, "%s", where);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		if (forked()) {
			swallow(fd);
			exit(0);
		}
		close(fd);
	}
	err(1, "accept");
}

static void send_all(const struct sockaddr_in *address, const char *control)
{
	int fd = tcp_socket();

	if (setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, control, strlen(control)))
		err(1, "congestion control %s", control);
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)))
		err(1, "connect");
	while (send(fd, chunk, CHUNK, 0) > 0)
		;
	err(1, "send");
}

int main(int argc, char **argv)
{
	struct sockaddr_in address;
	int flows, status;

	if (argc == 3 && !strcmp(argv[1], "serve"))
		serve(argv[2]);
	if (argc != 5 || strcmp(argv[1], "send"))
		errx(2, "usage: stream serve ADDRESS | stream send ADDRESS FLOWS CONTROL");
	address = address_of(argv[2]);
	for (flows = atoi(argv[3]); flows > 0; flows--)
		if (forked())
			send_all(&address, argv[4]);
	return wait(&status) < 0 || status;
}

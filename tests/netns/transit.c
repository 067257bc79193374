// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long each packet takes from one device to another: transit DEVICE NAMESPACE DEVICE ADDRESS. Packets are pktgen's
 * to ADDRESS, known by the number that is in each; both times are the kernel's. Writes a line for each that arrives,
 * every 50 ms: when (s, of the day), its number, and what it took (us).
 */
#include <arpa/inet.h>
#include <endian.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TO	  30 /* of the IPv4 destination, in the frame */
#define PROTOCOL  23
#define PAYLOAD	  42	     /* behind Ethernet, IPv4 and UDP */
#define MAGIC	  0xbe9be955 /* pktgen's */
#define FRAME	  64
#define ROOM	  (32 << 20)
#define NUMBERS	  65536
#define PERIOD_US 50000

struct packet {
	uint32_t number;
	int64_t ns; /* when it was seen */
};

static struct packet departures[NUMBERS]; /* by number */
static struct packet fresh[NUMBERS], arrivals[NUMBERS];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void only_udp_to(int fd, uint32_t address)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, TO),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, address, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, PROTOCOL),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, FRAME),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
		die("SO_ATTACH_FILTER");
}

/* A socket that sees what comes in on the device, in the namespace that this process is in. */
static int listen_on(const char *device, uint32_t address)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = if_nametoindex(device),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, room = ROOM;

	if (fd < 0 || !at.sll_ifindex)
		die(device);
	only_udp_to(fd, address);
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)))
		die(device);
	return fd;
}

static void enter(const char *namespace)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(path);
	close(fd);
}

static int64_t time_of(struct msghdr *head)
{
	struct timespec at = { 0 };

	for (struct cmsghdr *c = CMSG_FIRSTHDR(head); c; c = CMSG_NXTHDR(head, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS)
			memcpy(&at, CMSG_DATA(c), sizeof(at));
	return at.tv_sec * 1000000000LL + at.tv_nsec;
}

/* The next packet of pktgen's that waits. Return: false: there is none. */
static bool next(int fd, struct packet *packet)
{
	uint8_t frame[FRAME], control[CMSG_SPACE(sizeof(struct timespec))];
	struct iovec iov = { frame, sizeof(frame) };
	uint32_t words[2];

	for (;;) {
		struct msghdr head = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		ssize_t n = recvmsg(fd, &head, 0);

		if (n < 0)
			return false;
		if (n < (ssize_t)(PAYLOAD + sizeof(words)))
			continue;
		memcpy(words, frame + PAYLOAD, sizeof(words));
		if (be32toh(words[0]) != MAGIC)
			continue;
		packet->number = be32toh(words[1]);
		packet->ns = time_of(&head);
		return true;
	}
}

/* Return: how many. */
static size_t take(int fd, struct packet *packets)
{
	size_t n = 0;

	while (n < NUMBERS && next(fd, &packets[n]))
		n++;
	return n;
}

static void tell(const struct packet *arrived)
{
	const struct packet *from = &departures[arrived->number % NUMBERS];

	if (from->number == arrived->number && from->ns)
		printf("%lld.%06lld %u %lld\n", (long long)(arrived->ns / 1000000000),
		       (long long)(arrived->ns / 1000 % 1000000), arrived->number,
		       (long long)(arrived->ns - from->ns) / 1000);
}

/* What is taken as arrived set out before the departures are taken. */
static void look(int from, int at)
{
	size_t arrived = take(at, arrivals), n = take(from, fresh);

	for (size_t i = 0; i < n; i++)
		departures[fresh[i].number % NUMBERS] = fresh[i];
	for (size_t i = 0; i < arrived; i++)
		tell(&arrivals[i]);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct in_addr to;
	int from, at;

	if (argc != 5 || !inet_aton(argv[4], &to)) {
		fprintf(stderr, "usage: transit DEVICE NAMESPACE DEVICE ADDRESS\n");
		return 2;
	}
	from = listen_on(argv[1], ntohl(to.s_addr));
	enter(argv[2]);
	at = listen_on(argv[3], ntohl(to.s_addr));
	for (;;) {
		usleep(PERIOD_US);
		look(from, at);
	}
}

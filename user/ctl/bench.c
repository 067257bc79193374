// SPDX-License-Identifier: GPL-2.0-or-later
/*
 *   far namespace                     near namespace: the Dom0
 *   pktgen -> xncal0-f =============> xncal0 (the port) -> bridge or route -> xncal1 (the link)
 *              xncal1-f <================================================== xncal1
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl/bench.h"

#define PORT	"xncal0"
#define LINK	"xncal1"
#define PKTGEN	"/proc/net/pktgen/"
#define DRAINED 100 /* looks, 1 ms apart, at whether all that was sent has been taken in */

struct xn_bench {
	int far, near;	       /* namespaces */
	int schedstat;	       /* of the thread of the port's NAPI */
	char mac[24];	       /* of the port */
	enum xn_bench_way way; /* set up now */
};

/* --- small things -------------------------------------------------------------------------- */

static int fail(struct xn_err *err, const char *what)
{
	int rc = -errno;

	xn_err_set(err, "%s: %s", what, strerror(-rc));
	return rc;
}

static int write_text(const char *path, const char *text, struct xn_err *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
	int rc = n < 0 ? fail(err, path) : 0;

	if (fd >= 0)
		close(fd);
	return rc;
}

static int read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return n > 0 ? 0 : -EIO;
}

static int enter(int ns, struct xn_err *err)
{
	return setns(ns, CLONE_NEWNET) ? fail(err, "setns") : 0;
}

/* Run `ip` or `tc` with lines of commands. */
static int batch(const char *program, const char *lines, struct xn_err *err)
{
	char command[64];
	FILE *out;
	int status;

	snprintf(command, sizeof(command), "%s -batch - >/dev/null 2>&1", program);
	out = popen(command, "we");
	if (!out)
		return fail(err, program);
	fputs(lines, out);
	status = pclose(out);
	if (!status)
		return 0;
	xn_err_set(err,
		   "%s refused what measuring needs: are iproute2 and the kernel's veth, bridge, "
		   "sch_ingress, cls_matchall and act_gact there?",
		   program);
	return -EIO;
}

/* --- setting up ---------------------------------------------------------------------------- */

/* A namespace of its own, with a sysfs that shows it. Return: descriptor or -errno. */
static int new_namespace(struct xn_err *err)
{
	int fd;

	if (unshare(CLONE_NEWNET))
		return fail(err, "network namespace");
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? fail(err, "/proc/self/ns/net") : fd;
}

static int private_sysfs(struct xn_err *err)
{
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("sysfs", "/sys", "sysfs", 0, NULL))
		return fail(err, "mounting sysfs");
	return 0;
}

static int set_feature(const char *device, uint32_t command, uint32_t on, struct xn_err *err)
{
	struct ethtool_value value = { .cmd = command, .data = on };
	struct ifreq request = { .ifr_data = (void *)&value };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc;

	if (fd < 0)
		return fail(err, "socket");
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	rc = ioctl(fd, SIOCETHTOOL, &request) ? fail(err, device) : 0;
	close(fd);
	return rc;
}

/* veth polls with NAPI what has no TSO, if GRO is wanted. */
static int make_wires(struct xn_bench *b, struct xn_err *err)
{
	static const char far[] = "link set " PORT "-f up\nlink set " LINK "-f up\n";
	char near[512];
	int rc;

	snprintf(near, sizeof(near),
		 "link add " PORT " type veth peer name " PORT "-f netns /proc/%d/fd/%d\n"
		 "link add " LINK " type veth peer name " LINK "-f netns /proc/%d/fd/%d\n"
		 "link add xncal type bridge\nlink set xncal up\n"
		 "link set " PORT " up\nlink set " LINK " up\n",
		 getpid(), b->far, getpid(), b->far);
	rc = enter(b->near, err);
	if (!rc)
		rc = write_text("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1", err);
	if (!rc)
		rc = batch("ip", near, err);
	if (!rc)
		rc = batch("tc", "qdisc add dev " PORT " clsact\nqdisc add dev " LINK " clsact\n",
			   err);
	if (!rc)
		rc = set_feature(PORT, ETHTOOL_SGRO, 1, err);
	if (!rc)
		rc = write_text("/sys/class/net/" PORT "/threaded", "1", err);
	if (!rc)
		rc = read_text("/sys/class/net/" PORT "/address", b->mac, sizeof(b->mac));
	if (!rc)
		rc = enter(b->far, err);
	if (!rc)
		rc = set_feature(PORT "-f", ETHTOOL_STSO, 0, err);
	if (!rc)
		rc = batch("tc",
			   "qdisc add dev " LINK "-f clsact\n"
			   "filter add dev " LINK "-f ingress matchall action drop\n",
			   err);
	return rc ? rc : batch("ip", far, err);
}

/* Is process @pid the thread of the port's NAPI? */
static bool is_thread(const char *pid)
{
	static const char name[] = "napi/" PORT "-";
	char path[300], text[64];

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	return !read_text(path, text, sizeof(text)) && !strncmp(text, name, strlen(name));
}

static int find_thread(struct xn_bench *b, struct xn_err *err)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	char path[300];

	b->schedstat = -1;
	while (dir && b->schedstat < 0 && (entry = readdir(dir))) {
		if (strspn(entry->d_name, "0123456789") != strlen(entry->d_name) ||
		    !is_thread(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/schedstat", entry->d_name);
		b->schedstat = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (dir)
		closedir(dir);
	if (b->schedstat >= 0)
		return 0;
	xn_err_set(err, "the kernel has no threaded NAPI of veth, or no /proc/PID/schedstat: Linux "
			"5.17 or newer has");
	return -ENOTSUP;
}

/* Its two ends are kept by descriptors only: they go with this process. */
static int open_namespaces(struct xn_bench *b, struct xn_err *err)
{
	b->far = new_namespace(err);
	if (b->far < 0)
		return b->far;
	b->near = new_namespace(err);
	return b->near < 0 ? b->near : private_sysfs(err);
}

struct xn_bench *xn_bench_open(struct xn_err *err)
{
	struct xn_bench *b = calloc(1, sizeof(*b));

	if (!b) {
		xn_err_set(err, "no memory");
		return NULL;
	}
	b->way = XN_BENCH_WAYS;
	if (!open_namespaces(b, err) && !make_wires(b, err) && !find_thread(b, err))
		return b;
	free(b);
	return NULL;
}

/* --- running ------------------------------------------------------------------------------- */

#define CLEAN                                                            \
	"qdisc del dev " PORT " clsact\nqdisc add dev " PORT " clsact\n" \
	"qdisc del dev " LINK " clsact\nqdisc add dev " LINK " clsact\n"
#define BRIDGED "link set " PORT " master xncal\nlink set " LINK " master xncal\n"
#define ROUTED                                                                           \
	"link set " PORT " nomaster\nlink set " LINK " nomaster\n"                       \
	"addr replace 10.0.1.1/24 dev " PORT "\naddr replace 10.0.2.1/24 dev " LINK "\n" \
	"neigh replace 10.0.2.2 lladdr 02:00:00:00:00:02 dev " LINK " nud permanent\n"

static const struct {
	const char *ip, *tc;
} ways[XN_BENCH_WAYS] = {
	[XN_BENCH_DROP] = { BRIDGED,
			    CLEAN "filter add dev " PORT " ingress matchall action drop\n" },
	[XN_BENCH_BRIDGE] = { BRIDGED,
			      CLEAN "filter add dev " LINK " egress matchall action drop\n" },
	[XN_BENCH_BRIDGE_SEND] = { BRIDGED, CLEAN },
	[XN_BENCH_ROUTE] = { ROUTED,
			     CLEAN "filter add dev " LINK " egress matchall action drop\n" },
};

static int set_up(struct xn_bench *b, enum xn_bench_way way, struct xn_err *err)
{
	int rc = enter(b->near, err);

	if (!rc && b->way != way)
		rc = batch("ip", ways[way].ip, err);
	if (!rc && b->way != way)
		rc = batch("tc", ways[way].tc, err);
	if (!rc)
		rc = write_text("/proc/sys/net/ipv4/ip_forward", "1", err);
	b->way = rc ? XN_BENCH_WAYS : way;
	return rc;
}

/* What the thread ran so far, ns. */
static uint64_t run_time(const struct xn_bench *b)
{
	char text[96] = "";
	ssize_t n = pread(b->schedstat, text, sizeof(text) - 1, 0);

	return n > 0 ? strtoull(text, NULL, 10) : 0;
}

static uint64_t received(void)
{
	char text[32];

	if (read_text("/sys/class/net/" PORT "/statistics/rx_packets", text, sizeof(text)))
		return 0;
	return strtoull(text, NULL, 10);
}

static int pktgen(const char *file, struct xn_err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int pktgen(const char *file, struct xn_err *err, const char *fmt, ...)
{
	char path[64], text[96];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text) - 1, fmt, args);
	va_end(args);
	strcat(text, "\n"); /* pktgen cuts off the last character */
	snprintf(path, sizeof(path), PKTGEN "%s", file);
	return write_text(path, text, err);
}

/* Blocks until all are sent. Routed packets are for the port's MAC, bridged ones for somebody else's. */
static int send_packets(const struct xn_bench *b, unsigned int size, unsigned int count,
			struct xn_err *err)
{
	const char *mac = b->way == XN_BENCH_ROUTE ? b->mac : "02:00:00:00:00:02";
	static const char device[] = PORT "-f";
	int rc = enter(b->far, err);

	if (!rc)
		rc = pktgen("kpktgend_0", err, "rem_device_all");
	if (!rc)
		rc = pktgen("kpktgend_0", err, "add_device %s", device);
	if (!rc)
		rc = pktgen(device, err, "count %u", count);
	if (!rc)
		rc = pktgen(device, err, "pkt_size %u", size);
	if (!rc)
		rc = pktgen(device, err, "dst_mac %s", mac);
	if (!rc)
		rc = pktgen(device, err, "dst_min 10.0.2.2");
	if (!rc)
		rc = pktgen(device, err, "src_min 10.0.1.2");
	if (!rc)
		rc = pktgen("pgctrl", err, "start");
	return rc ? rc : enter(b->near, err);
}

/* The thread is done when it has run no more for a while. */
static uint64_t wait_for_end(const struct xn_bench *b)
{
	uint64_t run = run_time(b), was;
	int looks = DRAINED;

	do {
		was = run;
		usleep(20000);
		run = run_time(b);
	} while (run != was && looks--);
	return run;
}

int xn_bench_run(struct xn_bench *b, enum xn_bench_way way, unsigned int size, unsigned int count,
		 double *seconds, struct xn_err *err)
{
	uint64_t run, packets;
	int rc = set_up(b, way, err);

	if (rc)
		return rc;
	run = wait_for_end(b);
	packets = received();
	rc = send_packets(b, size, count, err);
	if (rc)
		return rc;
	run = wait_for_end(b) - run;
	packets = received() - packets;
	if (packets < count / 10 || !run) {
		xn_err_set(err,
			   "only %" PRIu64 " of %u packets were taken in by the thread, in %" PRIu64
			   " ns: this machine can't be measured that way",
			   packets, count, run);
		return -EIO;
	}
	*seconds = run / 1e9 / packets;
	return 0;
}

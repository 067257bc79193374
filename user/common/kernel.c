// SPDX-License-Identifier: GPL-2.0-or-later
/* The module's netlink interface (linux/xnetman.h) as C calls: the sockets. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "common/kernel.h"
#include "common/kernelmsg.h"

#define RECEIVE_SIZE (64 * 1024) /* the kernel fills up to 32 KiB at a time */
#define RECEIVE_MAX  16 /* of those in one system call: a dump of 4,096 networks on 4 links has 58 */
#define ANSWER_LIMIT 10		 /* s; the module answers at once, or something is badly wrong */
#define DUMP_TRIES   16		 /* objects come and go: read it again, but not for ever */
#define SAMPLE_TRIES 16		 /* answers that hold all that the module remembers, twice */
#define SEND_SIZE    (16 * 1024) /* bytes that any socket takes */

struct xn_kernel {
	struct nl_sock *requests;
	struct nl_sock *events; /* NULL until xn_kernel_events() */
	int family;
	uint32_t seq;
	size_t send_size; /* bytes the socket takes at once */
	xn_event_fn event;
	void *event_arg;
	unsigned int sizes[RECEIVE_MAX]; /* bytes in each buffer */
	char buffers[RECEIVE_MAX][RECEIVE_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
};

/* --- errors -------------------------------------------------------------------------------- */

static const char not_loaded[] = "the xnetman kernel module is not loaded: modprobe xnetman "
				 "(or insmod xnetman.ko)";

/* Was the family there and is gone, or another one by now? */
static bool module_gone(struct xn_kernel *kernel)
{
	struct nl_sock *sock = nl_socket_alloc();
	bool gone = false;

	if (sock && !genl_connect(sock))
		gone = genl_ctrl_resolve(sock, XNETMAN_GENL_NAME) != kernel->family;
	nl_socket_free(sock);
	return gone;
}

/* What to say where the module says nothing. */
static const char *reason(int ret)
{
	switch (ret) {
	case -EPERM:
		return "not permitted: needs root (CAP_NET_ADMIN)";
	case -EAGAIN:
		return "networks and devices keep changing: try again";
	case -ETIMEDOUT:
		return "the kernel module does not answer: see dmesg";
	case -EBADMSG:
		return "the kernel module's answer makes no sense: is it of this version?";
	default:
		return strerror(-ret);
	}
}

/* @ret as the module gave it -> what the caller gets, with the line for a person in @err. */
static int explain(struct xn_kernel *kernel, int ret, const char *doing, const char *text,
		   struct xn_err *err)
{
	if (!ret)
		return 0;
	if (ret == -ENOENT && !text && module_gone(kernel)) {
		xn_err_set(err, "%s: %s", doing, not_loaded);
		return -ENODEV;
	}
	if (text)
		xn_err_set(err, "%s: the kernel module says: %s", doing, text);
	else
		xn_err_set(err, "%s: %s", doing, reason(ret));
	return ret == -ENODEV ? -ENXIO : ret;
}

/* --- one request --------------------------------------------------------------------------- */

/* A push is one message, whatever its size: the kernel takes no more than the send buffer. */
static int grow_send_buffer(struct xn_kernel *kernel, size_t size)
{
	int fd = nl_socket_get_fd(kernel->requests);
	int bytes = size + 4096; /* and the kernel's own overhead */

	if (size <= kernel->send_size)
		return 0;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)))
		return -errno;
	kernel->send_size = size;
	return 0;
}

static int send_request(struct xn_kernel *kernel, struct xn_request *request, uint16_t flags)
{
	struct nlmsghdr *nlh = request->nlh;
	ssize_t n;
	int ret;

	if (request->failed)
		return -ENOMEM;
	ret = grow_send_buffer(kernel, nlh->nlmsg_len);
	if (ret)
		return ret;
	nlh->nlmsg_flags |= flags;
	nlh->nlmsg_seq = ++kernel->seq;
	do
		n = send(nl_socket_get_fd(kernel->requests), nlh, nlh->nlmsg_len, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* One call for several datagrams: the kernel goes on with a dump whenever a part of it is taken. */
static int receive_into(struct xn_kernel *kernel, int fd, unsigned int max, int flags)
{
	struct mmsghdr messages[RECEIVE_MAX] = { 0 };
	struct sockaddr_nl from[RECEIVE_MAX] = { 0 };
	struct iovec room[RECEIVE_MAX];
	int n;

	for (int i = 0; i < RECEIVE_MAX; i++) {
		room[i] = (struct iovec){ kernel->buffers[i], RECEIVE_SIZE };
		messages[i].msg_hdr = (struct msghdr){
			.msg_name = &from[i],
			.msg_namelen = sizeof(from[i]),
			.msg_iov = &room[i],
			.msg_iovlen = 1,
		};
	}
	n = recvmmsg(fd, messages, max, flags | MSG_WAITFORONE | MSG_TRUNC, NULL);
	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		if (messages[i].msg_len > RECEIVE_SIZE)
			return -EMSGSIZE;
		/* the kernel only */
		kernel->sizes[i] = from[i].nl_pid ? 0 : messages[i].msg_len;
	}
	return n;
}

/* Return: number of buffers filled, some of which may be empty, -ETIMEDOUT if there was no answer, or -errno. */
static int receive(struct xn_kernel *kernel, struct nl_sock *sock, unsigned int max, int flags)
{
	int n;

	do
		n = receive_into(kernel, nl_socket_get_fd(sock), max, flags);
	while (n == -EINTR);
	return n == -EAGAIN && !(flags & MSG_DONTWAIT) ? -ETIMEDOUT : n;
}

/* What answers a request: one message of the module, if any, and then its verdict. */
struct answer {
	void (*message)(const struct nlmsghdr *nlh, void *arg);
	void *arg;
	const char *text; /* the module's own words, valid until the next receive() */
	bool interrupted; /* objects came or went during a dump, or part of it was lost */
	bool done;
};

/* Return: 0 to go on (or answer->done), or -errno. */
static int take_message(const struct nlmsghdr *nlh, struct answer *answer)
{
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		answer->interrupted = true;
	switch (nlh->nlmsg_type) {
	case NLMSG_ERROR:
	case NLMSG_DONE:
		answer->done = true;
		return xn_message_error(nlh, &answer->text);
	case NLMSG_NOOP:
		return 0;
	case NLMSG_OVERRUN:
		answer->interrupted = true;
		return 0;
	default:
		answer->message(nlh, answer->arg);
		return 0;
	}
}

static int take_buffer(const struct xn_kernel *kernel, int buffer, struct answer *answer)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)kernel->buffers[buffer];
	unsigned int n = kernel->sizes[buffer];
	int ret = 0;

	for (; NLMSG_OK(nlh, n) && !answer->done; nlh = NLMSG_NEXT(nlh, n))
		if (nlh->nlmsg_seq == kernel->seq)
			ret = take_message(nlh, answer);
	return ret;
}

static int collect(struct xn_kernel *kernel, struct answer *answer)
{
	int ret = 0;

	while (!answer->done) {
		int n = receive(kernel, kernel->requests, RECEIVE_MAX, 0);

		if (n == -ENOBUFS) {
			answer->interrupted = true;
			continue;
		}
		if (n < 0)
			return n;
		for (int i = 0; i < n && !answer->done; i++)
			ret = take_buffer(kernel, i, answer);
	}
	return ret;
}

static void no_message(const struct nlmsghdr *nlh, void *arg)
{
	(void)nlh;
	(void)arg;
}

/* Send a request whose answer is only yes or no. Frees it. */
static int execute(struct xn_kernel *kernel, struct xn_request *request, const char *doing,
		   struct xn_err *err)
{
	struct answer answer = { .message = no_message };
	int ret = send_request(kernel, request, NLM_F_ACK);

	xn_request_exit(request);
	if (!ret)
		ret = collect(kernel, &answer);
	return explain(kernel, ret, doing, answer.text, err);
}

/* --- connecting ---------------------------------------------------------------------------- */

static int set_options(struct nl_sock *sock)
{
	struct timeval limit = { .tv_sec = ANSWER_LIMIT };
	int fd = nl_socket_get_fd(sock), on = 1, bytes = 1024 * 1024;

	/* The module's words in errors, without the whole request coming back with them. */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

static struct nl_sock *connect_socket(struct xn_err *err)
{
	struct nl_sock *sock = nl_socket_alloc();
	int ret;

	if (!sock) {
		xn_err_set(err, "netlink: out of memory");
		return NULL;
	}
	ret = genl_connect(sock);
	if (!ret && !set_options(sock))
		return sock;
	xn_err_set(err, "netlink: cannot connect to the kernel: %s",
		   ret ? nl_geterror(ret) : strerror(errno));
	nl_socket_free(sock);
	return NULL;
}

static int find_family(struct xn_kernel *kernel, struct xn_err *err)
{
	kernel->family = genl_ctrl_resolve(kernel->requests, XNETMAN_GENL_NAME);
	if (kernel->family >= 0)
		return 0;
	if (kernel->family == -NLE_OBJ_NOTFOUND)
		xn_err_set(err, "%s", not_loaded);
	else
		xn_err_set(err, "netlink: cannot ask for the xnetman module: %s",
			   nl_geterror(kernel->family));
	return -ENODEV;
}

static int check_version(struct xn_kernel *kernel, struct xn_err *err)
{
	struct xn_kernel_info info;
	int ret = xn_kernel_info(kernel, &info, err);

	if (ret || !strcmp(info.version, XN_VERSION))
		return ret;
	xn_err_set(err,
		   "the xnetman kernel module is version %s, this program is version " XN_VERSION
		   ": load the module that came with it: rmmod xnetman && modprobe xnetman",
		   info.version);
	return -EPROTO;
}

struct xn_kernel *xn_kernel_open(struct xn_err *err)
{
	struct xn_kernel *kernel = calloc(1, sizeof(*kernel));

	if (!kernel) {
		xn_err_set(err, "netlink: out of memory");
		return NULL;
	}
	kernel->send_size = SEND_SIZE;
	kernel->requests = connect_socket(err);
	if (!kernel->requests || find_family(kernel, err) || check_version(kernel, err)) {
		xn_kernel_close(kernel);
		return NULL;
	}
	return kernel;
}

void xn_kernel_close(struct xn_kernel *kernel)
{
	if (!kernel)
		return;
	if (kernel->events)
		nl_socket_free(kernel->events);
	if (kernel->requests)
		nl_socket_free(kernel->requests);
	free(kernel);
}

/* --- commands ------------------------------------------------------------------------------ */

struct info_answer {
	struct xn_kernel_info *info;
	bool there;
};

static void take_info(const struct nlmsghdr *nlh, void *arg)
{
	struct info_answer *answer = arg;
	struct xn_kernel_info *info = answer->info;
	struct xn_message message;

	if (!xn_message_parse(nlh, &message) || !message.version)
		return;
	snprintf(info->version, sizeof(info->version), "%s", message.version);
	info->generation = message.generation;
	info->lease_ms = message.lease_ms;
	info->mark_mask = message.mark_mask;
	info->sampler = message.sampler;
	info->time = message.record.time;
	answer->there = true;
}

int xn_kernel_info(struct xn_kernel *kernel, struct xn_kernel_info *info, struct xn_err *err)
{
	struct info_answer there = { .info = info };
	struct answer answer = { .message = take_info, .arg = &there };
	struct xn_request request;
	int ret;

	memset(info, 0, sizeof(*info));
	xn_request_init(&request, kernel->family, XNETMAN_CMD_GET_INFO, 0);
	ret = send_request(kernel, &request, NLM_F_ACK);
	xn_request_exit(&request);
	if (!ret)
		ret = collect(kernel, &answer);
	if (!ret && !there.there)
		ret = -EBADMSG;
	return explain(kernel, ret, "module info", answer.text, err);
}

int xn_kernel_config(struct xn_kernel *kernel, unsigned int sampler, uint32_t mark_mask,
		     struct xn_err *err)
{
	struct xn_request request;
	uint8_t byte = sampler;

	xn_request_init(&request, kernel->family, XNETMAN_CMD_SET_CONFIG, 16);
	xn_request_put(&request, XNETMAN_A_SAMPLER, &byte, sizeof(byte));
	xn_request_put_u32(&request, XNETMAN_A_MARK_MASK, mark_mask);
	return execute(kernel, &request, "module configuration", err);
}

int xn_kernel_new_network(struct xn_kernel *kernel, uint32_t id, const char *name,
			  struct xn_err *err)
{
	struct xn_request request;
	char doing[XNETMAN_NAME_MAX + 32];

	snprintf(doing, sizeof(doing), "network %s", name);
	xn_request_init(&request, kernel->family, XNETMAN_CMD_NEW_NETWORK, 128);
	xn_request_put_u32(&request, XNETMAN_A_NET_ID, id);
	xn_request_put(&request, XNETMAN_A_NET_NAME, name, strlen(name) + 1);
	return execute(kernel, &request, doing, err);
}

/* A command about a network, a device or both; 0: none. */
static int command(struct xn_kernel *kernel, uint8_t cmd, uint32_t id, uint32_t ifindex,
		   const char *what, struct xn_err *err)
{
	struct xn_request request;
	char doing[64], name[IF_NAMESIZE];

	if (ifindex && if_indextoname(ifindex, name))
		snprintf(doing, sizeof(doing), "%s %s", what, name);
	else
		snprintf(doing, sizeof(doing), "%s with %s %u", what, ifindex ? "ifindex" : "id",
			 ifindex ? ifindex : id);
	xn_request_init(&request, kernel->family, cmd, 16);
	if (id)
		xn_request_put_u32(&request, XNETMAN_A_NET_ID, id);
	if (ifindex)
		xn_request_put_u32(&request, XNETMAN_A_IFINDEX, ifindex);
	return execute(kernel, &request, doing, err);
}

int xn_kernel_del_network(struct xn_kernel *kernel, uint32_t id, struct xn_err *err)
{
	return command(kernel, XNETMAN_CMD_DEL_NETWORK, id, 0, "network", err);
}

int xn_kernel_new_link(struct xn_kernel *kernel, uint32_t ifindex, struct xn_err *err)
{
	return command(kernel, XNETMAN_CMD_NEW_LINK, 0, ifindex, "link", err);
}

int xn_kernel_del_link(struct xn_kernel *kernel, uint32_t ifindex, struct xn_err *err)
{
	return command(kernel, XNETMAN_CMD_DEL_LINK, 0, ifindex, "link", err);
}

int xn_kernel_new_port(struct xn_kernel *kernel, uint32_t ifindex, uint32_t net_id,
		       struct xn_err *err)
{
	return command(kernel, XNETMAN_CMD_NEW_PORT, net_id, ifindex, "port", err);
}

int xn_kernel_del_port(struct xn_kernel *kernel, uint32_t ifindex, struct xn_err *err)
{
	return command(kernel, XNETMAN_CMD_DEL_PORT, 0, ifindex, "port", err);
}

int xn_kernel_set_table(struct xn_kernel *kernel, uint32_t id, uint32_t table, uint32_t limit,
			struct xn_err *err)
{
	struct xn_request request;
	char doing[64];

	snprintf(doing, sizeof(doing), "table %u of network with id %u", table, id);
	xn_request_init(&request, kernel->family, XNETMAN_CMD_SET_TABLE, 32);
	xn_request_put_u32(&request, XNETMAN_A_NET_ID, id);
	xn_request_put_u32(&request, XNETMAN_A_TABLE, table);
	xn_request_put_u32(&request, XNETMAN_A_ROUTE_LIMIT, limit);
	return execute(kernel, &request, doing, err);
}

int xn_kernel_push(struct xn_kernel *kernel, const struct xn_push *push, struct xn_err *err)
{
	size_t size = 32 + xn_entries_size(push->n_ratios) + xn_guards_size(push->n_guards);
	struct xn_request request;

	xn_request_init(&request, kernel->family, XNETMAN_CMD_PUSH, size);
	xn_request_put(&request, XNETMAN_A_GENERATION, &push->generation, sizeof(push->generation));
	xn_request_put_u32(&request, XNETMAN_A_LEASE_MS, push->lease_ms);
	xn_request_put_ratios(&request, push->ratios, push->n_ratios);
	xn_request_put_guards(&request, push->guards, push->n_guards);
	return execute(kernel, &request, "push", err);
}

int xn_kernel_set_priorities(struct xn_kernel *kernel, const struct xnetman_priority *priorities,
			     size_t n, struct xn_err *err)
{
	struct xn_request request;

	if (!n)
		return 0;
	xn_request_init(&request, kernel->family, XNETMAN_CMD_SET_PRIORITIES, xn_entries_size(n));
	xn_request_put_priorities(&request, priorities, n);
	return execute(kernel, &request, "priorities", err);
}

int xn_kernel_hold_link(struct xn_kernel *kernel, uint32_t ifindex, uint32_t ms, struct xn_err *err)
{
	struct xn_request request;

	xn_request_init(&request, kernel->family, XNETMAN_CMD_HOLD_LINK, 16);
	xn_request_put_u32(&request, XNETMAN_A_IFINDEX, ifindex);
	xn_request_put_u32(&request, XNETMAN_A_HOLD_MS, ms);
	return execute(kernel, &request, "hold", err);
}

/* --- samples ------------------------------------------------------------------------------- */

struct samples {
	void (*sample)(const struct xn_address *destination, void *arg);
	void *arg;
	uint64_t position;
	size_t n; /* told in this answer */
	bool there;
};

static void take_addresses(struct samples *samples, uint8_t family, size_t length,
			   const struct xn_bytes *from)
{
	struct xn_address address = { .family = family };

	for (size_t at = 0; at + length <= from->size; at += length, samples->n++) {
		memcpy(address.bytes, from->data + at, length);
		samples->sample(&address, samples->arg);
	}
}

static void take_samples(const struct nlmsghdr *nlh, void *arg)
{
	struct samples *samples = arg;
	struct xn_message message;

	if (!xn_message_parse(nlh, &message))
		return;
	samples->position = message.sampled;
	take_addresses(samples, AF_INET, 4, &message.destinations4);
	take_addresses(samples, AF_INET6, 16, &message.destinations6);
	samples->there = true;
}

static int samples_once(struct xn_kernel *kernel, uint32_t id, struct samples *samples,
			const char **text)
{
	struct answer answer = { .message = take_samples, .arg = samples };
	struct xn_request request;
	int ret;

	samples->n = 0;
	samples->there = false;
	xn_request_init(&request, kernel->family, XNETMAN_CMD_GET_SAMPLES, 32);
	xn_request_put_u32(&request, XNETMAN_A_NET_ID, id);
	xn_request_put(&request, XNETMAN_A_SAMPLED, &samples->position, sizeof(uint64_t));
	ret = send_request(kernel, &request, NLM_F_ACK);
	xn_request_exit(&request);
	if (!ret)
		ret = collect(kernel, &answer);
	*text = answer.text;
	return !ret && !samples->there ? -EBADMSG : ret;
}

int xn_kernel_samples(struct xn_kernel *kernel, uint32_t id, uint64_t *position,
		      void (*sample)(const struct xn_address *destination, void *arg), void *arg,
		      struct xn_err *err)
{
	struct samples samples = { .sample = sample, .arg = arg, .position = *position };
	const char *text = NULL;
	int ret, tries = SAMPLE_TRIES;

	do
		ret = samples_once(kernel, id, &samples, &text);
	while (!ret && samples.n && --tries);
	if (!ret)
		*position = samples.position;
	return explain(kernel, ret, "samples", text, err);
}

/* --- counters ------------------------------------------------------------------------------ */

struct dump {
	xn_record_fn record;
	void *arg;
	bool malformed;
};

static void take_record(const struct nlmsghdr *nlh, void *arg)
{
	struct dump *dump = arg;
	struct xn_message message;

	if (xn_message_parse(nlh, &message) && message.kind)
		xn_message_records(&message, dump->record, dump->arg);
	else
		dump->malformed = true;
}

/* Read all records once. Return: 0, -EAGAIN if they are no consistent set, or -errno. */
static int dump_once(struct xn_kernel *kernel, struct dump *dump, const char **text)
{
	struct answer answer = { .message = take_record, .arg = dump };
	struct xn_request request;
	int ret;

	xn_request_init(&request, kernel->family, XNETMAN_CMD_GET_COUNTERS, 0);
	ret = send_request(kernel, &request, NLM_F_DUMP);
	xn_request_exit(&request);
	if (!ret)
		ret = collect(kernel, &answer);
	*text = answer.text;
	if (!ret && dump->malformed)
		ret = -EBADMSG;
	return !ret && answer.interrupted ? -EAGAIN : ret;
}

int xn_kernel_counters(struct xn_kernel *kernel, void (*restart)(void *arg), xn_record_fn record,
		       void *arg, struct xn_err *err)
{
	struct dump dump = { .record = record, .arg = arg };
	const char *text = NULL;
	int ret = -EAGAIN;

	for (int i = 0; ret == -EAGAIN && i < DUMP_TRIES; i++) {
		if (restart)
			restart(arg);
		ret = dump_once(kernel, &dump, &text);
	}
	return explain(kernel, ret, "counters", text, err);
}

/* --- events -------------------------------------------------------------------------------- */

int xn_kernel_events(struct xn_kernel *kernel, xn_event_fn fn, void *arg, struct xn_err *err)
{
	int group, ret;

	if (kernel->events)
		return -EALREADY;
	kernel->events = connect_socket(err);
	if (!kernel->events)
		return -ENOMEM;
	group = genl_ctrl_resolve_grp(kernel->events, XNETMAN_GENL_NAME, XNETMAN_GENL_EVENTS);
	if (group < 0) {
		ret = -ENODEV;
		xn_err_set(err, "events: %s", not_loaded);
		goto free_events;
	}
	ret = setsockopt(nl_socket_get_fd(kernel->events), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
			 &group, sizeof(group))
		      ? -errno
		      : 0;
	if (ret) {
		ret = explain(kernel, ret, "events", NULL, err);
		goto free_events;
	}
	kernel->event = fn;
	kernel->event_arg = arg;
	return nl_socket_get_fd(kernel->events);
free_events:
	nl_socket_free(kernel->events);
	kernel->events = NULL;
	return ret;
}

struct event {
	const struct xn_kernel *kernel;
	struct xn_message message;
};

static void tell_event(const struct xn_record *record, void *arg)
{
	const struct event *event = arg;

	event->kernel->event(event->message.event, record, event->message.generation,
			     event->kernel->event_arg);
}

/* A device that went away comes with its last record; what else happened, without any. */
static void take_event(const struct xn_kernel *kernel, const struct nlmsghdr *nlh)
{
	struct event event = { .kernel = kernel };

	if (nlh->nlmsg_type != kernel->family || !xn_message_parse(nlh, &event.message) ||
	    !event.message.event)
		return;
	if (event.message.records.size)
		xn_message_records(&event.message, tell_event, &event);
	else
		tell_event(&event.message.record, &event);
}

int xn_kernel_events_read(struct xn_kernel *kernel)
{
	if (!kernel->events)
		return -EBADF;
	for (;;) {
		/* One at a time: whoever is told of it may ask for something. */
		int n = receive(kernel, kernel->events, 1, MSG_DONTWAIT);
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)kernel->buffers[0];

		if (n < 0)
			return n == -EAGAIN ? 0 : n;
		for (n = kernel->sizes[0]; NLMSG_OK(nlh, (unsigned int)n); nlh = NLMSG_NEXT(nlh, n))
			take_event(kernel, nlh);
	}
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libnl makes the messages of classes; they are collected and sent some dozen at a time, for a thousand classes one
 * by one would take a thousand answers. What libnl has no words for is written here.
 */
#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/route/class.h>
#include <netlink/route/qdisc/htb.h>
#include <netlink/route/tc.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/qdisc.h"
#include "daemon/rtnl.h"

#define BATCH_SIZE   (60 * 1024) /* bytes; what one call of xn_rtnl_execute() takes */
#define BATCH_MOST   512	 /* messages */
#define DIRECT_QUEUE 1000	 /* packets */
#define FILTER_PRIO  1
#define RATE_TABLE \
	1024 /* bytes; TCA_POLICE_RATE must be there, and means nothing when the link layer is told */
#define TICK_NS 64 /* of the kernel's clock for qdiscs */
#define CREATE	(NLM_F_CREATE | NLM_F_REPLACE)

/* What a message of the batch is, for whoever has to read that it was refused. */
struct note {
	const char *doing;
	uint32_t ifindex, classid;
	int harmless[2]; /* -errno that are no errors */
};

struct xn_qdiscs {
	struct xn_netreq *netreq; /* for reading */
	struct xn_rtnl *rtnl;
	char batch[BATCH_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	size_t used;
	struct note notes[BATCH_MOST];
	size_t n;
	int error; /* first since the last flush, -errno */
	struct xn_err why;
};

struct xn_qdiscs *xn_qdiscs_open(struct xn_err *err)
{
	struct xn_qdiscs *q = calloc(1, sizeof(*q));

	if (!q) {
		xn_err_set(err, "qdiscs: no memory");
		return NULL;
	}
	q->netreq = xn_netreq_open(err);
	if (q->netreq)
		q->rtnl = xn_rtnl_open(err);
	if (q->rtnl)
		return q;
	xn_qdiscs_close(q);
	return NULL;
}

void xn_qdiscs_close(struct xn_qdiscs *q)
{
	if (!q)
		return;
	xn_netreq_close(q->netreq);
	xn_rtnl_close(q->rtnl);
	free(q);
}

/* --- the batch --- */

static void blame(struct xn_qdiscs *q, int error, const struct note *note, const char *text)
{
	if (q->error)
		return;
	q->error = error;
	xn_err_set(&q->why, "%s %x:%x on ifindex %u: %s", note->doing, note->classid >> 16,
		   note->classid & 0xffff, note->ifindex, text ? text : strerror(-error));
}

static void on_refused(size_t number, int error, const char *text, void *arg)
{
	struct xn_qdiscs *q = arg;

	const struct note *note = &q->notes[number];

	if (number < q->n && error != note->harmless[0] && error != note->harmless[1])
		blame(q, error, note, text);
}

static void send_batch(struct xn_qdiscs *q)
{
	struct xn_err err;
	int rc;

	if (!q->n)
		return;
	rc = xn_rtnl_execute(q->rtnl, q->batch, q->used, on_refused, q, &err);
	if (rc)
		blame(q, rc, &q->notes[0], NULL);
	q->n = q->used = 0;
}

/* Takes @msg; NULL: there was no memory for it. */
static void put(struct xn_qdiscs *q, struct nl_msg *msg, const struct note *note)
{
	struct nlmsghdr *nlh = msg ? nlmsg_hdr(msg) : NULL;
	size_t size = nlh ? NLMSG_ALIGN(nlh->nlmsg_len) : 0;

	if (!nlh || size > BATCH_SIZE) {
		blame(q, -ENOMEM, note, NULL);
		nlmsg_free(msg);
		return;
	}
	if (q->used + size > BATCH_SIZE || q->n == BATCH_MOST)
		send_batch(q);
	nlh->nlmsg_seq = q->n;
	nlh->nlmsg_flags = (nlh->nlmsg_flags | NLM_F_REQUEST) & ~NLM_F_ACK;
	memset(q->batch + q->used, 0, size);
	memcpy(q->batch + q->used, nlh, nlh->nlmsg_len);
	q->notes[q->n++] = *note;
	q->used += size;
	nlmsg_free(msg);
}

int xn_qdiscs_flush(struct xn_qdiscs *q, struct xn_err *err)
{
	int rc;

	send_batch(q);
	rc = q->error;
	if (rc)
		*err = q->why;
	q->error = 0;
	return rc;
}

/* --- qdiscs and classes --- */

static void address(struct rtnl_tc *tc, uint32_t ifindex, uint32_t parent, uint32_t handle)
{
	rtnl_tc_set_ifindex(tc, ifindex);
	rtnl_tc_set_parent(tc, parent);
	rtnl_tc_set_handle(tc, handle);
}

/* libnl leaves the room of the direct queue to the device, and some have none. */
static struct nl_msg *root_message(uint32_t ifindex, uint32_t handle, uint32_t standard)
{
	const struct tc_htb_glob glob = { .version = TC_HTB_PROTOVER,
					  .rate2quantum = 10,
					  .defcls = standard };
	struct tcmsg tcm = { .tcm_ifindex = ifindex,
			     .tcm_parent = TC_H_ROOT,
			     .tcm_handle = handle };
	struct nl_msg *msg = xn_netreq_message(RTM_NEWQDISC, CREATE, &tcm, sizeof(tcm));
	struct nlattr *options;

	if (!msg)
		return NULL;
	nla_put_string(msg, TCA_KIND, "htb");
	options = nla_nest_start(msg, TCA_OPTIONS);
	nla_put(msg, TCA_HTB_INIT, sizeof(glob), &glob);
	nla_put_u32(msg, TCA_HTB_DIRECT_QLEN, DIRECT_QUEUE);
	nla_nest_end(msg, options);
	return msg;
}

void xn_qdiscs_put_root(struct xn_qdiscs *q, uint32_t ifindex, uint32_t handle, uint32_t standard)
{
	put(q, root_message(ifindex, handle, standard),
	    &(struct note){ "making qdisc", ifindex, handle });
}

void xn_qdiscs_drop_root(struct xn_qdiscs *q, uint32_t ifindex, uint32_t handle)
{
	struct tcmsg tcm = { .tcm_ifindex = ifindex,
			     .tcm_parent = TC_H_ROOT,
			     .tcm_handle = handle };

	put(q, xn_netreq_message(RTM_DELQDISC, 0, &tcm, sizeof(tcm)),
	    &(struct note){ "removing qdisc", ifindex, handle, { -ENODEV, -EINVAL } });
}

static int fill_class(struct rtnl_class *c, const struct xn_tree_class *class)
{
	rtnl_tc_set_mtu(TC_CAST(c), class->quantum);
	rtnl_tc_set_overhead(TC_CAST(c), class->overhead);
	rtnl_tc_set_mpu(TC_CAST(c), class->mpu);
	return rtnl_htb_set_rate64(c, class->rate) || rtnl_htb_set_ceil64(c, class->ceil) ||
	       rtnl_htb_set_rbuffer(c, class->burst) || rtnl_htb_set_cbuffer(c, class->cburst) ||
	       rtnl_htb_set_quantum(c, class->quantum) || rtnl_htb_set_prio(c, class->prio);
}

static struct nl_msg *class_message(uint32_t ifindex, uint32_t classid, uint32_t parent,
				    const struct xn_tree_class *class)
{
	struct rtnl_class *c = rtnl_class_alloc();
	struct nl_msg *msg = NULL;

	if (!c)
		return NULL;
	address(TC_CAST(c), ifindex, parent, classid);
	if (rtnl_tc_set_kind(TC_CAST(c), "htb") || fill_class(c, class) ||
	    rtnl_class_build_add_request(c, CREATE, &msg))
		msg = NULL;
	rtnl_class_put(c);
	return msg;
}

void xn_qdiscs_put_class(struct xn_qdiscs *q, uint32_t ifindex, uint32_t classid, uint32_t parent,
			 const struct xn_tree_class *class)
{
	put(q, class_message(ifindex, classid, parent, class),
	    &(struct note){ "making class", ifindex, classid });
}

void xn_qdiscs_drop_class(struct xn_qdiscs *q, uint32_t ifindex, uint32_t classid)
{
	struct tcmsg tcm = { .tcm_ifindex = ifindex, .tcm_handle = classid };

	put(q, xn_netreq_message(RTM_DELTCLASS, 0, &tcm, sizeof(tcm)),
	    &(struct note){ "removing class", ifindex, classid, { -ENOENT } });
}

/* libnl always says that the qdisc may be made. */
static struct nl_msg *queue_message(uint32_t ifindex, uint32_t classid, uint32_t limit, int flags)
{
	const struct tc_fifo_qopt fifo = { .limit = limit };
	struct tcmsg tcm = { .tcm_ifindex = ifindex, .tcm_parent = classid };
	struct nl_msg *msg = xn_netreq_message(RTM_NEWQDISC, flags, &tcm, sizeof(tcm));

	if (!msg)
		return NULL;
	nla_put_string(msg, TCA_KIND, "bfifo");
	nla_put(msg, TCA_OPTIONS, sizeof(fifo), &fifo);
	return msg;
}

void xn_qdiscs_put_queue(struct xn_qdiscs *q, uint32_t ifindex, uint32_t classid, uint32_t limit)
{
	put(q, queue_message(ifindex, classid, limit, CREATE),
	    &(struct note){ "making the queue of class", ifindex, classid });
}

void xn_qdiscs_set_queue(struct xn_qdiscs *q, uint32_t ifindex, uint32_t classid, uint32_t limit)
{
	/* without flags the kernel would put it in the place of one of another kind */
	put(q, queue_message(ifindex, classid, limit, NLM_F_REPLACE),
	    &(struct note){
		    "changing the queue of class", ifindex, classid, { -EINVAL, -ENOENT } });
}

/* --- limiters --- */

static struct nl_msg *filter_message(int type, int flags, uint32_t ifindex, uint32_t parent)
{
	struct tcmsg tcm = {
		.tcm_ifindex = ifindex,
		.tcm_parent = parent,
		.tcm_handle = 1,
		.tcm_info = TC_H_MAKE(FILTER_PRIO << 16, htons(ETH_P_ALL)),
	};
	struct nl_msg *msg = xn_netreq_message(type, flags, &tcm, sizeof(tcm));

	if (msg)
		nla_put_string(msg, TCA_KIND, "basic");
	return msg;
}

static uint32_t ticks(double bytes, double rate)
{
	double t = bytes / rate * 1e9 / TICK_NS;

	return t < UINT32_MAX ? t : UINT32_MAX;
}

static void put_police(struct nl_msg *msg, const struct xn_limiter *limiter)
{
	static const char table[RATE_TABLE];
	uint64_t rate = limiter->rate / 8;
	struct tc_police police = {
		.action = TC_ACT_SHOT,
		.burst = ticks(xn_limiter_burst(limiter), rate),
		.mtu = INT32_MAX,
		.rate = { .cell_log = 3,
			  .linklayer = TC_LINKLAYER_ETHERNET,
			  .rate = rate < UINT32_MAX ? rate : UINT32_MAX },
	};

	nla_put(msg, TCA_POLICE_TBF, sizeof(police), &police);
	nla_put(msg, TCA_POLICE_RATE, sizeof(table), table);
	if (rate >= UINT32_MAX)
		nla_put_u64(msg, TCA_POLICE_RATE64, rate);
	nla_put_u32(msg, TCA_POLICE_RESULT, TC_ACT_OK);
}

static void put_actions(struct nl_msg *msg, const struct xn_limiter *limiter)
{
	struct nlattr *actions = nla_nest_start(msg, TCA_BASIC_ACT);
	struct nlattr *action = nla_nest_start(msg, 1), *options;

	nla_put_string(msg, TCA_ACT_KIND, "police");
	options = nla_nest_start(msg, TCA_ACT_OPTIONS);
	put_police(msg, limiter);
	nla_nest_end(msg, options);
	nla_nest_end(msg, action);
	nla_nest_end(msg, actions);
}

void xn_qdiscs_put_limiter(struct xn_qdiscs *q, uint32_t ifindex, uint32_t parent, uint32_t classid,
			   const struct xn_limiter *limiter)
{
	struct nl_msg *msg = filter_message(RTM_NEWTFILTER, NLM_F_CREATE, ifindex, parent);
	struct nlattr *options;

	if (msg) {
		options = nla_nest_start(msg, TCA_OPTIONS);
		nla_put_u32(msg, TCA_BASIC_CLASSID, classid);
		put_actions(msg, limiter);
		nla_nest_end(msg, options);
	}
	put(q, msg, &(struct note){ "making the limiter of class", ifindex, parent });
}

void xn_qdiscs_drop_limiter(struct xn_qdiscs *q, uint32_t ifindex, uint32_t parent)
{
	put(q, filter_message(RTM_DELTFILTER, 0, ifindex, parent),
	    &(struct note){
		    "removing the limiter of class", ifindex, parent, { -ENOENT, -EINVAL } });
}

/* --- reading --- */

struct reader {
	xn_qdisc_fn each;
	void *arg;
};

/* Cake tells of each of its tins; the worst of them counts. */
static void read_tin(struct nlattr *tin, double delay[3])
{
	static const int types[] = { TCA_CAKE_TIN_STATS_AVG_DELAY_US,
				     TCA_CAKE_TIN_STATS_PEAK_DELAY_US,
				     TCA_CAKE_TIN_STATS_BASE_DELAY_US };
	struct nlattr *attr;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		attr = nla_find(nla_data(tin), nla_len(tin), types[i]);
		if (attr && nla_len(attr) >= 4 && nla_get_u32(attr) / 1e6 > delay[i])
			delay[i] = nla_get_u32(attr) / 1e6;
	}
}

static void read_cake(struct nlattr *app, double delay[3])
{
	struct nlattr *tins = nla_find(nla_data(app), nla_len(app), TCA_CAKE_STATS_TIN_STATS), *tin;
	int rem;

	if (!tins)
		return;
	nla_for_each_nested(tin, tins, rem)
		read_tin(tin, delay);
}

static void read_basic(struct nlattr *attr, struct xn_qdisc_record *record)
{
	struct gnet_stats_basic basic = { 0 };

	if (nla_len(attr) < (int)(sizeof(basic.bytes) + sizeof(basic.packets)))
		return;
	memcpy(&basic, nla_data(attr), sizeof(basic.bytes) + sizeof(basic.packets));
	record->bytes = basic.bytes;
	if (!record->packets)
		record->packets = basic.packets;
}

static void read_stats(struct nlattr *stats, struct xn_qdisc_record *record)
{
	struct gnet_stats_queue queue = { 0 };
	struct nlattr *attr;
	int rem;

	nla_for_each_nested(attr, stats, rem) {
		if (nla_type(attr) == TCA_STATS_BASIC)
			read_basic(attr, record);
		if (nla_type(attr) == TCA_STATS_PKT64 && nla_len(attr) >= 8)
			record->packets = nla_get_u64(attr);
		if (nla_type(attr) == TCA_STATS_QUEUE && nla_len(attr) >= (int)sizeof(queue))
			memcpy(&queue, nla_data(attr), sizeof(queue));
		if (nla_type(attr) == TCA_STATS_APP && record->kind &&
		    !strcmp(record->kind, "cake"))
			read_cake(attr, record->delay);
	}
	record->dropped = queue.drops;
	record->backlog_bytes = queue.backlog;
	record->backlog_packets = queue.qlen;
}

static void read_record(const struct nlmsghdr *nlh, void *arg)
{
	const struct reader *reader = arg;
	const struct tcmsg *tcm = nlmsg_data(nlh);
	struct xn_qdisc_record record = { .delay = { -1, -1, -1 } };
	struct nlattr *attr;

	if (nlh->nlmsg_type != RTM_NEWQDISC && nlh->nlmsg_type != RTM_NEWTCLASS)
		return;
	record.ifindex = tcm->tcm_ifindex;
	record.handle = tcm->tcm_handle;
	record.parent = tcm->tcm_parent;
	attr = nlmsg_find_attr((struct nlmsghdr *)nlh, sizeof(*tcm), TCA_KIND);
	if (attr && nlh->nlmsg_type == RTM_NEWQDISC)
		record.kind = nla_get_string(attr);
	attr = nlmsg_find_attr((struct nlmsghdr *)nlh, sizeof(*tcm), TCA_STATS2);
	if (attr)
		read_stats(attr, &record);
	reader->each(&record, reader->arg);
}

static int read_all(struct xn_qdiscs *q, int type, uint32_t ifindex, xn_qdisc_fn each, void *arg)
{
	struct tcmsg tcm = { .tcm_ifindex = ifindex };
	struct reader reader = { each, arg };

	return xn_netreq_get(q->netreq, xn_netreq_message(type, NLM_F_DUMP, &tcm, sizeof(tcm)),
			     read_record, &reader);
}

int xn_qdiscs_all(struct xn_qdiscs *q, xn_qdisc_fn each, void *arg)
{
	return read_all(q, RTM_GETQDISC, 0, each, arg);
}

int xn_qdiscs_classes(struct xn_qdiscs *q, uint32_t ifindex, xn_qdisc_fn each, void *arg)
{
	return read_all(q, RTM_GETTCLASS, ifindex, each, arg);
}

/* The statistics of the only action of a filter. */
static struct nlattr *action_stats(const struct nlmsghdr *nlh)
{
	struct nlattr *at =
		nlmsg_find_attr((struct nlmsghdr *)nlh, sizeof(struct tcmsg), TCA_OPTIONS);
	const int path[] = { TCA_BASIC_ACT, 1, TCA_ACT_STATS };

	for (size_t i = 0; at && i < sizeof(path) / sizeof(path[0]); i++)
		at = nla_find(nla_data(at), nla_len(at), path[i]);
	return at;
}

static void read_limiter(const struct nlmsghdr *nlh, void *arg)
{
	struct xn_qdisc_record record = { 0 };
	struct nlattr *stats;

	if (nlh->nlmsg_type != RTM_NEWTFILTER)
		return;
	stats = action_stats(nlh);
	if (!stats)
		return;
	read_stats(stats, &record);
	*(uint64_t *)arg = record.dropped;
}

int xn_qdiscs_limiter(struct xn_qdiscs *q, uint32_t ifindex, uint32_t parent, uint64_t *dropped)
{
	*dropped = 0;
	return xn_netreq_get(q->netreq, filter_message(RTM_GETTFILTER, 0, ifindex, parent),
			     read_limiter, dropped);
}

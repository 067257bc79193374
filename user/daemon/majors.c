// SPDX-License-Identifier: GPL-2.0-or-later
/* A bit for each; the kernel is asked when a link is new, and when there seems to be none left. */
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/majors.h"

#define MAJORS (XN_MAJOR_LAST - XN_MAJOR_FIRST + 1)

struct found {
	uint32_t parent;
	uint16_t major;
	uint8_t band;
};

struct link {
	struct link *next;
	uint32_t ifindex;
	uint8_t used[MAJORS / 8];
	unsigned int at; /* where to look next */
	struct found *found;
	size_t n_found;
};

struct xn_majors {
	struct xn_netreq *netreq;
	struct link *first;
};

static bool is_ours(uint32_t major)
{
	return major >= XN_MAJOR_FIRST && major <= XN_MAJOR_LAST;
}

static bool is_used(const struct link *link, unsigned int n)
{
	return link->used[n / 8] & 1 << n % 8;
}

static void mark(struct link *link, uint16_t major, bool used)
{
	unsigned int n = major - XN_MAJOR_FIRST;

	if (!is_ours(major))
		return;
	if (used)
		link->used[n / 8] |= 1 << n % 8;
	else
		link->used[n / 8] &= ~(1 << n % 8);
}

/* --- what there is --- */

static void note_switch(struct link *link, const struct tcmsg *tcm, const struct nlattr *options)
{
	const struct tc_prio_qopt *opt = nla_data(options);
	struct found *more;

	if (nla_len(options) < (int)sizeof(*opt))
		return;
	more = reallocarray(link->found, link->n_found + 1, sizeof(*more));
	if (!more)
		return;
	link->found = more;
	more[link->n_found++] = (struct found){
		.parent = tcm->tcm_parent,
		.major = tcm->tcm_handle >> 16,
		.band = opt->priomap[0] != 0,
	};
}

static void note_qdisc(const struct nlmsghdr *nlh, void *arg)
{
	const struct tcmsg *tcm = nlmsg_data(nlh);
	struct nlattr *attrs[TCA_MAX + 1];
	struct link *link = arg;

	if (nlh->nlmsg_type != RTM_NEWQDISC || tcm->tcm_ifindex != (int)link->ifindex ||
	    !is_ours(tcm->tcm_handle >> 16))
		return;
	mark(link, tcm->tcm_handle >> 16, true);
	if (is_ours(tcm->tcm_parent >> 16)) /* within an operator's tree */
		return;
	if (nlmsg_parse((struct nlmsghdr *)nlh, sizeof(*tcm), attrs, TCA_MAX, NULL) < 0 ||
	    !attrs[TCA_KIND] || !attrs[TCA_OPTIONS] ||
	    strcmp(nla_get_string(attrs[TCA_KIND]), "prio"))
		return;
	note_switch(link, tcm, attrs[TCA_OPTIONS]);
}

static void look(struct xn_majors *majors, struct link *link)
{
	struct tcmsg tcm = { .tcm_ifindex = link->ifindex };

	memset(link->used, 0, sizeof(link->used));
	link->n_found = 0;
	xn_netreq_get(majors->netreq,
		      xn_netreq_message(RTM_GETQDISC, NLM_F_DUMP, &tcm, sizeof(tcm)), note_qdisc,
		      link);
}

static struct link *link_of(struct xn_majors *majors, uint32_t ifindex)
{
	struct link *link;

	for (link = majors->first; link; link = link->next)
		if (link->ifindex == ifindex)
			return link;
	link = calloc(1, sizeof(*link));
	if (!link)
		return NULL;
	link->ifindex = ifindex;
	link->next = majors->first;
	majors->first = link;
	look(majors, link);
	return link;
}

/* --- taking and giving --- */

static size_t take(struct link *link, uint16_t *taken, size_t n)
{
	size_t got = 0;

	for (size_t tries = 0; tries < MAJORS && got < n; tries++) {
		unsigned int at = link->at++ % MAJORS;

		if (is_used(link, at))
			continue;
		taken[got++] = XN_MAJOR_FIRST + at;
		mark(link, XN_MAJOR_FIRST + at, true);
	}
	return got;
}

bool xn_majors_take(struct xn_majors *majors, uint32_t ifindex, uint16_t *taken, size_t n)
{
	struct link *link = link_of(majors, ifindex);
	size_t got = link ? take(link, taken, n) : 0;

	if (!link)
		return false;
	if (got == n)
		return true;
	look(majors, link); /* what was taken for nothing is free again */
	return take(link, taken, n) == n;
}

void xn_majors_give(struct xn_majors *majors, uint32_t ifindex, const uint16_t *taken, size_t n)
{
	for (struct link *link = majors->first; link; link = link->next)
		for (size_t i = 0; i < n && link->ifindex == ifindex; i++)
			mark(link, taken[i], false);
}

uint16_t xn_majors_found(struct xn_majors *majors, uint32_t ifindex, uint32_t parent,
			 unsigned int *band)
{
	struct link *link = link_of(majors, ifindex);

	for (size_t i = 0; link && i < link->n_found; i++) {
		struct found found = link->found[i];

		if (found.parent != parent)
			continue;
		link->found[i] = link->found[--link->n_found];
		*band = found.band;
		return found.major;
	}
	return 0;
}

/* --- life --- */

struct xn_majors *xn_majors_new(struct xn_netreq *netreq)
{
	struct xn_majors *majors = calloc(1, sizeof(*majors));

	if (majors)
		majors->netreq = netreq;
	return majors;
}

void xn_majors_free(struct xn_majors *majors)
{
	while (majors && majors->first) {
		struct link *link = majors->first;

		majors->first = link->next;
		free(link->found);
		free(link);
	}
	free(majors);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SLA converter (SPEC section 6): of each contract's schedule, the parameters that are in force now. They change
 * at the first tick after the instant at which the contract says so, between measuring and deciding: what was sent
 * before is judged by the old ones, what comes next is decided by the new ones. What an Il gives a right to is the
 * integral of the parameters over it, of those to come as well.
 */
#ifndef XN_DAEMON_CONTRACT_H
#define XN_DAEMON_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xn_daemon;
struct xn_pair;
struct xn_sla;
struct xn_state;

/* Instants between which no schedule changes, s since 1970 UTC. */
struct xn_contract_span {
	int64_t since, until;
};

/* After definitions or the account changed: the parameters of all networks, as of now. */
void xn_contract_apply(struct xn_daemon *daemon);

/* In a tick, between measuring and deciding. @begun: with it an Il begins. */
void xn_contract_tick(struct xn_daemon *daemon, bool begun);

/**
 * xn_contract_switch() - another SLA for the account of one network on one resource
 * @pair: of the network
 * @sla: from now on
 * @begin: of the Il, ns
 * @now: ns
 *
 * The first SLA of a pair is taken as that of the whole Il.
 *
 * Return: was it another one?
 */
bool xn_contract_switch(struct xn_pair *pair, const struct xn_sla *sla, uint64_t begin,
			uint64_t now);

/**
 * xn_contract_extend() - the account of one network on one resource is of all of this Il
 * @begin: of the Il, ns
 * @now: ns
 * @time: the same instant, s since 1970 UTC
 *
 * As if the network had been here since the Il began: what its schedule had until it came is in force in
 * that time. Of an account that is of all of the Il already, nothing is changed.
 */
void xn_contract_extend(struct xn_state *state, size_t r, size_t n, uint64_t begin, uint64_t now,
			int64_t time);

#endif

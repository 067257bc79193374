// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Algorithm 1 of the XNetMan paper, word for word; numbers are its lines. What was added:
 * (a) where peso_total is 0, 0/0 gives nothing instead of NaN; (b) the loop is left, and
 * that is told, after n + 1 rounds. It never needs more: each round takes at least one network
 * down to its demand, and line 15 raises only who is below.
 *
 * The array's index is missing in lines 4 and 10 of the paper; it is [rede].
 */
#include "algorithm1.h"

static double sum(const double *v, size_t n)
{
	double total = 0;

	for (size_t i = 0; i < n; i++)
		total += v[i];
	return total;
}

static bool verifica(const double *proximo_liberado, const double *d, size_t n)
{
	for (size_t rede = 0; rede < n; rede++)
		if (proximo_liberado[rede] > d[rede])
			return true;
	return false;
}

static double part(double what, double peso, double peso_total)
{
	return peso_total > 0 ? what * peso / peso_total : 0; /* (a) */
}

bool algorithm1(const struct algorithm1 *in, double *proximo_liberado, double *punicao)
{
	const double *rc = in->rc, *peso = in->peso, *utilizado = in->utilizado, *d = in->d;
	const double *rl = in->rl;
	double total_disponivel, peso_total, sobra, il = in->il;
	size_t n = in->n, rounds = 0, rede;

	/* 1 */
	for (rede = 0; rede < n; rede++)
		punicao[rede] = 0;
	total_disponivel = in->rt - sum(rc, n);
	peso_total = sum(peso, n);
	/* 2 */
	for (rede = 0; rede < n; rede++) {
		/* 3 */
		if (utilizado[rede] < rl[rede] * il)
			proximo_liberado[rede] =
				rc[rede] + part(total_disponivel, peso[rede], peso_total);
		/* 4 */
		else
			proximo_liberado[rede] = rc[rede];
		/* 5 */
		if (d[rede] > proximo_liberado[rede])
			punicao[rede] = 1 - proximo_liberado[rede] / d[rede];
		/* 6 */
	}
	/* 7 */
	while (verifica(proximo_liberado, d, n)) {
		if (rounds++ > n)
			return false; /* (b) */
		/* 8 */
		peso_total = 0;
		/* 9 */
		for (rede = 0; rede < n; rede++) {
			/* 10 */
			if (proximo_liberado[rede] > d[rede])
				proximo_liberado[rede] = d[rede];
			/* 11 */
			if (d[rede] > proximo_liberado[rede] && utilizado[rede] < rl[rede] * il)
				peso_total += peso[rede];
			/* 12 */
		}
		/* 13 */
		sobra = in->rt - sum(proximo_liberado, n);
		/* 14 */
		for (rede = 0; rede < n; rede++) {
			/* 15 */
			if (d[rede] > proximo_liberado[rede] && utilizado[rede] < rl[rede] * il)
				proximo_liberado[rede] += part(sobra, peso[rede], peso_total);
			/* 16 */
			if (proximo_liberado[rede] < d[rede])
				punicao[rede] = 1 - proximo_liberado[rede] / d[rede];
			/* 17 */
			else
				punicao[rede] = 0;
			/* 18 */
		}
		/* 19 */
	}
	return true;
}

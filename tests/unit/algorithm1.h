/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Algorithm 1 of the XNetMan paper, word for word, to hold the controller against. */
#ifndef XN_TEST_ALGORITHM1_H
#define XN_TEST_ALGORITHM1_H

#include <stdbool.h>
#include <stddef.h>

/* Entrada: the algorithm's input, by the paper's names; arrays of n. */
struct algorithm1 {
	double rt;
	size_t n;
	double ic, il;
	const double *rc, *rl, *peso, *utilizado, *d;
};

/**
 * algorithm1() - the punishment of each network
 * @in: input
 * @proximo_liberado: out, what each may use next
 * @punicao: out, ratios
 *
 * Return: true; false if the loop did not end within n + 1 rounds, which can't be.
 */
bool algorithm1(const struct algorithm1 *in, double *proximo_liberado, double *punicao);

#endif

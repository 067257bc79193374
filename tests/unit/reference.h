/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The controller's formulas (SPEC section 3) word for word, and its division found by bisection. */
#ifndef XN_TEST_REFERENCE_H
#define XN_TEST_REFERENCE_H

#include "controller_case.h"

/* What follows from a case, by network. */
struct reference {
	bool fits;
	double g[CASE_NETWORKS], re[CASE_NETWORKS]; /* scaled if they do not fit */
	double s[CASE_NETWORKS];		    /* unspent long-term volume; Rc with xnetmon */
	double cap[CASE_NETWORKS];		    /* most that round A may give */
	double weight[CASE_NETWORKS];
	double allowed[CASE_NETWORKS];
};

/* Only valid input: finite, not negative, Ic <= Il. */
void reference_decide(const struct controller_case *c, struct reference *ref);

#endif

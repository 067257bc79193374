/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file in which `xnetman-ctl calibrate` leaves what packets cost on this machine. JSON. */
#ifndef XN_COMMON_COSTS_H
#define XN_COMMON_COSTS_H

#include <jansson.h>

#include "common/config.h" /* struct xn_err */
#include "core/cost.h"

#define XN_COSTS_DIR  "/var/lib/xnetman"
#define XN_COSTS_FILE "costs.json"

/* {"rx": {"packet": s, "byte": s}, ...}. New reference. */
json_t *xn_costs_json(const struct xn_cost_model *model);

/* The content of the file. @kernel: release of the kernel that was measured. To be freed; NULL: no memory. */
char *xn_costs_text(const struct xn_cost_model *model, const char *kernel);

/**
 * xn_costs_load() - the model in a file
 * @model: out; untouched on error
 *
 * Return: 0, -ENOENT (no such file), or -EINVAL with @err.
 */
int xn_costs_load(const char *path, struct xn_cost_model *model, struct xn_err *err);

#endif

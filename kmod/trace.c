// SPDX-License-Identifier: GPL-2.0-only
/* Tracepoints: what the module did to whom, for perf and ftrace. */
#define CREATE_TRACE_POINTS
#include "trace.h"

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Definitions: what people wrote in xnetman.yaml and networks.d/ (doc/definitions.md),
 * checked, with defaults filled in.
 */
#ifndef XN_COMMON_CONFIG_H
#define XN_COMMON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "core/controller.h"
#include "core/figures.h"
#include "core/qos.h"
#include "core/resource.h"
#include "core/schedule.h"
#include "core/sla.h"

#define XN_DEFAULT_CONFIG_DIR XN_SYSCONFDIR "/xnetman"

/* One line for a person: "where: what: what to do". */
struct xn_err {
	char text[512];
};

void xn_err_set(struct xn_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

enum xn_path {
	XN_PATH_VM,
	XN_PATH_SPLIT,
};

/* Where an SLA is written, for messages; lines of its file. */
struct xn_sla_lines {
	size_t guarantee; /* rc, or re where that is more */
	size_t rl;
};

/* SLA and QoS of one network on one link. */
struct xn_bandwidth {
	char *link;	   /* device name, or "any" */
	struct xn_sla sla; /* bit/s */
	struct xn_sla_lines lines;
	int priority; /* 0..7; -1: the network's */
	struct xn_limits limits;
};

/* SLA of one network for a resource that is no link, in its unit. */
struct xn_sold {
	bool given; /* false: nothing was written, and @sla is nothing */
	struct xn_sla sla;
	struct xn_sla_lines lines;
};

/* What a network is sold while an entry of its schedule holds, instead of what it is sold else. */
struct xn_period {
	char *when;			/* as it was written */
	struct xn_bandwidth *bandwidth; /* without QoS, which does not change */
	size_t n_bandwidth;
	struct xn_sold sold[XN_RESOURCES]; /* but [XN_BANDWIDTH] */
};

/* One network. */
struct xn_definition {
	char *name;
	char *shown; /* what messages call the text it is from */
	enum xn_path path;
	char *domain;	       /* NULL: none */
	unsigned int priority; /* 0..7 */
	char **ports;
	size_t n_ports;
	struct xn_bandwidth *bandwidth;
	size_t n_bandwidth;
	struct xn_sold sold[XN_RESOURCES]; /* but [XN_BANDWIDTH] */
	struct xn_limits arrival;	   /* towards the router, on each of its vifs */
	const struct xn_zone *zone;	   /* of the schedule */
	struct xn_when *when;		   /* of each period */
	struct xn_period *periods;	   /* the schedule */
	size_t n_periods;
	double disk;		 /* bytes of the router's image; 0: none */
	unsigned int interfaces; /* of the router; 0: as many as it has ports */
};

/* Is there a tree of classes on a link? */
enum xn_link_qos {
	XN_QOS_AUTO, /* if some network needs one */
	XN_QOS_ON,
	XN_QOS_OFF,
};

/* Are networks held to what they are entitled to between ticks (core/guard.h)? */
enum xn_link_guard {
	XN_GUARD_ON,
	XN_GUARD_OFF,
};

struct xn_link_def {
	char *name;
	double capacity; /* bit/s */
	enum xn_link_qos qos;
	enum xn_link_guard guard;
	double overbooking; /* so many times the capacity may be sold as long-term reservations */
};

/* How much of the past is kept. */
struct xn_keep {
	double age[XN_LEVELS_KEPT]; /* of periods, s */
	double breaches;	    /* age, s */
	double size;		    /* of the file, bytes */
};

/* Reports of periods that are over. */
struct xn_reports {
	enum xn_level every; /* HOUR, DAY, WEEK, MONTH; XN_LEVELS: none */
	char *folder;	     /* NULL: beside the history */
	unsigned int keep;   /* of the periods, the last; 0: all */
};

/* The machine. Times in ns. */
struct xn_machine {
	uint64_t ic;
	uint64_t il;
	uint64_t lease;
	enum xn_policy policy;
	unsigned int sampler; /* enum xnetman_sampler */
	uint32_t mark_mask;
	struct xn_link_def *links;
	size_t n_links;
	double capacity[XN_RESOURCES]; /* but [XN_BANDWIDTH]; 0: counted, never punished */
	double disk;		       /* bytes for routers' images; 0: not judged */
	unsigned int interfaces;       /* of all routers together; 0: not judged */
	char *channel_listen;	       /* address for guests by TCP; NULL: none */
	struct xn_keep keep;
	struct xn_reports reports;
};

struct xn_config {
	struct xn_machine machine;
	struct xn_definition **networks; /* sorted by name */
	size_t n_networks;
};

/**
 * xn_config_load() - read and check everything below @dir
 * @dir: holds xnetman.yaml (may be missing: defaults, no links) and networks.d/
 * @err: filled in on error with file, line, key and what to do
 *
 * Return: the configuration, to be freed with xn_config_free(), or NULL.
 */
struct xn_config *xn_config_load(const char *dir, struct xn_err *err);
void xn_config_free(struct xn_config *config);

const struct xn_definition *xn_config_network(const struct xn_config *config, const char *name);

/* SLA of @def on @link: its entry, or the "any" entry, or NULL. */
const struct xn_sla *xn_definition_sla(const struct xn_definition *def, const char *link);

/* Entries of @def's schedule, for core/schedule.h. */
struct xn_schedule xn_definition_schedule(const struct xn_definition *def);

/**
 * xn_definition_sla_in() - SLA of @def while entries of its schedule hold
 * @def: the definition
 * @resource: what it is for
 * @link: of XN_BANDWIDTH, the link
 * @held: bits of the entries; the last of them that says something of it counts
 *
 * Return: the SLA, or NULL: nothing was sold.
 */
const struct xn_sla *xn_definition_sla_in(const struct xn_definition *def,
					  enum xn_resource_kind resource, const char *link,
					  uint32_t held);

/* Interfaces of its router: as many as it says, or as it has ports. */
unsigned int xn_definition_interfaces(const struct xn_definition *def);

/* Priority of @def on @link, 0..7: its entry's, or the "any" entry's, or its own. */
unsigned int xn_definition_priority(const struct xn_definition *def, const char *link);

/* Shaper and limiter of @def on @link; NULL: none. */
const struct xn_limits *xn_definition_limits(const struct xn_definition *def, const char *link);

/* Definition as the JSON of doc/dbus.md (rates as text that parses back exactly). New reference. */
json_t *xn_definition_json(const struct xn_definition *def);
json_t *xn_machine_json(const struct xn_machine *machine);

/**
 * xn_config_write_network() - put one definition into networks.d/
 * @dir: as for xn_config_load()
 * @name: of the network; the file is networks.d/NAME.yaml
 * @text: its definition, YAML or JSON; comments people wrote in @text are not kept
 * @create: true: it must not exist yet; false: it must
 * @err: as above; says "(request):LINE" for what is wrong in @text
 *
 * The whole configuration with the new definition is checked first; the file is replaced
 * atomically (0640 if new, fsync, rename), and nothing is written on error.
 *
 * Return: 0, or -EINVAL (bad definition), -EEXIST, -ENOENT, or another -errno of the file system.
 */
int xn_config_write_network(const char *dir, const char *name, const char *text, bool create,
			    struct xn_err *err);

/* Remove networks.d/NAME.yaml. Return: 0, -ENOENT or another -errno. */
int xn_config_delete_network(const char *dir, const char *name, struct xn_err *err);

enum xn_link_change {
	XN_LINK_ADD,
	XN_LINK_SET,	   /* its capacity */
	XN_LINK_SET_QOS,   /* "auto", "on", "off" */
	XN_LINK_SET_GUARD, /* "on", "off" */
	XN_LINK_DELETE,
};

/* Change one link of xnetman.yaml, keeping the rest; @value: what is added or set. Checked and atomic as above. */
int xn_config_change_link(const char *dir, enum xn_link_change change, const char *name,
			  const char *value, struct xn_err *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every command of xnetman-ctl is given, and how it ends. */
#ifndef XN_CTL_CTL_H
#define XN_CTL_CTL_H

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-bus.h>

/* Exit status; the same numbers are "code" of an error with -j, and meanings of common/buserror.h. */
enum xn_ctl_exit {
	XN_EXIT_OK = 0,
	XN_EXIT_FAILURE = 1, /* bad usage, invalid input, or a file that can't be read or written */
	XN_EXIT_UNREACHABLE = 2, /* no daemon on the bus */
	XN_EXIT_NOT_FOUND = 3,
	XN_EXIT_EXISTS = 4,
	XN_EXIT_DENIED = 5,
	XN_EXIT_MODULE = 6,  /* module not loaded, or of another version */
	XN_EXIT_REFUSED = 7, /* admit: it does not fit */
};

/* One run of the program. */
struct xn_ctl {
	bool json;
	bool pretty;
	bool help;
	bool version;
	bool colour;	     /* stdout is a terminal that wants it */
	bool utf8;	     /* block characters may be used */
	const char *address; /* D-Bus address, NULL: the system bus */
	const char *file; /* that what was sent is from, for messages; NULL: from the command line */
	sd_bus *bus;	  /* NULL until the first call */
};

/**
 * struct xn_ctl_command - a word of the command line
 * @name: in full; any unambiguous beginning will do
 * @run: called with the arguments after the word; NULL where @sub is set
 * @sub: the words that may follow, ended by one without name
 * @raw: takes --help itself
 * @args: its arguments, for the usage line
 * @brief: one line
 * @more: explanation and examples, or NULL
 */
struct xn_ctl_command {
	const char *name;
	int (*run)(struct xn_ctl *ctl, int argc, char **argv);
	const struct xn_ctl_command *sub;
	bool raw;
	const char *args;
	const char *brief;
	const char *more;
};

/**
 * xn_ctl_dispatch() - run the command that the arguments name
 * @path: the words so far ("xnetman-ctl", "xnetman-ctl network"), for usage lines
 * @commands: ended by an entry without name; the first one is run when no word is given
 *
 * Return: exit status.
 */
int xn_ctl_dispatch(struct xn_ctl *ctl, const char *path, const struct xn_ctl_command *commands,
		    int argc, char **argv);

/* The commands, by the file that has them. Each table ends with an entry without name. */
extern const struct xn_ctl_command xn_ctl_network_commands[];
extern const struct xn_ctl_command xn_ctl_link_commands[];
extern const struct xn_ctl_command xn_ctl_port_commands[];
extern const struct xn_ctl_command xn_ctl_plane_commands[];
extern const struct xn_ctl_command xn_ctl_channel_commands[];
extern const struct xn_ctl_command xn_ctl_qos_commands[];
extern const struct xn_ctl_command xn_ctl_sla_commands[];

/* `network set`, under the words @path: "network set", "qos set". */
int xn_ctl_network_set(struct xn_ctl *ctl, const char *path, int argc, char **argv);

int xn_ctl_status(struct xn_ctl *ctl, int argc, char **argv);
int xn_ctl_top(struct xn_ctl *ctl, int argc, char **argv);
int xn_ctl_monitor(struct xn_ctl *ctl, int argc, char **argv);
int xn_ctl_history(struct xn_ctl *ctl, int argc, char **argv);
int xn_ctl_report(struct xn_ctl *ctl, int argc, char **argv);
int xn_ctl_record(struct xn_ctl *ctl, int argc, char **argv);
int xn_ctl_table(struct xn_ctl *ctl, int argc, char **argv);
int xn_ctl_plot(struct xn_ctl *ctl, int argc, char **argv);
int xn_ctl_calibrate(struct xn_ctl *ctl, int argc, char **argv);
int xn_ctl_admit(struct xn_ctl *ctl, int argc, char **argv);
int xn_ctl_info(struct xn_ctl *ctl, int argc, char **argv);
int xn_ctl_reload(struct xn_ctl *ctl, int argc, char **argv);

#endif

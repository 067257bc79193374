// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls to the daemon, and what its errors mean for the exit status. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include <systemd/sd-event.h>
#include <xnetman/bus.h>

#include "common/busjson.h"
#include "common/buserror.h"
#include "ctl/args.h"
#include "ctl/bus.h"
#include "ctl/output.h"

/* What was given as words has no lines. */
static const char *without_place(const char *message)
{
	static const char request[] = "(request):";

	if (strncmp(message, request, strlen(request)))
		return message;
	message += strlen(request);
	if (message[strspn(message, "0123456789")] == ':')
		message += strspn(message, "0123456789") + 1;
	return message + strspn(message, " ");
}

/* "(request):6: " is a place in a definition: of a file, or of one that nobody but this program has seen. */
static void set_message(const struct xn_ctl *ctl, struct xn_err *err, const char *message)
{
	static const char request[] = "(request)";

	if (!strncmp(message, request, strlen(request)) && ctl->file)
		xn_err_set(err, "%s%s", ctl->file, message + strlen(request));
	else
		xn_err_set(err, "%s", without_place(message));
}

/* Return: exit status. */
static int explain(const struct xn_ctl *ctl, const sd_bus_error *error, int ret, struct xn_err *err)
{
	const char *text;
	bool foreign;
	enum xn_bus_meaning meaning = xn_bus_error_read(error, ret, &text, &foreign);

	if (foreign)
		xn_err_set(err, "%s: %s", error->name ? "xnetmand" : "D-Bus", text);
	else
		set_message(ctl, err, text);
	return (int)meaning;
}

static int open_address(const char *address, sd_bus **bus)
{
	int ret = sd_bus_new(bus);

	if (ret >= 0)
		ret = sd_bus_set_address(*bus, address);
	if (ret >= 0)
		ret = sd_bus_set_bus_client(*bus, true);
	if (ret >= 0)
		ret = sd_bus_start(*bus);
	return ret;
}

static int bus_open(struct xn_ctl *ctl, struct xn_err *err)
{
	int ret;

	if (ctl->bus)
		return XN_EXIT_OK;
	ret = ctl->address ? open_address(ctl->address, &ctl->bus) : sd_bus_open_system(&ctl->bus);
	if (ret >= 0)
		return XN_EXIT_OK;
	xn_ctl_bus_close(ctl);
	xn_err_set(err, "can't reach the %s%s: %s: is dbus-daemon running?",
		   ctl->address ? "bus at " : "system bus", ctl->address ? ctl->address : "",
		   strerror(-ret));
	return ret == -EACCES || ret == -EPERM ? XN_EXIT_DENIED : XN_EXIT_UNREACHABLE;
}

void xn_ctl_bus_close(struct xn_ctl *ctl)
{
	ctl->bus = sd_bus_flush_close_unref(ctl->bus);
}

static int try_call(struct xn_ctl *ctl, struct xn_err *err, json_t **reply, const char *method,
		    const char *types, va_list ap)
{
	sd_bus_error error = SD_BUS_ERROR_NULL;
	sd_bus_message *answer = NULL;
	int ret, code = bus_open(ctl, err);

	if (code)
		return code;
	ret = sd_bus_call_methodv(ctl->bus, XN_BUS_NAME, XN_BUS_PATH, XN_BUS_INTERFACE, method,
				  &error, &answer, types, ap);
	if (ret < 0) {
		code = explain(ctl, &error, ret, err);
	} else if (reply) {
		ret = xn_bus_read_json(answer, reply);
		if (ret < 0) {
			xn_err_set(err, "%s: can't read the answer of xnetmand: %s", method,
				   strerror(-ret));
			code = XN_EXIT_UNREACHABLE;
		}
	}
	sd_bus_message_unref(answer);
	sd_bus_error_free(&error);
	return code;
}

int xn_ctl_try(struct xn_ctl *ctl, struct xn_err *err, json_t **reply, const char *method,
	       const char *types, ...)
{
	va_list ap;
	int code;

	va_start(ap, types);
	code = try_call(ctl, err, reply, method, types, ap);
	va_end(ap);
	return code;
}

int xn_ctl_call(struct xn_ctl *ctl, json_t **reply, const char *method, const char *types, ...)
{
	struct xn_err err;
	va_list ap;
	int code;

	va_start(ap, types);
	code = try_call(ctl, &err, reply, method, types, ap);
	va_end(ap);
	return code ? xn_ctl_fail(ctl, code, "%s", err.text) : XN_EXIT_OK;
}

int xn_ctl_do(struct xn_ctl *ctl, const char *method, const char *types, ...)
{
	struct xn_err err;
	va_list ap;
	int code;

	va_start(ap, types);
	code = try_call(ctl, &err, NULL, method, types, ap);
	va_end(ap);
	return code ? xn_ctl_fail(ctl, code, "%s", err.text) : xn_ctl_done(ctl);
}

int xn_ctl_show(struct xn_ctl *ctl, const char *command, const char *method, xn_ctl_print_fn print,
		int argc, char **argv)
{
	json_t *answer = NULL;
	int code;

	if (xn_ctl_no_args(ctl, command, argc, argv))
		return XN_EXIT_FAILURE;
	code = xn_ctl_call(ctl, &answer, method, "");
	if (code)
		return code;
	if (ctl->json)
		return xn_ctl_print_json(ctl, answer);
	print(ctl, answer);
	json_decref(answer);
	return XN_EXIT_OK;
}

int xn_ctl_do_name(struct xn_ctl *ctl, const char *command, const char *method, const char *what,
		   int argc, char **argv)
{
	const char *const names[] = { what, NULL };
	struct xn_err err;
	json_t *args = xn_args_parse(names, NULL, 0, argc, argv, &err);
	int code;

	if (!args)
		return xn_ctl_fail(ctl, XN_EXIT_FAILURE, "%s: %s", command, err.text);
	code = xn_ctl_do(ctl, method, "s", xn_ctl_text(args, what));
	json_decref(args);
	return code;
}

int xn_ctl_subscribe(struct xn_ctl *ctl, sd_bus_message_handler_t signal,
		     sd_bus_message_handler_t owner, void *arg)
{
	struct xn_err err;
	int ret, code = bus_open(ctl, &err);

	if (code)
		return xn_ctl_fail(ctl, code, "%s", err.text);
	ret = sd_bus_match_signal(ctl->bus, NULL, XN_BUS_NAME, XN_BUS_PATH, XN_BUS_INTERFACE, NULL,
				  signal, arg);
	if (ret >= 0 && owner)
		ret = sd_bus_add_match(ctl->bus, NULL,
				       "type='signal',sender='org.freedesktop.DBus',"
				       "interface='org.freedesktop.DBus',member='NameOwnerChanged',"
				       "arg0='" XN_BUS_NAME "'",
				       owner, arg);
	if (ret < 0)
		return xn_ctl_fail(ctl, XN_EXIT_UNREACHABLE,
				   "can't ask the bus for xnetmand's signals: %s", strerror(-ret));
	return XN_EXIT_OK;
}

static int on_time(sd_event_source *source, uint64_t usec, void *arg)
{
	(void)usec;
	(void)arg;
	return sd_event_exit(sd_event_source_get_event(source), XN_END_TIME);
}

static int on_disconnect(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	(void)arg;
	(void)error;
	return sd_event_exit(sd_bus_get_event(sd_bus_message_get_bus(m)), XN_END_DISCONNECTED);
}

static int prepare_loop(struct xn_ctl *ctl, sd_event *event, double seconds)
{
	static const int stop[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t mask;
	int ret = 0;

	/* Blocked for sd-event, which then ends the loop with status 0. */
	sigemptyset(&mask);
	for (size_t i = 0; i < sizeof(stop) / sizeof(stop[0]); i++)
		sigaddset(&mask, stop[i]);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	for (size_t i = 0; ret >= 0 && i < sizeof(stop) / sizeof(stop[0]); i++)
		ret = sd_event_add_signal(event, NULL, stop[i], NULL, NULL);
	if (ret >= 0 && seconds > 0)
		ret = sd_event_add_time_relative(event, NULL, CLOCK_MONOTONIC,
						 (uint64_t)(seconds * 1e6), 1, on_time, NULL);
	if (ret >= 0)
		ret = sd_bus_attach_event(ctl->bus, event, SD_EVENT_PRIORITY_NORMAL);
	if (ret >= 0)
		ret = sd_bus_match_signal(ctl->bus, NULL, NULL, "/org/freedesktop/DBus/Local",
					  "org.freedesktop.DBus.Local", "Disconnected",
					  on_disconnect, NULL);
	return ret;
}

int xn_ctl_run(struct xn_ctl *ctl, double seconds)
{
	sd_event *event = NULL;
	int ret = sd_event_new(&event);

	if (ret >= 0)
		ret = prepare_loop(ctl, event, seconds);
	if (ret >= 0)
		ret = sd_event_loop(event);
	sd_bus_detach_event(ctl->bus);
	sd_event_unref(event);
	return ret;
}

void xn_ctl_stop(struct xn_ctl *ctl)
{
	sd_event_exit(sd_bus_get_event(ctl->bus), XN_END_STOPPED);
}

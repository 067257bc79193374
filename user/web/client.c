// SPDX-License-Identifier: GPL-2.0-or-later
/* sd-bus in the event loop. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include <systemd/sd-bus.h>
#include <xnetman/bus.h>

#include "common/busjson.h"
#include "daemon/log.h"
#include "web/client.h"

#define CALL_TIMEOUT (10 * 1000000ULL) /* us */
#define TRY_AGAIN    (1 * 1000000ULL)

#define NO_BUS "can't reach the system bus: is dbus-daemon running?"

/* A call that is under way. It is freed with sd-bus's slot. */
struct pending {
	xn_answer_fn answer;
	void *arg;
	LIST_ENTRY(pending) others;
};

struct xn_client {
	sd_event *event;
	const char *address;
	sd_bus *bus;
	sd_event_source *retry;
	xn_signal_fn signal;
	void *arg;
	bool told; /* that there is no bus */
	LIST_HEAD(, pending) pending;
};

/* --- connection ----------------------------------------------------------------------------- */

static void connect_bus(struct xn_client *client);

static int on_retry(sd_event_source *source, uint64_t now, void *arg)
{
	struct xn_client *client = arg;

	(void)source;
	(void)now;
	client->retry = sd_event_source_unref(client->retry);
	connect_bus(client);
	return 0;
}

static void disconnect_bus(struct xn_client *client)
{
	sd_bus *bus = client->bus;

	client->bus = NULL;
	sd_bus_close_unref(bus);
	if (!client->retry)
		sd_event_add_time_relative(client->event, &client->retry, CLOCK_MONOTONIC,
					   TRY_AGAIN, 0, on_retry, client);
}

static int on_disconnected(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct xn_client *client = arg;

	(void)m;
	(void)error;
	client->signal(client->arg, "", NULL);
	disconnect_bus(client);
	return 0;
}

static int on_signal(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct xn_client *client = arg;
	json_t *arguments = json_array(), *value;
	int rc;

	(void)error;
	do {
		rc = xn_bus_read_json(m, &value);
		if (!rc)
			json_array_append_new(arguments, value);
	} while (!rc);
	if (rc == -ENODATA && sd_bus_message_get_member(m))
		client->signal(client->arg, sd_bus_message_get_member(m), arguments);
	json_decref(arguments);
	return 0;
}

/* Another daemon, or none. */
static int on_owner(sd_bus_message *m, void *arg, sd_bus_error *error)
{
	struct xn_client *client = arg;

	(void)m;
	(void)error;
	client->signal(client->arg, "", NULL);
	return 0;
}

static int new_bus(struct xn_client *client)
{
	int rc;

	if (!client->address)
		return sd_bus_open_system(&client->bus);
	rc = sd_bus_new(&client->bus);
	if (rc >= 0)
		rc = sd_bus_set_address(client->bus, client->address);
	if (rc >= 0)
		rc = sd_bus_set_bus_client(client->bus, true);
	return rc < 0 ? rc : sd_bus_start(client->bus);
}

static int set_up_bus(struct xn_client *client)
{
	int rc = sd_bus_attach_event(client->bus, client->event, SD_EVENT_PRIORITY_NORMAL);

	if (rc >= 0)
		rc = sd_bus_match_signal_async(client->bus, NULL, "org.freedesktop.DBus.Local",
					       "/org/freedesktop/DBus/Local",
					       "org.freedesktop.DBus.Local", "Disconnected",
					       on_disconnected, NULL, client);
	if (rc >= 0)
		rc = sd_bus_match_signal_async(client->bus, NULL, XN_BUS_NAME, XN_BUS_PATH,
					       XN_BUS_INTERFACE, NULL, on_signal, NULL, client);
	if (rc >= 0)
		rc = sd_bus_add_match_async(
			client->bus, NULL,
			"type='signal',sender='org.freedesktop.DBus',"
			"interface='org.freedesktop.DBus',member='NameOwnerChanged',"
			"arg0='" XN_BUS_NAME "'",
			on_owner, NULL, client);
	return rc;
}

static void connect_bus(struct xn_client *client)
{
	int rc = new_bus(client);

	if (rc >= 0)
		rc = set_up_bus(client);
	if (rc < 0 && !client->told)
		xn_log(SD_WARNING, "%s (%s); trying again", NO_BUS, strerror(-rc));
	client->told = rc < 0;
	if (rc < 0)
		disconnect_bus(client);
}

struct xn_client *xn_client_open(sd_event *event, const char *address, xn_signal_fn signal,
				 void *arg)
{
	struct xn_client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->event = event;
	client->address = address;
	client->signal = signal;
	client->arg = arg;
	connect_bus(client);
	return client;
}

void xn_client_close(struct xn_client *client)
{
	const struct xn_answer none = { NULL, XN_MEANS_UNREACHABLE, "xnetman-web is stopping" };
	const struct pending *pending;

	if (!client)
		return;
	for (pending = LIST_FIRST(&client->pending); pending; pending = LIST_NEXT(pending, others))
		pending->answer(pending->arg, &none);
	sd_event_source_disable_unref(client->retry);
	sd_bus_close_unref(client->bus);
	free(client);
}

/* --- calls ---------------------------------------------------------------------------------- */

static void free_pending(void *arg)
{
	struct pending *pending = arg;

	LIST_REMOVE(pending, others);
	free(pending);
}

static void fail(const struct pending *pending, const sd_bus_error *error, int rc)
{
	struct xn_answer answer = { 0 };

	answer.meaning = xn_bus_error_read(error, rc, &answer.error, NULL);
	pending->answer(pending->arg, &answer);
}

static int on_reply(sd_bus_message *m, void *arg, sd_bus_error *unused)
{
	const struct pending *pending = arg;
	struct xn_answer answer = { 0 };
	int rc;

	(void)unused;
	if (sd_bus_message_is_method_error(m, NULL)) {
		fail(pending, sd_bus_message_get_error(m), -sd_bus_message_get_errno(m));
		return 0;
	}
	rc = xn_bus_read_json(m, &answer.json);
	if (rc) {
		answer.meaning = XN_MEANS_UNREACHABLE;
		answer.error = "can't read the answer of xnetmand: it is too large, or of another "
			       "version";
	}
	pending->answer(pending->arg, &answer);
	json_decref(answer.json);
	return 0;
}

static int append_arg(sd_bus_message *m, const struct xn_call_arg *arg)
{
	int64_t integer = (int64_t)arg->number;

	switch (arg->type) {
	case 's':
		return sd_bus_message_append_basic(m, 's', arg->text);
	case 'x':
		return sd_bus_message_append_basic(m, 'x', &integer);
	default:
		return sd_bus_message_append_basic(m, 'd', &arg->number);
	}
}

static int make_message(struct xn_client *client, const struct xn_call *call, sd_bus_message **m)
{
	int rc = sd_bus_message_new_method_call(client->bus, m, XN_BUS_NAME, XN_BUS_PATH,
						XN_BUS_INTERFACE, call->method);

	for (size_t i = 0; rc >= 0 && i < XN_CALL_ARGS && call->args[i].type; i++)
		rc = append_arg(*m, &call->args[i]);
	return rc;
}

static int send_call(struct xn_client *client, const struct xn_call *call, struct pending *pending)
{
	sd_bus_message *m = NULL;
	sd_bus_slot *slot = NULL;
	int rc = client->bus ? make_message(client, call, &m) : -ENOTCONN;

	if (rc >= 0)
		rc = sd_bus_call_async(client->bus, &slot, m, on_reply, pending, CALL_TIMEOUT);
	if (rc >= 0) {
		/* it goes when the answer was taken, or with the bus */
		LIST_INSERT_HEAD(&client->pending, pending, others);
		sd_bus_slot_set_destroy_callback(slot, free_pending);
		sd_bus_slot_set_floating(slot, true);
		sd_bus_slot_unref(slot);
	}
	sd_bus_message_unref(m);
	return rc;
}

void xn_client_call(struct xn_client *client, const struct xn_call *call, xn_answer_fn answer,
		    void *arg)
{
	struct pending *pending = calloc(1, sizeof(*pending));
	const struct pending now = { .answer = answer, .arg = arg };
	struct xn_answer none = { NULL, XN_MEANS_UNREACHABLE, NO_BUS };
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int rc;

	if (pending)
		*pending = now;
	rc = pending ? send_call(client, call, pending) : -ENOMEM;
	if (rc >= 0)
		return;
	free(pending);
	if (client->bus)
		fail(&now, &error, rc);
	else
		answer(arg, &none);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One connection at a time; when it ends, another soon. The kernel is followed all the while, so that
 * what Dom0 is told after a reconnect is what there is then.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>

#include "channel/bucket.h"
#include "channel/conn.h"
#include "channel/cursor.h"
#include "common/report.h"
#include "daemon/files.h"
#include "daemon/log.h"
#include "guest/agent.h"
#include "guest/feed.h"
#include "guest/settings.h"

#define RETRY_MIN_USEC 250000
#define RETRY_MAX_USEC 8000000
#define VCHAN_USEC     (60 * 1000000ULL) /* until the server is made anew: Dom0 knocks more often */
#define SETTLE_USEC    5000		 /* routes come in swarms */
#define LOG_RATE       1
#define LOG_BURST      20

/* Dom0 is trusted with much, but not with our memory. */
static const struct xn_conn_limits limits = {
	.bytes = 1 << 20,
	.bytes_burst = 1 << 20,
	.messages = 1000,
	.messages_burst = 5000,
	.waiting = 4 << 20, /* all rules and the routes under way */
};

struct xn_agent {
	sd_event *event;
	const char *dir, *state;
	struct xn_settings settings;
	bool enrolled;
	struct xn_key key;
	SSL_CTX *tls;

	struct xn_conn *conn; /* NULL: none now */
	sd_event_source *retry, *settle, *settings_changed;
	uint64_t backoff;
	char why[256]; /* there is no connection; logged once */

	struct xn_feed feed;
	char network[XN_TEXT_MAX + 1]; /* "": Dom0 has not said yet */
	uint64_t since;		       /* s, realtime: connected */
	uint64_t refused, connects;
	char last_refusal[XN_TEXT_MAX + 1];
	struct xn_bucket log;
	json_t *report;
};

static uint64_t now_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000ULL + now.tv_nsec / 1000;
}

/* --- connecting --- */

static void set_timer(sd_event_source *timer, uint64_t usec)
{
	sd_event_source_set_time_relative(timer, usec);
	sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

/* Guests of a Dom0 that restarts come one by one. */
static void retry_later(struct xn_agent *agent)
{
	uint64_t jitter = agent->backoff / 4;

	set_timer(agent->retry, agent->backoff - jitter + (uint64_t)random() % (2 * jitter));
	agent->backoff *= 2;
	if (agent->backoff > RETRY_MAX_USEC)
		agent->backoff = RETRY_MAX_USEC;
}

static void tell_failure(struct xn_agent *agent, const char *why)
{
	struct xn_err line;

	xn_err_set(&line, "%s", why);
	if (strncmp(agent->why, line.text, sizeof(agent->why) - 1))
		xn_log(SD_WARNING, "%s: trying again", line.text);
	snprintf(agent->why, sizeof(agent->why), "%.255s", line.text);
}

static bool on_judge(const struct xn_fingerprint *peer, void *arg)
{
	const struct xn_agent *agent = arg;

	return xn_fingerprint_equal(peer, &agent->settings.dom0);
}

static void on_opened(struct xn_conn *conn, void *arg)
{
	struct xn_hello hello = {
		.version = XN_CHANNEL_VERSION,
		.name = "xnetman-guest " XN_VERSION,
	};
	struct xn_writer body;

	(void)arg;
	xn_conn_trust(conn);
	xn_conn_begin(conn, &body);
	xn_encode_hello(&body, &hello);
	xn_conn_commit(conn, XN_HELLO, &body);
}

static void on_ended(struct xn_conn *conn, const char *why, void *arg)
{
	struct xn_agent *agent = arg;
	char text[512];

	snprintf(text, sizeof(text), "Dom0 (%s): %s", xn_conn_name(conn), why);
	xn_conn_free(conn);
	agent->conn = NULL;
	agent->feed.on = false;
	agent->network[0] = '\0';
	if (!agent->enrolled)
		return;
	tell_failure(agent, text);
	retry_later(agent);
}

static const struct xn_conn_calls conn_calls;

static void dial(struct xn_agent *agent)
{
	struct xn_err err;
	struct xn_transport *transport = xn_settings_connect(&agent->settings, &err);

	if (transport)
		agent->conn = xn_conn_new(agent->event, transport, agent->tls, &limits, &conn_calls,
					  agent);
	else
		tell_failure(agent, err.text);
	if (!agent->conn)
		retry_later(agent);
	else if (xn_settings_is_vchan(&agent->settings))
		xn_conn_patience(agent->conn, VCHAN_USEC);
}

static int on_retry(sd_event_source *source, uint64_t usec, void *arg)
{
	struct xn_agent *agent = arg;

	(void)source;
	(void)usec;
	if (!agent->conn)
		dial(agent);
	return 0;
}

/* --- what Dom0 says --- */

static const char *take_hello(struct xn_agent *agent, struct xn_reader *body)
{
	struct xn_hello hello;
	const char *why = xn_decode_hello(body, &hello);

	if (why)
		return why;
	if (hello.version != XN_CHANNEL_VERSION)
		return "speaks another version of the channel: install the xnetman-guest that "
		       "belongs to it";
	if (!*hello.name)
		return "does not know this guest: enrol it again";
	if (!*agent->network) {
		agent->since = time(NULL);
		agent->connects++;
		agent->feed.serial = agent->feed.acknowledged = 0;
		agent->backoff = RETRY_MIN_USEC;
		agent->why[0] = '\0';
		xn_log(SD_NOTICE, "connected to %s as the guest of network %s",
		       xn_conn_name(agent->conn), hello.name);
	}
	strcpy(agent->network, hello.name);
	xn_feed_restart(&agent->feed, agent->conn, hello.flags & XN_HELLO_SPLIT);
	return NULL;
}

static const char *take_ack(struct xn_agent *agent, struct xn_reader *body)
{
	uint32_t serial;
	const char *why = xn_decode_serial(body, &serial);

	if (!why)
		why = xn_feed_acknowledged(&agent->feed, serial);
	if (!why)
		xn_feed_pump(&agent->feed, agent->conn);
	return why;
}

static const char *take_refusal(struct xn_agent *agent, struct xn_reader *body)
{
	struct xn_refusal refusal;
	const char *why = xn_decode_refusal(body, &refusal);

	if (why)
		return why;
	agent->refused++;
	strcpy(agent->last_refusal, refusal.reason);
	if (xn_bucket_look(&agent->log, now_usec())) {
		xn_bucket_take(&agent->log, 1);
		xn_log(SD_WARNING, "Dom0 refused: %s", refusal.reason);
	}
	return NULL;
}

/* It is a person's to read, whenever that may be. */
static void keep_report(const struct xn_agent *agent, const json_t *report)
{
	char *text = json_dumps(report, JSON_COMPACT), path[4096];
	int rc = text ? 0 : -ENOMEM;

	snprintf(path, sizeof(path), "%s/" XN_GUEST_REPORT, agent->state);
	if (!rc)
		rc = xn_write_file(path, text, strlen(text), 0644);
	if (rc)
		xn_log(SD_WARNING, "%s: %s", path, strerror(-rc));
	else
		xn_log(SD_NOTICE, "Dom0 reports: xnetman-guest report");
	free(text);
}

/* Of an Il, or of a longer period. */
static const char *take_report(struct xn_agent *agent, struct xn_reader *body)
{
	size_t n = xn_left(body);
	json_t *report =
		json_loadb((const char *)xn_take(body, n), n, JSON_REJECT_DUPLICATES, NULL);

	if (!json_is_object(report)) {
		json_decref(report);
		return "is no report";
	}
	if (xn_report_is(report)) {
		keep_report(agent, report);
		json_decref(report);
		return NULL;
	}
	json_decref(agent->report);
	agent->report = report;
	return NULL;
}

static const char *on_message(struct xn_conn *conn, enum xn_type type, struct xn_reader *body,
			      void *arg)
{
	static const char *(*const table[XN_TYPES])(struct xn_agent * agent,
						    struct xn_reader * body) = {
		[XN_HELLO] = take_hello,
		[XN_ACK] = take_ack,
		[XN_REFUSED] = take_refusal,
		[XN_REPORT] = take_report,
	};

	(void)conn;
	return table[type] ? table[type](arg, body) : "is not expected here";
}

static const struct xn_conn_calls conn_calls = {
	.judge = on_judge,
	.opened = on_opened,
	.message = on_message,
	.ended = on_ended,
};

/* --- what the kernel says --- */

static int on_settle(sd_event_source *source, uint64_t usec, void *arg)
{
	struct xn_agent *agent = arg;

	(void)source;
	(void)usec;
	if (agent->conn)
		xn_feed_pump(&agent->feed, agent->conn);
	return 0;
}

static void on_changed(void *arg)
{
	struct xn_agent *agent = arg;
	int on;

	xn_feed_changed(&agent->feed);
	if (sd_event_source_get_enabled(agent->settle, &on) > 0 && on)
		return;
	set_timer(agent->settle, SETTLE_USEC);
}

/* --- settings --- */

static int load(struct xn_agent *agent, struct xn_err *err)
{
	SSL_CTX *tls;
	struct xn_key key;
	int rc = xn_settings_read(&agent->settings, agent->dir, err);

	if (!rc)
		rc = xn_settings_key(&key, agent->dir, err);
	if (rc)
		return rc;
	tls = xn_tls_new(&key, false, err);
	if (!tls) {
		xn_key_close(&key);
		return -EIO;
	}
	SSL_CTX_free(agent->tls);
	xn_key_close(&agent->key);
	agent->tls = tls;
	agent->key = key;
	return 0;
}

/* Connect as the settings say now, whatever was before. */
static void reload(struct xn_agent *agent)
{
	struct xn_err err;
	int rc = load(agent, &err);

	agent->enrolled = !rc;
	if (rc)
		xn_log(rc == -ENOENT ? SD_NOTICE : SD_ERR, "%s", err.text);
	agent->backoff = RETRY_MIN_USEC;
	xn_conn_free(agent->conn);
	agent->conn = NULL;
	agent->feed.on = false;
	agent->network[0] = '\0';
	sd_event_source_set_enabled(agent->retry, SD_EVENT_OFF);
	if (agent->enrolled)
		dial(agent);
}

static int on_settings(sd_event_source *source, const struct inotify_event *change, void *arg)
{
	(void)source;
	if (change->len && !strcmp(change->name, "dom0"))
		reload(arg);
	return 0;
}

/* --- life --- */

static int add_timer(struct xn_agent *agent, sd_event_source **timer,
		     sd_event_time_handler_t handler)
{
	int rc = sd_event_add_time_relative(agent->event, timer, CLOCK_MONOTONIC, 0, 1, handler,
					    agent);

	return rc < 0 ? rc : sd_event_source_set_enabled(*timer, SD_EVENT_OFF);
}

static int add_sources(struct xn_agent *agent, struct xn_err *err)
{
	char inside[4096];
	int rc;

	snprintf(inside, sizeof(inside), "%s/dom0", agent->dir);
	rc = xn_make_parents(inside, 0700);
	if (rc >= 0)
		rc = sd_event_add_inotify(agent->event, &agent->settings_changed, agent->dir,
					  IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE, on_settings,
					  agent);
	if (rc >= 0)
		rc = add_timer(agent, &agent->retry, on_retry);
	if (rc >= 0)
		rc = add_timer(agent, &agent->settle, on_settle);
	if (rc < 0)
		xn_err_set(err, "%s: %s", agent->dir, strerror(-rc));
	return rc < 0 ? rc : 0;
}

struct xn_agent *xn_agent_open(sd_event *event, const char *dir, const char *state,
			       struct xn_err *err)
{
	struct xn_agent *agent = calloc(1, sizeof(*agent));

	if (!agent) {
		xn_err_set(err, "no memory");
		return NULL;
	}
	agent->event = event;
	agent->dir = dir;
	agent->state = state;
	xn_bucket_init(&agent->log, LOG_RATE, LOG_BURST, now_usec());
	srandom(now_usec());
	if (!add_sources(agent, err))
		agent->feed.watch = xn_watch_open(event, on_changed, agent, err);
	if (agent->feed.watch)
		agent->feed.ruleset = xn_ruleset_open(event, on_changed, agent, err);
	if (agent->feed.ruleset)
		agent->feed.shaping = xn_shaping_open(event, on_changed, agent, err);
	if (!agent->feed.shaping) {
		xn_agent_close(agent);
		return NULL;
	}
	reload(agent);
	return agent;
}

void xn_agent_close(struct xn_agent *agent)
{
	if (!agent)
		return;
	xn_conn_free(agent->conn);
	xn_shaping_close(agent->feed.shaping);
	xn_ruleset_close(agent->feed.ruleset);
	xn_watch_close(agent->feed.watch);
	sd_event_source_disable_unref(agent->retry);
	sd_event_source_disable_unref(agent->settle);
	sd_event_source_disable_unref(agent->settings_changed);
	SSL_CTX_free(agent->tls);
	xn_key_close(&agent->key);
	json_decref(agent->report);
	free(agent);
}

json_t *xn_agent_show(struct xn_agent *agent)
{
	const struct xn_feed *feed = &agent->feed;
	uint64_t version;
	char key[XN_FINGERPRINT_TEXT] = "";
	json_t *json;

	if (agent->enrolled)
		xn_hex(agent->key.fingerprint.bytes, XN_FINGERPRINT_SIZE, key);
	json = json_pack(
		"{sb sb ss ss ss ss sI sb sb sI sI sI sI sI sI sI sf ss}", "enrolled",
		agent->enrolled, "connected", *agent->network != '\0', "network", agent->network,
		"dom0", agent->enrolled ? agent->settings.address : "", "key", key, "why",
		*agent->network ? "" : agent->why, "since", (json_int_t)agent->since, "split",
		feed->on, "pending", xn_feed_pending(feed), "routes",
		(json_int_t)xn_mirror_count(xn_watch_routes(feed->watch)), "interfaces",
		(json_int_t)xn_watch_interfaces(feed->watch, &version)->n, "shaped",
		(json_int_t)xn_shaping_count(feed->shaping), "tc_changes",
		(json_int_t)xn_shaping_version(feed->shaping), "connects",
		(json_int_t)agent->connects, "resyncs", (json_int_t)xn_watch_resyncs(feed->watch),
		"refused", (json_int_t)agent->refused, "delay", feed->delay / 1e6, "last_refusal",
		agent->last_refusal);
	if (json && agent->report)
		json_object_set(json, "report", agent->report);
	return json;
}

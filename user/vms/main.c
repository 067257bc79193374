// SPDX-License-Identifier: GPL-2.0-or-later
/* xnetman-vms: the virtual machine server. */
#include <errno.h>
#include <grp.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/log.h"
#include "vms/admin.h"
#include "vms/soap.h"

#define ARENAS	     4 /* hundreds of threads would fragment memory in hundreds of places */
#define STOP_SECONDS 5 /* for work that nobody waits for any more */

static struct xn_registry *open_registry(const struct xn_vms_options *options, struct xn_err *err)
{
	char path[512], host[XN_VMS_NAME] = "localhost";

	gethostname(host, sizeof(host) - 1);
	snprintf(path, sizeof(path), "%s/registry.db", options->state);
	return xn_registry_open(options->registry ? options->registry : path,
				options->name ? options->name : host, err);
}

static bool any_by_ssh(const struct xn_hypervisors *hypervisors)
{
	for (size_t i = 0; i < hypervisors->n; i++)
		if (xn_hypervisor_by_ssh(&hypervisors->list[i]))
			return true;
	return false;
}

static int init_server(struct xn_server *server, const struct xn_vms_options *options,
		       struct xn_registry *registry, struct xn_err *err)
{
	server->registry = registry;
	server->hypervisors = options->hypervisors;
	server->question_seconds = options->question_seconds;
	server->work_seconds = options->work_seconds;
	server->boot_seconds = options->boot_seconds;
	server->require_admission = options->require_admission;
	XN_COPY(server->pool, options->pool);
	XN_COPY(server->state, options->state);
	xn_vms_images(options->state, server->images, sizeof(server->images));
	if (any_by_ssh(&server->hypervisors) && xn_vms_make_key(options->state, err))
		return -1;
	server->nodes = xn_nodes_create(&server->hypervisors, options->state);
	if (server->nodes)
		return 0;
	xn_err_set(err, "libvirt can't be started");
	return -1;
}

/* Signals are taken here only: every thread inherits that they are blocked. */
static void wait_for_signal(void)
{
	sigset_t set;
	int number;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigwait(&set, &number);
}

static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static int serve(const struct xn_vms_options *options, struct xn_registry *registry)
{
	struct xn_server server = { .registry = NULL };
	struct xn_http *http;
	struct xn_err err;

	block_signals();
	mallopt(M_ARENA_MAX, ARENAS);
	xn_soap_init();
	if (init_server(&server, options, registry, &err)) {
		xn_log(SD_ERR, "%s", err.text);
		return EXIT_FAILURE;
	}
	xn_server_recover(&server);
	http = xn_http_start(&server, &options->http, &err);
	if (!http) {
		xn_log(SD_ERR, "%s", err.text);
		xn_nodes_destroy(server.nodes, STOP_SECONDS);
		return EXIT_FAILURE;
	}
	xn_log(SD_INFO, "listening at %s", options->http.listen);
	sd_notify(0, "READY=1");
	wait_for_signal();
	sd_notify(0, "STOPPING=1");
	xn_http_stop(http);
	if (xn_nodes_destroy(server.nodes, STOP_SECONDS))
		_exit(EXIT_SUCCESS); /* what hangs on a node ends with the process */
	return EXIT_SUCCESS;
}

/*
 * The state belongs to the service's user. Whoever administers it as root becomes that one, so that nothing in it
 * is root's afterwards, and what callers have put there is not read with root's rights.
 */
static int become_owner(const char *state)
{
	struct stat st;

	if (geteuid() || stat(state, &st) || !st.st_uid)
		return 0;
	if (!setgroups(0, NULL) && !setresgid(st.st_gid, st.st_gid, st.st_gid) &&
	    !setresuid(st.st_uid, st.st_uid, st.st_uid))
		return 0;
	xn_log(SD_ERR, "can't become the owner of %s: %s", state, strerror(errno));
	return -1;
}

int main(int argc, char **argv)
{
	struct xn_vms_options options;
	struct xn_registry *registry;
	struct xn_err err;
	int status;

	umask(0027);
	xn_vms_options(argc, argv, &options);
	if (become_owner(options.state))
		return EXIT_FAILURE;
	registry = open_registry(&options, &err);
	if (!registry) {
		xn_log(SD_ERR, "%s", err.text);
		return EXIT_FAILURE;
	}
	if (options.argc && strcmp(options.argv[0], "serve"))
		status = xn_vms_admin(&options, registry);
	else
		status = serve(&options, registry);
	xn_registry_close(registry);
	return status;
}

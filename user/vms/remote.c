// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands on a node, by libssh. */
#include <libssh/libssh.h>
#include <stdlib.h>
#include <string.h>

#include "vms/clock.h"
#include "vms/remote.h"

#define CONNECT_SECONDS 10L
#define COMMAND_SECONDS 60
#define POLL_MS		1000

struct xn_remote {
	ssh_session session;
	char node[XN_VMS_NAME];
};

static const struct xn_hypervisor *kind_of(const struct xn_server *server,
					   const struct xn_node *node)
{
	return xn_hypervisors_find(&server->hypervisors, node->hypervisor);
}

bool xn_remote_possible(const struct xn_server *server, const struct xn_node *node)
{
	const struct xn_hypervisor *kind = kind_of(server, node);

	return kind && xn_hypervisor_by_ssh(kind) && node->n_addresses;
}

/* --- connection ----------------------------------------------------------------------------- */

static int set_options(ssh_session session, const struct xn_server *server,
		       const struct xn_node *node, const char *address)
{
	const struct xn_hypervisor *kind = kind_of(server, node);
	unsigned int port = xn_hypervisor_port(kind);
	char user[XN_VMS_NAME], known[1024];
	bool config = false;
	long seconds = CONNECT_SECONDS;

	snprintf(known, sizeof(known), "%s/known_hosts/%s", server->state, node->name);
	xn_hypervisor_user(kind, user);
	port = port ? port : 22;
	return ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &config) ||
			       ssh_options_set(session, SSH_OPTIONS_HOST, address) ||
			       ssh_options_set(session, SSH_OPTIONS_PORT, &port) ||
			       ssh_options_set(session, SSH_OPTIONS_USER, user) ||
			       ssh_options_set(session, SSH_OPTIONS_TIMEOUT, &seconds) ||
			       ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, known) ||
			       ssh_options_set(session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null")
		       ? -1
		       : 0;
}

static int show_key(ssh_session session, const struct xn_server *server)
{
	ssh_key key = NULL;
	char path[1024];
	int rc;

	snprintf(path, sizeof(path), "%s/id_ed25519", server->state);
	if (ssh_pki_import_privkey_file(path, NULL, NULL, NULL, &key) != SSH_OK)
		return -1;
	rc = ssh_userauth_publickey(session, NULL, key);
	ssh_key_free(key);
	return rc == SSH_AUTH_SUCCESS ? 0 : -1;
}

static ssh_session connect_address(const struct xn_server *server, const struct xn_node *node,
				   const char *address, struct xn_fault *fault)
{
	ssh_session session = ssh_new();
	const char *why = NULL;

	if (!session || set_options(session, server, node, address))
		why = "no memory";
	else if (ssh_connect(session) != SSH_OK)
		why = ssh_get_error(session);
	else if (ssh_session_is_known_server(session) != SSH_KNOWN_HOSTS_OK)
		why = "it shows another host key than it was registered with";
	else if (show_key(session, server))
		why = "it does not let the server's key in";
	if (!why)
		return session;
	fault->code = XN_FAULT_NONE; /* the last address's is told */
	xn_fault_set(fault, XN_FAULT_UNREACHABLE, "node \"%s\" by SSH at %s: %s", node->name,
		     address, why);
	if (session) {
		ssh_disconnect(session);
		ssh_free(session);
	}
	return NULL;
}

struct xn_remote *xn_remote_open(const struct xn_server *server, const struct xn_node *node,
				 struct xn_fault *fault)
{
	struct xn_remote *remote = calloc(1, sizeof(*remote));
	struct xn_fault tried = { 0 };

	xn_fault_set(&tried, XN_FAULT_INTERNAL, "no memory");
	for (size_t i = 0; remote && !remote->session && i < node->n_addresses; i++)
		remote->session = connect_address(server, node, node->address[i], &tried);
	if (remote && remote->session) {
		XN_COPY(remote->node, node->name);
		return remote;
	}
	free(remote);
	xn_fault_set(fault, tried.code, "%s", tried.reason);
	return NULL;
}

void xn_remote_close(struct xn_remote *remote)
{
	ssh_disconnect(remote->session);
	ssh_free(remote->session);
	free(remote);
}

/* --- one command ---------------------------------------------------------------------------- */

/* What comes on one of its outputs; what has no room is dropped. Return: bytes, 0 at the end for now, or < 0. */
static int take(ssh_channel channel, bool errors, char *text, size_t size)
{
	size_t used = strlen(text);
	char buffer[4096];
	int n = ssh_channel_read_timeout(channel, buffer, sizeof(buffer), errors,
					 errors ? 0 : POLL_MS);

	for (int i = 0; i < n && used + 1 < size; i++)
		if (buffer[i])
			text[used++] = buffer[i];
	text[used] = '\0';
	return n == SSH_AGAIN ? 0 : n;
}

static int read_all(struct xn_remote *remote, ssh_channel channel, struct xn_answer *answer,
		    struct xn_fault *fault)
{
	long end = xn_seconds() + COMMAND_SECONDS;

	while (!ssh_channel_is_eof(channel)) {
		if (take(channel, false, answer->output, sizeof(answer->output)) < 0 ||
		    take(channel, true, answer->errors, sizeof(answer->errors)) < 0)
			return xn_fault_set(fault, XN_FAULT_UNREACHABLE, "node \"%s\" by SSH: %s",
					    remote->node, ssh_get_error(remote->session));
		if (xn_seconds() > end)
			return xn_fault_set(
				fault, XN_FAULT_TIMEOUT,
				"node \"%s\": a command by SSH has not ended within %d s",
				remote->node, COMMAND_SECONDS);
	}
	while (take(channel, true, answer->errors, sizeof(answer->errors)) > 0)
		;
	answer->status = ssh_channel_get_exit_status(channel);
	return 0;
}

int xn_remote_run(struct xn_remote *remote, const char *command, const char *input,
		  struct xn_answer *answer, struct xn_fault *fault)
{
	ssh_channel channel = ssh_channel_new(remote->session);
	size_t size = input ? strlen(input) : 0;
	int ret = -1;

	answer->output[0] = answer->errors[0] = '\0';
	if (!channel || ssh_channel_open_session(channel) != SSH_OK ||
	    ssh_channel_request_exec(channel, command) != SSH_OK ||
	    (size && ssh_channel_write(channel, input, size) != (int)size) ||
	    ssh_channel_send_eof(channel) != SSH_OK)
		xn_fault_set(fault, XN_FAULT_UNREACHABLE, "node \"%s\" runs no command by SSH: %s",
			     remote->node, ssh_get_error(remote->session));
	else
		ret = read_all(remote, channel, answer, fault);
	if (channel)
		ssh_channel_free(channel);
	return ret;
}

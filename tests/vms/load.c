// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many clients at once: load CLIENTS CALLS NODE VM. Each client has a connection of its own and makes its share of
 * the calls, of four services in turn. With `change` for VM, each creates, changes, looks at and destroys a virtual
 * machine of its own, c0, c1 ... Prints how many failed, and how long calls took, as JSON.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xnetman/vms.h>

struct client {
	pthread_t thread;
	const char *node, *vm;
	unsigned int number, calls, failed;
	double *ms; /* of each call */
};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static int look(struct xnetvms *vms, const struct client *client, unsigned int i)
{
	const struct xnetvms_node *nodes;
	struct xnetvms_node_status node;
	struct xnetvms_vm_status status;
	size_t n;

	switch (i % 4) {
	case 0:
		return xnetvms_sanity_test(vms, "load", NULL);
	case 1:
		return xnetvms_get_registered_nodes(vms, &nodes, &n);
	case 2:
		return xnetvms_get_physical_server_status(vms, client->node, &node);
	default:
		return xnetvms_get_virtual_machine_status(vms, client->node, client->vm, &status);
	}
}

static int change(struct xnetvms *vms, const struct client *client, unsigned int i)
{
	char name[16];
	const struct xnetvms_create create = { .phy_server = client->node,
					       .vm_name = name,
					       .vm_ram = 1 };
	const unsigned int weight = i;
	struct xnetvms_vm_status status;
	struct xnetvms_created created;

	snprintf(name, sizeof(name), "c%u", client->number);
	switch (i % 4) {
	case 0:
		return xnetvms_create_virtual_machine(vms, &create, &created);
	case 1:
		return xnetvms_set_virtual_machine_scheduler_parameters(vms, client->node, name,
									&weight, NULL);
	case 2:
		return xnetvms_get_virtual_machine_status(vms, client->node, name, &status);
	default:
		return xnetvms_destroy_virtual_machine(vms, client->node, name);
	}
}

static int call(struct xnetvms *vms, const struct client *client, unsigned int i)
{
	return (strcmp(client->vm, "change") ? look : change)(vms, client, i);
}

static void *run_client(void *arg)
{
	const struct xnetvms_options options = { .endpoint = getenv("XNETVMS_SERVER"),
						 .timeout = 60 };
	struct xnetvms *vms = xnetvms_open(&options);
	struct client *client = arg;

	for (unsigned int i = 0; i < client->calls; i++) {
		double start = now_ms();

		if (!vms || call(vms, client, i)) {
			client->failed++;
			fprintf(stderr, "%s\n", vms ? xnetvms_fault(vms)->reason : "no memory");
		}
		client->ms[i] = now_ms() - start;
	}
	xnetvms_close(vms);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(struct client *clients, unsigned int n, double *ms, unsigned int calls)
{
	unsigned int failed = 0;

	for (unsigned int i = 0; i < n; i++)
		failed += clients[i].failed;
	qsort(ms, calls, sizeof(*ms), compare);
	printf("{\"calls\": %u, \"failed\": %u, \"p50_ms\": %.2f, \"p99_ms\": %.2f, \"max_ms\": "
	       "%.2f}\n",
	       calls, failed, ms[calls / 2], ms[calls * 99 / 100], ms[calls - 1]);
}

int main(int argc, char **argv)
{
	unsigned int n = argc == 5 ? atoi(argv[1]) : 0;
	unsigned int each = n ? atoi(argv[2]) / n : 0;
	struct client *clients = calloc(n + 1, sizeof(*clients));
	double *ms = calloc(n * each + 1, sizeof(*ms));

	if (!each || !clients || !ms) {
		fprintf(stderr, "usage: load CLIENTS CALLS NODE VM\n");
		return 2;
	}
	for (unsigned int i = 0; i < n; i++) {
		clients[i] = (struct client){ .number = i,
					      .node = argv[3],
					      .vm = argv[4],
					      .calls = each,
					      .ms = ms + i * each };
		if (pthread_create(&clients[i].thread, NULL, run_client, &clients[i]))
			return 1;
	}
	for (unsigned int i = 0; i < n; i++)
		pthread_join(clients[i].thread, NULL);
	report(clients, n, ms, n * each);
	free(clients);
	free(ms);
	return 0;
}

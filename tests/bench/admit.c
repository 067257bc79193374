// SPDX-License-Identifier: GPL-2.0-or-later
/* How long xnetmand takes to say whether a network fits beside 4,096 that have schedules: what Admit calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/admit.h"
#include "daemon/daemon.h"

#define NETWORKS 4095
#define ROUNDS	 10

/* What a provider sells, some of it with dates; %s: a time, %u: a rate. */
static const struct {
	const char *format, *time;
} entries[] = {
	{ "  - when: Mon..Fri %s\n    bandwidth: [{link: eth0, rc: %ukbit, rl: 150kbit}]\n",
	  "08:00..18:00" },
	{ "  - when: %s\n    bandwidth: [{link: eth0, rl: %ukbit}, {link: eth1, rc: 20kbit}]\n",
	  "22:00..06:00" },
	{ "  - when: Sat,Sun %s\n    bandwidth: [{link: eth1, rl: %ukbit}]\n    cpu: {rc: "
	  "0.00001}\n",
	  "" },
	{ "  - when: Mon..Thu %s\n    bandwidth: [{link: any, rc: %ukbit}]\n", "06:30..09:15" },
	{ "  - when: \"*-12-24..26 %s\"\n    bandwidth: [{link: eth0, rl: %ukbit}]\n", "" },
	{ "  - when: \"*-*~01 %s\"\n    bandwidth: [{link: eth0, rc: %ukbit}]\n", "" },
};
static const char *const zones[] = { "Europe/Berlin", "UTC", "America/New_York" };

static unsigned int draw(unsigned int below)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % below;
}

static void put_entry(FILE *out, bool any_minute)
{
	unsigned int entry = draw(6);
	char time[20];

	snprintf(time, sizeof(time), "%s", entries[entry].time);
	if (any_minute)
		snprintf(time, sizeof(time), "%02u:%02u..%02u:%02u", draw(12), draw(60),
			 12 + draw(12), draw(60));
	fprintf(out, entries[entry].format, time, 10 + draw(90));
	if (draw(10) < 3)
		fprintf(out, "    first_day: %u-%02u-01\n", 2026 + draw(3), 1 + draw(12));
	if (draw(10) < 3)
		fprintf(out, "    last_day: %u-%02u-28\n", 2029 + draw(2), 1 + draw(12));
}

static void put_network(const char *dir, unsigned int i, bool any_minute)
{
	unsigned int n = 1 + draw(3);
	char path[200];
	FILE *out;

	snprintf(path, sizeof(path), "%s/networks.d/n%u.yaml", dir, i);
	out = fopen(path, "w");
	if (!out)
		exit(1);
	fprintf(out,
		"name: n%u\ntimezone: %s\nbandwidth: [{link: any, rc: 10kbit, rl: "
		"50kbit}]\nschedule:\n",
		i, zones[draw(3)]);
	while (n--)
		put_entry(out, any_minute);
	fclose(out);
}

static void put_machine(const char *dir)
{
	char path[200];
	FILE *out;

	snprintf(path, sizeof(path), "%s/networks.d", dir);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/xnetman.yaml", dir);
	out = fopen(path, "w");
	if (!out)
		exit(1);
	fprintf(out,
		"cpu: 2\nlinks: [{name: eth0, capacity: 1Gbit}, {name: eth1, capacity: 1Gbit}, "
		"{name: eth2, capacity: 1Gbit}]\n");
	fclose(out);
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double milliseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static void measure(const struct xn_daemon *d, const char *what, const char *text)
{
	double cpu[ROUNDS];
	bool admitted = false;
	struct xn_err err;

	for (int i = 0; i < ROUNDS; i++) {
		json_t *json;

		cpu[i] = milliseconds(CLOCK_PROCESS_CPUTIME_ID);
		json = xn_admit_show(d, "new", text, &err);
		cpu[i] = milliseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu[i];
		if (!json) {
			fprintf(stderr, "%s\n", err.text);
			exit(1);
		}
		admitted = json_is_true(json_object_get(json, "admitted"));
		json_decref(json);
	}
	qsort(cpu, ROUNDS, sizeof(cpu[0]), compare);
	printf("  %-40s %s: %.1f ms of CPU (the least of %d; half of them took up to %.1f)\n", what,
	       admitted ? "admitted" : "refused", cpu[0], ROUNDS, cpu[ROUNDS / 2]);
}

static void measure_book(const char *what, bool any_minute)
{
	char dir[] = "/tmp/xnetman-admit-XXXXXX", command[100];
	struct xn_daemon d = { 0 };
	struct xn_config *config;
	struct xn_err err;

	if (!mkdtemp(dir))
		exit(1);
	put_machine(dir);
	for (unsigned int i = 0; i < NETWORKS; i++)
		put_network(dir, i, any_minute);
	config = xn_config_load(dir, &err);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	if (system(command) || !config || !(d.state = xn_state_new(config, NULL))) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	printf("beside %d networks, times %s:\n", NETWORKS, what);
	measure(&d, "a network without schedule",
		"bandwidth: [{link: any, rc: 10kbit, rl: 100kbit}]\ncpu: {rc: 0.01}\n");
	measure(&d, "one with three entries",
		"timezone: Europe/Berlin\nbandwidth: [{link: eth0, rc: 10kbit}]\nschedule:\n"
		"  - {when: Mon..Fri 08:00..18:00, bandwidth: [{link: eth0, rc: 1Mbit}]}\n"
		"  - {when: \"*-12-24..26\", cpu: {rc: 0.1}}\n"
		"  - {when: 22:00..06:00, last_day: 2028-12-31, bandwidth: [{link: any, rl: "
		"2Mbit}]}\n");
	measure(&d, "one that is too much on Sundays at night",
		"schedule:\n  - {when: Sun 01:00..02:00, bandwidth: [{link: eth0, rc: "
		"990Mbit}]}\n");
	xn_state_free(d.state);
}

int main(void)
{
	measure_book("by the quarter of an hour", false);
	measure_book("by the minute, each its own", true);
	return 0;
}

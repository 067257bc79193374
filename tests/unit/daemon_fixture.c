// SPDX-License-Identifier: GPL-2.0-or-later
/* Files for the daemon's unit tests. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon_fixture.h"

static char dir[64];

const char *fixture_dir(void)
{
	char networks[80];

	if (dir[0])
		return dir;
	strcpy(dir, "/tmp/xnetman-test-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(networks, sizeof(networks), "%s/networks.d", dir);
	assert_int_equal(mkdir(networks, 0755), 0);
	return dir;
}

const char *fixture_path(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", fixture_dir(), name);
	return path;
}

void fixture_write(const char *name, const char *text)
{
	FILE *file = fopen(fixture_path(name), "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
}

void fixture_remove(const char *name)
{
	assert_int_equal(unlink(fixture_path(name)), 0);
}

struct xn_state *fixture_state(const struct xn_state *old)
{
	struct xn_err err = { "" };
	struct xn_config *config = xn_config_load(fixture_dir(), &err);
	struct xn_state *state;

	if (!config)
		fail_msg("%s", err.text);
	state = xn_state_new(config, old);
	assert_non_null(state);
	return state;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int fixture_exit(void **state)
{
	(void)state;
	return dir[0] ? nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS) : 0;
}

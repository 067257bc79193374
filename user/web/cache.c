// SPDX-License-Identifier: GPL-2.0-or-later
/* A few entries, the least recently used of which goes first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "web/cache.h"

#define ENTRIES 16
/* ms. Also without a tick something may have changed, as a link's carrier. */
#define LIFE	     1000
#define LIFE_LASTING 5000

struct waiter {
	xn_answer_fn answer;
	void *arg;
	struct waiter *next;
};

struct entry {
	char *key; /* NULL: free */
	json_t *json;
	uint64_t until, used; /* ms */
	bool lasting;
	bool asked; /* the daemon is being asked */
	struct waiter *waiters;
};

struct xn_cache {
	struct xn_client *client;
	struct entry entries[ENTRIES];
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Names have no line ends. */
static char *make_key(const struct xn_call *call)
{
	char *key = NULL;
	size_t size;
	FILE *out = open_memstream(&key, &size);

	if (!out)
		return NULL;
	fputs(call->method, out);
	for (size_t i = 0; i < XN_CALL_ARGS && call->args[i].type; i++) {
		if (call->args[i].type == 's')
			fprintf(out, "\n%s", call->args[i].text);
		else
			fprintf(out, "\n%.17g", call->args[i].number);
	}
	return fclose(out) ? (free(key), NULL) : key;
}

static void empty(struct entry *entry)
{
	free(entry->key);
	json_decref(entry->json);
	memset(entry, 0, sizeof(*entry));
}

/* Room for another: a free one, else what nobody used for longest and nobody waits for. */
static struct entry *take_room(struct xn_cache *cache)
{
	struct entry *oldest = NULL;

	for (size_t i = 0; i < ENTRIES; i++) {
		struct entry *entry = &cache->entries[i];

		if (!entry->asked && (!oldest || entry->used < oldest->used))
			oldest = entry;
	}
	if (oldest)
		empty(oldest);
	return oldest;
}

/* The entry of this key, which is taken over. */
static struct entry *find(struct xn_cache *cache, char *key)
{
	struct entry *entry;

	for (size_t i = 0; i < ENTRIES; i++) {
		entry = &cache->entries[i];
		if (entry->key && !strcmp(entry->key, key)) {
			free(key);
			return entry;
		}
	}
	entry = take_room(cache);
	if (entry)
		entry->key = key;
	else
		free(key);
	return entry;
}

static void tell(struct entry *entry, const struct xn_answer *answer)
{
	struct waiter *waiter = entry->waiters, *next;

	entry->waiters = NULL;
	for (; waiter; waiter = next) {
		next = waiter->next;
		waiter->answer(waiter->arg, answer);
		free(waiter);
	}
}

static void on_answer(void *arg, const struct xn_answer *answer)
{
	struct entry *entry = arg;

	entry->asked = false;
	json_decref(entry->json);
	entry->json = json_incref(answer->json);
	/* An error is good for nobody else. Signals and answers come in order: this is of after the last tick. */
	entry->until = answer->json ? now_ms() + (entry->lasting ? LIFE_LASTING : LIFE) : 0;
	tell(entry, answer);
}

static void busy(xn_answer_fn answer, void *arg, const char *why)
{
	const struct xn_answer none = { NULL, XN_MEANS_UNREACHABLE, why };

	answer(arg, &none);
}

void xn_cache_ask(struct xn_cache *cache, const struct xn_call *call, bool lasting,
		  xn_answer_fn answer, void *arg)
{
	char *key = make_key(call);
	struct entry *entry = key ? find(cache, key) : NULL;
	struct waiter *waiter;
	uint64_t now = now_ms();

	if (!entry) {
		busy(answer, arg, "too many different questions at once: try again");
		return;
	}
	entry->used = now;
	if (!entry->asked && entry->json && now < entry->until) {
		answer(arg, &(struct xn_answer){ entry->json, XN_MEANS_DONE, NULL });
		return;
	}
	waiter = calloc(1, sizeof(*waiter));
	if (!waiter) {
		busy(answer, arg, "no memory");
		return;
	}
	*waiter = (struct waiter){ answer, arg, entry->waiters };
	entry->waiters = waiter;
	if (entry->asked)
		return;
	entry->asked = true;
	entry->lasting = lasting;
	xn_client_call(cache->client, call, on_answer, entry);
}

void xn_cache_expire(struct xn_cache *cache)
{
	for (size_t i = 0; i < ENTRIES; i++)
		if (!cache->entries[i].lasting)
			cache->entries[i].until = 0;
}

struct xn_cache *xn_cache_create(void)
{
	return calloc(1, sizeof(struct xn_cache));
}

void xn_cache_start(struct xn_cache *cache, struct xn_client *client)
{
	cache->client = client;
}

void xn_cache_destroy(struct xn_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < ENTRIES; i++)
		empty(&cache->entries[i]);
	free(cache);
}

// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A thread is held by an open /proc/PID/schedstat: when it ends reading that fails, and a number
 * that is used again is another file.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/log.h"
#include "daemon/threads.h"

#define PF_KTHREAD   0x00200000 /* of the kernel's linux/sched.h, in /proc/PID/stat */
#define NEW_MAX	     1024	/* more new processes than this: look through all, but not */
#define LOOK_AGAIN   15		/* more often than every so many ticks */
#define NICE_STEP    2		/* for each step of priority */
#define NAME_MAX_LEN 64		/* longest name of a kernel thread, with the NUL */

struct thread {
	int fd; /* its schedstat */
	enum xn_thread_kind kind;
	uint32_t ifindex; /* of its port */
	long pid;
	uint64_t run; /* ns, when last read */
	int nice;     /* that it was given here, or by a former xnetmand */
};

struct xn_threads {
	char proc[256];
	struct thread *table;
	size_t n, max;
	long newest; /* number last given to a process; 0: not known yet */
	long before; /* the same a tick earlier: a thread has its name a moment after its number */
	bool look;   /* through all, at the next reading */
	unsigned int wait; /* ticks before that may be done for want of a better way */
	bool told;	   /* that they can't be read */
};

/* --- names --------------------------------------------------------------------------------- */

static bool copy_device(char *device, const char *from, size_t length)
{
	if (!length || length >= IFNAMSIZ)
		return false;
	memcpy(device, from, length);
	device[length] = '\0';
	return true;
}

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

/* "napi/DEV-N" */
static bool parse_napi(const char *name, char *device)
{
	static const char prefix[] = "napi/";
	const char *from = name + strlen(prefix), *dash;

	if (strncmp(name, prefix, strlen(prefix)))
		return false;
	dash = strrchr(from, '-');
	return dash && is_number(dash + 1) && copy_device(device, from, dash - from);
}

/* "DEV-qN-guest-rx", "DEV-qN-dealloc" */
static bool parse_copy(const char *name, char *device)
{
	const char *queue = strstr(name, "-q"), *at;

	if (!queue || !isdigit((unsigned char)queue[2]))
		return false;
	at = queue + 2 + strspn(queue + 2, "0123456789");
	return (!strcmp(at, "-guest-rx") || !strcmp(at, "-dealloc")) &&
	       copy_device(device, name, queue - name);
}

bool xn_thread_parse(const char *name, char device[IFNAMSIZ], enum xn_thread_kind *kind)
{
	*kind = XN_THREAD_NAPI;
	if (parse_napi(name, device))
		return true;
	*kind = XN_THREAD_COPY;
	return parse_copy(name, device);
}

/* --- /proc --------------------------------------------------------------------------------- */

static int open_file(const struct xn_threads *threads, const char *file)
{
	char path[sizeof(threads->proc) + 64];

	snprintf(path, sizeof(path), "%s/%s", threads->proc, file);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static bool read_text(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* The last number of /proc/loadavg. */
static long newest_process(const struct xn_threads *threads)
{
	int fd = open_file(threads, "loadavg");
	char text[128];
	const char *last;
	bool ok;

	if (fd < 0)
		return 0;
	ok = read_text(fd, text, sizeof(text));
	close(fd);
	last = ok ? strrchr(text, ' ') : NULL;
	return last ? strtol(last, NULL, 10) : 0;
}

/* Of process @pid, if it is a thread of the kernel: nobody else may call himself so. */
static bool thread_name(const struct xn_threads *threads, long pid, char name[NAME_MAX_LEN])
{
	char file[32], text[512], *begin, *end;
	unsigned int flags;
	bool ok;
	int fd;

	snprintf(file, sizeof(file), "%ld/stat", pid);
	fd = open_file(threads, file);
	if (fd < 0)
		return false;
	ok = read_text(fd, text, sizeof(text));
	close(fd);
	begin = ok ? strchr(text, '(') : NULL;
	end = begin ? strrchr(begin, ')') : NULL;
	if (!end || sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) != 1)
		return false;
	snprintf(name, NAME_MAX_LEN, "%.*s", (int)(end - begin - 1), begin + 1);
	return flags & PF_KTHREAD;
}

static bool read_run(int fd, uint64_t *run)
{
	char text[96];

	return read_text(fd, text, sizeof(text)) && sscanf(text, "%" SCNu64, run) == 1;
}

/* --- whose turn it is ---------------------------------------------------------------------- */

static int nice_of(unsigned int priority)
{
	return -NICE_STEP * (int)priority;
}

/* What a person gave it is none of our business. */
static int former_nice(long pid)
{
	int nice = getpriority(PRIO_PROCESS, pid);

	for (unsigned int priority = 1; priority <= XN_QOS_PRIORITY_MAX; priority++)
		if (nice == nice_of(priority))
			return nice;
	return 0;
}

static void prefer(struct thread *thread, unsigned int priority)
{
	int nice = nice_of(priority);

	if (nice == thread->nice)
		return;
	if (setpriority(PRIO_PROCESS, thread->pid, nice))
		xn_log(SD_WARNING, "kernel thread %ld can't be given nice %d: %s", thread->pid,
		       nice, strerror(errno));
	thread->nice = nice; /* it is not tried at every tick */
}

/* --- which there are ----------------------------------------------------------------------- */

static bool is_known(const struct xn_threads *threads, long pid, uint32_t ifindex)
{
	for (size_t i = 0; i < threads->n; i++)
		if (threads->table[i].pid == pid && threads->table[i].ifindex == ifindex)
			return true;
	return false;
}

static struct thread *new_thread(struct xn_threads *threads)
{
	if (threads->n == threads->max) {
		size_t max = threads->max ? 2 * threads->max : 64;
		struct thread *table = reallocarray(threads->table, max, sizeof(*table));

		if (!table)
			return NULL;
		threads->table = table;
		threads->max = max;
	}
	return &threads->table[threads->n];
}

static void add(struct xn_threads *threads, long pid, enum xn_thread_kind kind, uint32_t ifindex)
{
	struct thread *thread = new_thread(threads);
	char file[32];

	if (!thread || is_known(threads, pid, ifindex))
		return;
	snprintf(file, sizeof(file), "%ld/schedstat", pid);
	*thread = (struct thread){ open_file(threads, file), kind, ifindex, pid };
	if (thread->fd >= 0 && read_run(thread->fd, &thread->run)) {
		thread->nice = former_nice(pid);
		threads->n++;
		return;
	}
	if (!threads->told && errno != ENOENT && errno != ESRCH)
		xn_log(SD_WARNING, "kernel threads are not measured: %s: %s", file,
		       strerror(errno));
	threads->told = true;
	if (thread->fd >= 0)
		close(thread->fd);
}

static void look_at(struct xn_threads *threads, const struct xn_daemon *d, long pid)
{
	char name[NAME_MAX_LEN], device[IFNAMSIZ];
	enum xn_thread_kind kind;
	uint32_t ifindex;

	if (!thread_name(threads, pid, name) || !xn_thread_parse(name, device, &kind))
		return;
	ifindex = xn_devices_index(d->devices, device);
	if (ifindex && xn_idmap_get(&d->state->port_by_ifindex, ifindex) != XN_IDMAP_NONE)
		add(threads, pid, kind, ifindex);
}

static void look_at_all(struct xn_threads *threads, const struct xn_daemon *d)
{
	DIR *dir = opendir(threads->proc);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (is_number(entry->d_name))
			look_at(threads, d, strtol(entry->d_name, NULL, 10));
	if (dir)
		closedir(dir);
	threads->look = false;
	threads->wait = LOOK_AGAIN;
}

/* Numbers go up, and begin anew at the end: then, or when there are too many, all are looked at. */
static void look_at_new(struct xn_threads *threads, const struct xn_daemon *d)
{
	long newest = newest_process(threads), n = newest - threads->before;
	bool few = threads->before && n >= 0 && n <= NEW_MAX;

	threads->wait -= threads->wait > 0;
	for (long pid = threads->before + 1; few && !threads->look && pid <= newest; pid++)
		look_at(threads, d, pid);
	if (threads->look || (!few && !threads->wait))
		look_at_all(threads, d);
	else if (!few)
		return; /* those in between are not forgotten */
	threads->before = few ? threads->newest : newest;
	threads->newest = newest;
}

/* --- reading ------------------------------------------------------------------------------- */

/* Return: false: it has ended, or its port is no port any more. */
static bool read_one(struct thread *thread, struct xn_state *s)
{
	uint32_t at = xn_idmap_get(&s->port_by_ifindex, thread->ifindex);
	struct xn_usage *usage;
	uint64_t was = thread->run;

	if (at == XN_IDMAP_NONE || !read_run(thread->fd, &thread->run))
		return false;
	usage = &s->nets[s->ports[at].net].usage;
	prefer(thread, s->nets[s->ports[at].net].def->priority);
	if (thread->kind == XN_THREAD_NAPI) {
		s->ports[at].threaded = true;
		usage->napi += (thread->run - was) / 1e9;
	} else {
		usage->copy += (thread->run - was) / 1e9;
	}
	return true;
}

void xn_threads_read(struct xn_threads *threads, struct xn_daemon *d)
{
	size_t kept = 0;

	if (!threads)
		return;
	for (size_t p = 0; p < d->state->n_ports; p++)
		d->state->ports[p].threaded = false;
	for (size_t i = 0; i < threads->n; i++) {
		struct thread *thread = &threads->table[i];

		if (read_one(thread, d->state))
			threads->table[kept++] = *thread;
		else
			close(thread->fd);
	}
	threads->n = kept;
	look_at_new(threads, d);
}

void xn_threads_look(struct xn_threads *threads)
{
	if (threads)
		threads->look = true;
}

struct xn_threads *xn_threads_open(const char *proc)
{
	struct xn_threads *threads = calloc(1, sizeof(*threads));

	if (!threads)
		return NULL;
	snprintf(threads->proc, sizeof(threads->proc), "%s", proc);
	threads->look = true;
	return threads;
}

void xn_threads_close(struct xn_threads *threads)
{
	if (!threads)
		return;
	for (size_t i = 0; i < threads->n; i++)
		close(threads->table[i].fd);
	free(threads->table);
	free(threads);
}

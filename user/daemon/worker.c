// SPDX-License-Identifier: GPL-2.0-or-later
/* One thread, a queue to it, a queue back, and an eventfd that says there is something in the latter. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "daemon/worker.h"

struct queue {
	struct xn_job *head, *tail;
};

struct xn_worker {
	pthread_t thread;
	pthread_mutex_t lock; /* of todo, finished, stop */
	pthread_cond_t more;
	struct queue todo;
	struct queue finished;
	bool stop;
	size_t pending; /* event loop's own */
	int fd;
	sd_event_source *source;
};

static void queue_push(struct queue *queue, struct xn_job *job)
{
	job->next = NULL;
	if (queue->tail)
		queue->tail->next = job;
	else
		queue->head = job;
	queue->tail = job;
}

static struct xn_job *queue_pop(struct queue *queue)
{
	struct xn_job *job = queue->head;

	if (!job)
		return NULL;
	queue->head = job->next;
	if (!queue->head)
		queue->tail = NULL;
	return job;
}

/* Under the lock: the next job, NULL when it is time to end. */
static struct xn_job *wait_for_job(struct xn_worker *worker)
{
	while (!worker->todo.head && !worker->stop)
		pthread_cond_wait(&worker->more, &worker->lock);
	return queue_pop(&worker->todo);
}

static void *work(void *arg)
{
	struct xn_worker *worker = arg;
	struct xn_job *job;

	pthread_mutex_lock(&worker->lock);
	while ((job = wait_for_job(worker))) {
		pthread_mutex_unlock(&worker->lock);
		job->run(job);
		pthread_mutex_lock(&worker->lock);
		queue_push(&worker->finished, job);
		eventfd_write(worker->fd, 1);
	}
	pthread_mutex_unlock(&worker->lock);
	return NULL;
}

static void finish_jobs(struct xn_worker *worker)
{
	struct xn_job *job;

	for (;;) {
		pthread_mutex_lock(&worker->lock);
		job = queue_pop(&worker->finished);
		pthread_mutex_unlock(&worker->lock);
		if (!job)
			return;
		worker->pending--;
		job->done(job);
	}
}

static int on_finished(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	eventfd_t count;

	(void)source;
	(void)revents;
	eventfd_read(fd, &count);
	finish_jobs(arg);
	return 0;
}

/* Signals are the event loop's: the thread takes none. */
static int start_thread(struct xn_worker *worker)
{
	sigset_t all, was;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	rc = -pthread_create(&worker->thread, NULL, work, worker);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	return rc;
}

int xn_worker_new(struct xn_worker **out, sd_event *event)
{
	struct xn_worker *worker = calloc(1, sizeof(*worker));
	int rc;

	if (!worker)
		return -ENOMEM;
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->more, NULL);
	worker->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->fd < 0) {
		rc = -errno;
		goto err_worker;
	}
	rc = sd_event_add_io(event, &worker->source, worker->fd, EPOLLIN, on_finished, worker);
	if (rc < 0)
		goto err_fd;
	rc = start_thread(worker);
	if (rc)
		goto err_source;
	*out = worker;
	return 0;

err_source:
	sd_event_source_unref(worker->source);
err_fd:
	close(worker->fd);
err_worker:
	pthread_cond_destroy(&worker->more);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
	return rc;
}

void xn_worker_free(struct xn_worker *worker)
{
	if (!worker)
		return;
	pthread_mutex_lock(&worker->lock);
	worker->stop = true;
	pthread_cond_signal(&worker->more);
	pthread_mutex_unlock(&worker->lock);
	pthread_join(worker->thread, NULL);
	finish_jobs(worker);
	sd_event_source_unref(worker->source);
	close(worker->fd);
	pthread_cond_destroy(&worker->more);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
}

void xn_worker_submit(struct xn_worker *worker, struct xn_job *job)
{
	worker->pending++;
	pthread_mutex_lock(&worker->lock);
	queue_push(&worker->todo, job);
	pthread_cond_signal(&worker->more);
	pthread_mutex_unlock(&worker->lock);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

bool xn_worker_wait(struct xn_worker *worker, int ms)
{
	struct pollfd finished = { .fd = worker->fd, .events = POLLIN };
	int64_t left, end = now_ms() + ms;
	eventfd_t count;

	while (worker->pending) {
		left = end - now_ms();
		if (left < 0)
			return false;
		if (poll(&finished, 1, left) <= 0)
			continue;
		eventfd_read(worker->fd, &count);
		finish_jobs(worker);
	}
	return true;
}

size_t xn_worker_pending(const struct xn_worker *worker)
{
	return worker->pending;
}

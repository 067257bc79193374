// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A vchan's descriptor tells of any change, of room as of bytes, and must be answered. It does not tell
 * that the other domain has died or moved: the channel's heartbeat does.
 */
#include <errno.h>
#include <libxenvchan.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <xenstore.h>

#include "channel/transport.h"

#define RING_SIZE 65536 /* bytes, each way */

struct vchan {
	struct xn_transport transport; /* first */
	struct libxenvchan *chan;
};

static struct libxenvchan *chan_of(struct xn_transport *transport)
{
	return ((struct vchan *)transport)->chan;
}

static ssize_t vchan_read(struct xn_transport *transport, void *buf, size_t n)
{
	int done = libxenvchan_read(chan_of(transport), buf, n);

	if (done > 0)
		return done;
	if (done < 0)
		return -EIO;
	/* 2: the server, before there is a client */
	return libxenvchan_is_open(chan_of(transport)) ? -EAGAIN : 0;
}

static ssize_t vchan_write(struct xn_transport *transport, const void *buf, size_t n)
{
	int done;

	if (libxenvchan_is_open(chan_of(transport)) == 2)
		return -EAGAIN;
	done = libxenvchan_write(chan_of(transport), buf, n);
	return done > 0 ? done : done < 0 ? -EIO : -EAGAIN;
}

static uint32_t vchan_events(bool reading, bool writing)
{
	return reading || writing ? EPOLLIN : 0;
}

static void vchan_woken(struct xn_transport *transport)
{
	libxenvchan_wait(chan_of(transport));
}

static void vchan_close(struct xn_transport *transport)
{
	libxenvchan_close(chan_of(transport));
	free(transport);
}

static struct xn_transport *wrap(struct libxenvchan *chan, const char *name)
{
	static const struct xn_transport_ops ops = {
		.read = vchan_read,
		.write = vchan_write,
		.events = vchan_events,
		.woken = vchan_woken,
		.close = vchan_close,
	};
	struct vchan *vchan = calloc(1, sizeof(*vchan));

	if (!vchan) {
		libxenvchan_close(chan);
		return NULL;
	}
	chan->blocking = 0;
	vchan->chan = chan;
	vchan->transport.ops = &ops;
	vchan->transport.fd = libxenvchan_fd_for_select(chan);
	snprintf(vchan->transport.name, sizeof(vchan->transport.name), "%s", name);
	return &vchan->transport;
}

/* Asked first, as libxenvchan says "no server" by lines on stderr. */
static bool is_served(const char *path)
{
	struct xs_handle *store = xs_open(0);
	char port[128], *text = NULL;
	unsigned int n;

	snprintf(port, sizeof(port), "%s/event-channel", path);
	if (store)
		text = xs_read(store, XBT_NULL, port, &n);
	free(text);
	xs_close(store);
	return text;
}

struct xn_transport *xn_vchan_client(uint32_t domid, struct xn_err *err)
{
	struct xn_transport *transport = NULL;
	struct libxenvchan *chan = NULL;
	char path[96], name[32];

	snprintf(path, sizeof(path), "/local/domain/%u/data/vchan/" XN_VCHAN_NAME, domid);
	snprintf(name, sizeof(name), "domain %u", domid);
	if (!is_served(path)) {
		xn_err_set(err, "%s: no xnetman-guest there", name);
		errno = ENOENT;
		return NULL;
	}
	chan = libxenvchan_client_init(NULL, domid, path);
	if (chan)
		transport = wrap(chan, name);
	if (!transport) {
		xn_err_set(err, "%s: vchan: %s", name, strerror(errno));
		errno = EIO;
	}
	return transport;
}

struct xn_transport *xn_vchan_server(struct xn_err *err)
{
	struct libxenvchan *chan =
		libxenvchan_server_init(NULL, 0, "data/vchan/" XN_VCHAN_NAME, RING_SIZE, RING_SIZE);
	struct xn_transport *transport = chan ? wrap(chan, "Dom0 (vchan)") : NULL;

	if (!transport)
		xn_err_set(err,
			   "vchan: %s: is this a Xen domain, and are the modules xen-gntalloc, "
			   "xen-evtchn and xenfs there?",
			   strerror(errno));
	return transport;
}

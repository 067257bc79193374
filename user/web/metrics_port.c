// SPDX-License-Identifier: GPL-2.0-or-later
/* Ports of networks. */
#include <string.h>

#include "ctl/output.h"
#include "web/metrics_impl.h"

/* Keys by direction as Dom0 sees it. */
struct port_source {
	struct xn_om_family family;
	const char *rx, *tx;
};

static const struct port_source port_sources[] = {
	{ XN_COUNTER("xnetman_port_bytes", "bytes",
		     "That came in by a network's device, or were to leave by it."),
	  "rx_bytes", "tx_bytes" },
	{ XN_COUNTER("xnetman_port_packets", "packets",
		     "That came in by a network's device, or were to leave by it."),
	  "rx_packets", "tx_packets" },
	{ XN_COUNTER("xnetman_port_dropped_bytes", "bytes", "Of these, dropped as punishment."),
	  "rx_dropped_bytes", "tx_dropped_bytes" },
	{ XN_COUNTER("xnetman_port_dropped_packets", "packets", "Of these, dropped as punishment."),
	  "rx_dropped_packets", "tx_dropped_packets" },
};

/* Xen's own name, "vif3.0"; of a device that stands in for one, too. */
static bool named_as_vif(const char *device)
{
	size_t n = strspn(device + (strncmp(device, "vif", 3) ? 0 : 3), "0123456789");

	return !strncmp(device, "vif", 3) && n && device[3 + n] == '.';
}

/* Behind a vif is the machine itself: what comes in there it has sent. Other devices are between it and the world. */
static bool leads_to_machine(const json_t *port)
{
	return json_object_get(port, "domid") || named_as_vif(xn_ctl_text(port, "device"));
}

static void write_port(struct xn_om *om, const struct port_source *source, const json_t *port)
{
	bool machine = leads_to_machine(port);
	struct xn_om_label labels[] = {
		{ "network", xn_ctl_text(port, "network") },
		{ "device", xn_ctl_text(port, "device") },
		{ "direction", machine ? "transmit" : "receive" },
	};

	xn_om_sample(om, xn_ctl_number(port, source->rx), labels, N(labels));
	labels[2].value = machine ? "receive" : "transmit";
	xn_om_sample(om, xn_ctl_number(port, source->tx), labels, N(labels));
}

void xn_metrics_ports(struct xn_om *om, const json_t *ports)
{
	const json_t *port;
	size_t at;

	for (size_t i = 0; i < N(port_sources); i++) {
		xn_om_begin(om, &port_sources[i].family);
		json_array_foreach((json_t *)ports, at, port)
			write_port(om, &port_sources[i], port);
	}
}

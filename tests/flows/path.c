/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/flows/path.h"

#include "csta/csta.h"
#include "cti-server/adapters.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/host.h"
#include "pbx-adapters/simulator/simulator.h"
#include "pbx-adapters/simulator/switch.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Descriptors that are looked at for the ends of the link. */
#define SOCKETS_MAX   512
#define SETTINGS_SIZE 8192

struct path {
	const struct flow *flow;
	enum flow_transport transport;
	struct clock *clock;
	struct event_base *base;
	struct peer *peer;                      /* wire flows */
	struct cti_adapter_instance *simulator; /* ours behind a port, the server's in process */
	struct sim_switch *sim;
	/* Behind a port: what the simulator is made of. */
	struct host host;
	config_t settings;
	struct cti_options *options;
	bool has_settings, started;
};

/* What the simulator listens for, and the adapter's options beside host and port. */
static const struct way {
	const char *listen, *options;
} ways[FLOW_TRANSPORTS] = {
        [FLOW_XML] = {"xml", "encoding = \"xml\"; "},
        [FLOW_BER] = {"ber+len16", "encoding = \"ber\"; "},
        [FLOW_BER2] = {"ber+len16+bp", "encoding = \"ber\"; phase = \"2\"; bp_handshake = true; "},
        [FLOW_BER1] = {"ber+len16+none+phase1",
                       "encoding = \"ber\"; phase = \"1\"; association = \"none\"; "},
};

static const char *association_of(const char *session)
{
	return strcmp(session, "openscape") == 0 ? "system" : "none";
}

/* ---- What the flow says of the switch ---------------------------------------------------- */

/* What the flow's words are called in the simulator's options. */
static const struct {
	const char *word, *option;
} setting_names[] =
        {
                {"no-answer=", "no_answer"},
                {"ring-limit=", "ring_limit"},
                {"prompt=", "prompt"},
                {"wrap-up=", "wrap_up"},
                {"trunks=", NULL},
                {"diverted=", "diverted"},
                {"park-recall=", "park_recall"},
                {"hold-recall=", "hold_recall"},
                {"transfer-recall=", "transfer_recall"},
                {"intrude=", "intrude"},
},
  phone_names[] = {
          {"immediate=", "forward_immediate"},
          {"busy=", "forward_busy"},
          {"no-answer=", "forward_no_answer"},
          {"do-not-disturb", "do_not_disturb"},
          {"call-waiting", "call_waiting"},
          {"hands-free", "hands_free"},
          {"offered=", "offered"},
};

struct text {
	char *out;
	size_t size, at;
};

static void add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->out + t->at, t->size - t->at, format, args);
	va_end(args);
	t->at += n > 0 ? (size_t)n : 0;
	if (t->at >= t->size)
		t->at = t->size - 1;
}

static bool is_extension(const char *number)
{
	return strlen(number) <= PATH_EXTENSION_DIGITS;
}

static void add_list(struct text *t, const char *name, const struct flow *flow,
                     enum flow_header_kind kind)
{
	const char *sign = "";

	add(t, "%s = [", name);
	for (size_t i = 0; i < flow->header_count; i++) {
		const struct flow_header *h = &flow->headers[i];

		for (size_t k = 0; h->kind == kind && k < h->count; k++) {
			if (!is_extension(h->words[k]))
				continue;
			add(t, "%s \"%s\"", sign, h->words[k]);
			sign = ",";
		}
	}
	add(t, " ]; ");
}

static void add_settings(struct text *t, const struct flow_header *h)
{
	for (size_t k = 0; k < h->count; k++)
		for (size_t n = 0; n < sizeof(setting_names) / sizeof(setting_names[0]); n++) {
			const char *word = setting_names[n].word;
			size_t length = strlen(word);

			if (strncmp(h->words[k], word, length) != 0)
				continue;
			if (setting_names[n].option)
				add(t, "%s = \"%s\"; ", setting_names[n].option,
				    h->words[k] + length);
			else
				add(t, "trunks = %s; ", h->words[k] + length);
		}
}

static void add_phone(struct text *t, const struct flow_header *h)
{
	add(t, "{ number = \"%s\"; ", h->words[0]);
	for (size_t k = 1; k < h->count; k++)
		for (size_t n = 0; n < sizeof(phone_names) / sizeof(phone_names[0]); n++) {
			const char *word = phone_names[n].word;
			size_t length = strlen(word);

			if (strncmp(h->words[k], word, length) != 0)
				continue;
			if (word[length - 1] == '=')
				add(t, "%s = \"%s\"; ", phone_names[n].option,
				    h->words[k] + length);
			else
				add(t, "%s = true; ", phone_names[n].option);
		}
	add(t, "}");
}

static void add_group(struct text *t, const struct flow_header *h)
{
	add(t, "{ id = \"%s\"; members = [", h->words[0]);
	for (size_t k = 1; k < h->count; k++)
		add(t, "%s \"%s\"", k > 1 ? "," : "", h->words[k]);
	add(t, " ]; }");
}

/* place 2960 announcement plays=5s; place 2980 route default-route=2003 */
static void add_place(struct text *t, const struct flow_header *h)
{
	add(t, "{ number = \"%s\"; is = \"%s\"; ", h->words[0], h->words[1]);
	for (size_t k = 2; k < h->count; k++)
		if (!strncmp(h->words[k], "plays=", 6))
			add(t, "plays = \"%s\"; ", h->words[k] + 6);
		else if (!strncmp(h->words[k], "default-route=", 14))
			add(t, "default_route = \"%s\"; ", h->words[k] + 14);
	add(t, "}");
}

/* hunt 2910 order=circular hidden overflow=2960 2001 2002 */
static void add_hunt(struct text *t, const struct flow_header *h)
{
	const char *sign = "";

	add(t, "{ number = \"%s\"; ", h->words[0]);
	for (size_t k = 1; k < h->count; k++)
		if (!strncmp(h->words[k], "order=", 6))
			add(t, "order = \"%s\"; ", h->words[k] + 6);
		else if (!strncmp(h->words[k], "overflow=", 9))
			add(t, "overflow = \"%s\"; ", h->words[k] + 9);
		else if (!strcmp(h->words[k], "hidden"))
			add(t, "hidden = true; ");
	add(t, "members = [");
	for (size_t k = 1; k < h->count; k++)
		if (isdigit((unsigned char)*h->words[k])) {
			add(t, "%s \"%s\"", sign, h->words[k]);
			sign = ",";
		}
	add(t, " ]; }");
}

static void add_agent(struct text *t, const struct flow_header *h)
{
	add(t, "{ id = \"%s\"; device = \"%s\"; queues = [ \"%s\" ]; ", h->words[0], h->words[2],
	    h->words[4]);
	if (h->count == 7)
		add(t, "wrap_up = \"%s\"; ", h->words[6]);
	add(t, "}");
}

static void add_groups(struct text *t, const char *name, const struct flow *flow,
                       enum flow_header_kind kind,
                       void (*each)(struct text *, const struct flow_header *))
{
	const char *sign = "";

	add(t, "%s = (", name);
	for (size_t i = 0; i < flow->header_count; i++) {
		if (flow->headers[i].kind != kind)
			continue;
		add(t, "%s ", sign);
		each(t, &flow->headers[i]);
		sign = ",";
	}
	add(t, " ); ");
}

static void simulator_text(const struct flow *flow, struct text *t)
{
	add_list(t, "extensions", flow, FLOW_HEADER_PHONE);
	add_list(t, "queues", flow, FLOW_HEADER_QUEUE);
	add_list(t, "park_slots", flow, FLOW_HEADER_PARK);
	add_groups(t, "places", flow, FLOW_HEADER_PLACE, add_place);
	add_groups(t, "hunt_groups", flow, FLOW_HEADER_HUNT, add_hunt);
	for (size_t i = 0; i < flow->header_count; i++)
		if (flow->headers[i].kind == FLOW_HEADER_SWITCH)
			add_settings(t, &flow->headers[i]);
	add_groups(t, "agents", flow, FLOW_HEADER_AGENT, add_agent);
	add_groups(t, "pickup_groups", flow, FLOW_HEADER_GROUP, add_group);
	add_groups(t, "phones", flow, FLOW_HEADER_EXTENSION, add_phone);
}

/* ---- Hands ------------------------------------------------------------------------------- */

static int act(struct sim_switch *sim, const struct flow_step *s, struct cti_error *error)
{
	const char *phone = s->actor, *argument = s->argument;

	switch (s->verb) {
	case FLOW_VERB_DIALS:
		return switch_phone_dial(sim, phone, argument, error);
	case FLOW_VERB_LIFTS:
		return switch_phone_lift(sim, phone, error);
	case FLOW_VERB_ANSWERS:
		return switch_phone_answer(sim, phone, error);
	case FLOW_VERB_HANGS_UP:
		return switch_phone_hangup(sim, phone, error);
	case FLOW_VERB_HOLDS:
		return switch_phone_hold(sim, phone, error);
	case FLOW_VERB_RETRIEVES:
		return switch_phone_retrieve(sim, phone, error);
	case FLOW_VERB_CONSULTS:
		return switch_phone_consult(sim, phone, argument, error);
	case FLOW_VERB_TRANSFERS_TO:
		return switch_phone_blind_transfer(sim, phone, argument, error);
	case FLOW_VERB_TRANSFERS:
		return switch_phone_transfer(sim, phone, error);
	case FLOW_VERB_CONFERENCES:
		return switch_phone_conference(sim, phone, error);
	case FLOW_VERB_ALTERNATES:
		return switch_phone_alternate(sim, phone, error);
	case FLOW_VERB_RECONNECTS:
		return switch_phone_reconnect(sim, phone, error);
	case FLOW_VERB_DEFLECTS_TO:
		return switch_phone_deflect(sim, phone, argument, error);
	case FLOW_VERB_PICKS_UP_GROUP:
		return switch_phone_pickup(sim, phone, NULL, error);
	case FLOW_VERB_PICKS_UP:
		return switch_phone_pickup(sim, phone, argument, error);
	case FLOW_VERB_LOGS_ON:
		return switch_phone_agent(sim, phone, CTI_REQUEST_LOGGED_ON, argument, NULL, error);
	case FLOW_VERB_LOGS_OFF:
		return switch_phone_agent(sim, phone, CTI_REQUEST_LOGGED_OFF, NULL, NULL, error);
	case FLOW_VERB_IS_READY:
		return switch_phone_agent(sim, phone, CTI_REQUEST_READY, NULL, NULL, error);
	case FLOW_VERB_IS_NOT_READY:
		return switch_phone_agent(sim, phone, CTI_REQUEST_NOT_READY, NULL, NULL, error);
	case FLOW_VERB_IS_BUSY_WITH_WORK:
		return switch_phone_agent(sim, phone, CTI_REQUEST_WORKING_AFTER_CALL, NULL, NULL,
		                          error);
	case FLOW_VERB_COUNT:
		break;
	}
	return cti_error_set(error, CTI_E_INTERNAL, "a verb that the runner does not know");
}

/* ---- The simulator behind a port ----------------------------------------------------------- */

static int create_simulator(struct path *l, struct cti_error *error)
{
	char *settings = calloc(1, SETTINGS_SIZE);
	struct text t = {settings, SETTINGS_SIZE, 0};
	int code;

	if (!settings)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	config_init(&l->settings);
	l->has_settings = true;
	simulator_text(l->flow, &t);
	add(&t, "listen = [ \"%s:0\" ];", ways[l->transport].listen);
	host_init(&l->host, l->flow->switch_name, l->base, l->clock, 7);
	if (!config_read_string(&l->settings, settings))
		code = cti_error_set(error, CTI_E_CONFIG, "simulator: line %d: %s",
		                     config_error_line(&l->settings),
		                     config_error_text(&l->settings));
	else
		code = options_read(&l->options, config_root_setting(&l->settings),
		                    cti_adapter_simulator.options, NULL, error);
	free(settings);
	if (!code)
		code = cti_adapter_simulator.create(&l->simulator, &l->host.cti, l->options, error);
	if (!code)
		code = cti_adapter_simulator.start(l->simulator, error);
	l->started = !code;
	return code;
}

static const char *address_port(const char *address)
{
	const char *colon = address ? strrchr(address, ':') : NULL;

	return colon ? colon + 1 : "0";
}

/* ---- Life ---------------------------------------------------------------------------------- */

int path_create(struct path **out, const struct flow *flow, enum flow_transport transport,
                struct clock *clock, struct event_base *base, struct cti_error *error)
{
	struct path *l = calloc(1, sizeof(*l));
	int code = 0;

	if (!l)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	l->flow = flow;
	l->transport = transport;
	l->clock = clock;
	l->base = base;
	if (flow->wire)
		code = peer_create(&l->peer, base, transport == FLOW_BER, flow, error);
	else if (transport != FLOW_INPROC)
		code = create_simulator(l, error);
	if (code)
		path_destroy(&l);
	else
		*out = l;
	return code;
}

void path_destroy(struct path **path)
{
	struct path *l = *path;

	if (!l)
		return;
	peer_destroy(&l->peer);
	if (l->started)
		cti_adapter_simulator.stop(l->simulator);
	if (l->simulator && l->transport != FLOW_INPROC)
		cti_adapter_simulator.destroy(&l->simulator);
	options_destroy(&l->options);
	if (l->has_settings)
		config_destroy(&l->settings);
	free(l);
	*path = NULL;
}

static unsigned path_port(const struct path *l)
{
	if (l->peer)
		return peer_port(l->peer);
	return (unsigned)strtoul(address_port(simulator_address(l->simulator, 0)), NULL, 10);
}

void path_settings(const struct path *l, const char *more, char *out, size_t size)
{
	const struct flow_header *session = NULL;
	struct text t = {out, size, 0};

	for (size_t i = 0; i < l->flow->header_count; i++)
		if (l->flow->headers[i].kind == FLOW_HEADER_SESSION)
			session = &l->flow->headers[i];
	if (l->transport == FLOW_INPROC) {
		add(&t, "adapter = \"simulator\"; options = { ");
		simulator_text(l->flow, &t);
		add(&t, "%s ", more ? more : "");
	} else {
		add(&t, "adapter = \"csta\"; options = { host = \"127.0.0.1\"; port = %u; %s",
		    path_port(l), ways[l->transport].options);
		if (session)
			add(&t, "association = \"%s\"; ", association_of(session->words[0]));
		else if (l->peer)
			add(&t, "association = \"none\"; ");
		if (l->peer && l->transport == FLOW_BER)
			add(&t, "framing = \"bare\"; ");
	}
	add(&t, "};");
}

static int set_outside(struct sim_switch *sim, const struct flow_header *h, struct cti_error *error)
{
	enum switch_behaviour behaviour = SWITCH_RINGS;
	bool withholds = false;
	uint64_t after = 0;

	for (size_t i = 1; i < h->count; i++)
		if (strcmp(h->words[i], "withholds") == 0) {
			withholds = true;
		} else if (strcmp(h->words[i], "is-busy") == 0) {
			behaviour = SWITCH_IS_BUSY;
		} else {
			behaviour = SWITCH_ANSWERS;
			after = (uint64_t)flow_duration(strchr(h->words[i], '=') + 1);
		}
	return switch_outside(sim, h->words[0], behaviour, after, withholds, error);
}

int path_attach(struct path *l, struct server *server, struct cti_error *error)
{
	struct pbx *pbx = server_pbx(server, l->flow->switch_name);

	if (!pbx)
		return cti_error_set(error, CTI_E_INTERNAL, "the server has no switch %s",
		                     l->flow->switch_name);
	if (l->transport == FLOW_INPROC)
		l->simulator = pbx_instance(pbx);
	l->sim = l->simulator ? simulator_switch(l->simulator) : NULL;
	for (size_t i = 0; l->sim && i < l->flow->header_count; i++) {
		const struct flow_header *h = &l->flow->headers[i];
		int code = h->kind == FLOW_HEADER_OUTSIDE ? set_outside(l->sim, h, error) : 0;

		if (code)
			return code;
	}
	return 0;
}

struct sim_switch *path_switch(struct path *l)
{
	return l->sim;
}

const char *path_simulator_address(struct path *l, size_t index)
{
	return l->simulator ? simulator_address(l->simulator, index) : NULL;
}

struct peer *path_peer(struct path *l)
{
	return l->peer;
}

/* ---- Rest ---------------------------------------------------------------------------------- */

/*
 * Both ends of the link are sockets of this process: it is even when neither has octets that
 * wait to be sent, to be acknowledged or to be read. An acknowledgement that the kernel delays
 * is asked for: it would come by itself, but late.
 */
struct ends {
	uint64_t octets; /* received by the two sockets since they are connected */
	bool quiet;
};

static void end_look(int fd, unsigned port, struct ends *ends)
{
	struct sockaddr_in own = {0}, other = {0};
	socklen_t own_length = sizeof(own), other_length = sizeof(other), size;
	struct tcp_info info = {0};
	int unread = 0, unsent = 0, now = 1;

	if (getsockname(fd, (struct sockaddr *)&own, &own_length) != 0 ||
	    own.sin_family != AF_INET ||
	    getpeername(fd, (struct sockaddr *)&other, &other_length) != 0 ||
	    (ntohs(own.sin_port) != port && ntohs(other.sin_port) != port))
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &now, sizeof(now));
	if (ioctl(fd, FIONREAD, &unread) == 0 && ioctl(fd, SIOCOUTQ, &unsent) == 0 &&
	    (unread > 0 || unsent > 0))
		ends->quiet = false;
	size = sizeof(info);
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0)
		ends->octets += info.tcpi_bytes_received + 1;
}

static struct ends ends_look(const struct path *l)
{
	unsigned port = l->transport == FLOW_INPROC ? 0 : path_port(l);
	struct ends ends = {0, true};

	for (int fd = 3; port && fd < SOCKETS_MAX; fd++)
		end_look(fd, port, &ends);
	return ends;
}

bool path_quiet(const struct path *l)
{
	return ends_look(l).quiet;
}

uint64_t path_activity(const struct path *l)
{
	return ends_look(l).octets + (l->sim ? switch_facts(l->sim) : 0);
}

const char *path_complaint(const struct path *l)
{
	return l->peer ? peer_complaint(l->peer) : NULL;
}

int path_do(struct path *l, const struct flow_step *s, struct cti_error *error)
{
	switch (s->kind) {
	case FLOW_CUT:
		if (l->peer)
			return peer_cut(l->peer, error);
		simulator_link(l->simulator, false, NULL);
		return 0;
	case FLOW_RESTORE:
		if (l->peer)
			return peer_restore(l->peer, error);
		simulator_link(l->simulator, true, NULL);
		return 0;
	case FLOW_MISS:
		switch_fault_miss(l->sim, (enum cti_event_type)s->type);
		return 0;
	case FLOW_ACT:
		return act(l->sim, s, error);
	default:
		return cti_error_set(error, CTI_E_INTERNAL, "nothing that a switch does");
	}
}

/* Whether the phase of CSTA that the link speaks has the service. */
static bool has_service(enum flow_transport transport, const char *service)
{
	const struct csta_type *type = csta_type_of_element(service, strlen(service));
	unsigned phase = transport == FLOW_BER1   ? CSTA_PHASE_1
	                 : transport == FLOW_BER2 ? CSTA_PHASE_2
	                                          : CSTA_PHASE_3;

	return type && csta_type_phases(type) >> phase & 1;
}

/* A verb that the adapter does not have is what a switch of its kind cannot do. */
static bool has_verb(const struct cti_adapter *a, enum cti_service service)
{
	switch (service) {
#define X(name, verb, element)                                                                     \
	case CTI_SERVICE_##name:                                                                   \
		return a->verb != NULL;
		CTI_SERVICES(X)
#undef X
	case CTI_SERVICE_OTHER:
		return a->request != NULL;
	case CTI_SERVICES_COUNT:
		break;
	}
	return false;
}

const char *path_lacks(const struct path *l)
{
	static char text[200];
	const struct cti_adapter *adapter = NULL;
	int code = adapter_find(&adapter, l->transport == FLOW_INPROC ? "simulator" : "csta", NULL);

	if (code)
		return cti_strerror(code);
	for (size_t i = 0; i < l->flow->header_count; i++) {
		const struct flow_header *h = &l->flow->headers[i];

		for (size_t k = 0; h->kind == FLOW_HEADER_NEEDS && k < h->count; k++) {
			char list[200], *save = NULL;

			snprintf(list, sizeof(list), "%s", h->words[k]);
			for (char *w = strtok_r(list, ",", &save); w;
			     w = strtok_r(NULL, ",", &save)) {
				int known = cti_service_parse(w);
				enum cti_service service =
				        known < 0 ? CTI_SERVICE_OTHER : (enum cti_service)known;

				if (has_verb(adapter, service) && has_service(l->transport, w))
					continue;
				snprintf(text, sizeof(text), "the switch cannot do %.100s", w);
				return text;
			}
		}
	}
	return NULL;
}

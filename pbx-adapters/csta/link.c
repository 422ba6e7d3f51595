/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection. What is written during one pass of the loop leaves with one write: bufferevent
 * collects it. The session is cleared away only when no call into it is under way, for every
 * callback of the host may come back with a new request.
 */
#include "pbx-adapters/csta/link.h"

#include "pbx-adapters/host/random.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/** A link that stood this long was no flapping one: the next attempt comes soon. */
#define STEADY_US UINT64_C(10000000)
/** Bad messages of one link that are logged one by one. */
#define COMPLAINTS_LOGGED 32
#define LINE_SIZE         512
#define NEVER             UINT64_MAX

static uint64_t now(const struct cti_adapter_instance *link)
{
	return link->host->now_us(link->host);
}

void link_state(struct cti_adapter_instance *link, enum cti_link_state state, const char *text)
{
	link->state = state;
	link->host->link(link->host, state, text);
}

/* ---- the session's wishes ---------------------------------------------------------------- */

static int session_octets(void *arg, const void *octets, size_t length)
{
	struct cti_adapter_instance *link = arg;
	struct evbuffer *out = bufferevent_get_output(link->bev);
	if (evbuffer_get_length(out) + length > link->options.out_limit) {
		link->host->log(link->host, CTI_LOG_ERROR,
		                "the switch does not read: %zu octets wait, max_output is %zu",
		                evbuffer_get_length(out), link->options.out_limit);
		return CTI_E_LIMIT;
	}
	return evbuffer_add(out, octets, length) ? CTI_E_NOMEM : CTI_OK;
}

static void session_is_up(void *arg)
{
	struct cti_adapter_instance *link = arg;
	link->up_at = now(link);
	link->complaints = 0;
	link->was_disabled = false;
	link_state(link, CTI_LINK_UP, NULL);
}

static void session_is_down(void *arg, const struct cti_error *why)
{
	struct cti_adapter_instance *link = arg;
	link->ended = true;
	segments_abandon(link, CTI_E_CLOSED, why->text);
	memcpy(link->why, why->text, sizeof link->why);
}

static void session_wire(void *arg, bool outgoing, const void *octets, size_t length,
                         const struct csta_message *message)
{
	struct cti_adapter_instance *link = arg;
	const struct cti_host *host = link->host;
	char line[LINE_SIZE];
	if (host->wire_wanted && !host->wire_wanted(host))
		return;
	csta_session_describe(link->session, message, length, line, sizeof line);
	host->wire(host, outgoing ? CTI_WIRE_OUT : CTI_WIRE_IN, octets, length, line);
}

/* Whoever sends nothing but nonsense does not fill the log: the first few, then each doubling. */
static void session_complaint(void *arg, const struct cti_error *what)
{
	struct cti_adapter_instance *link = arg;
	unsigned count = ++link->complaints;
	if (count > COMPLAINTS_LOGGED && count & (count - 1))
		return;
	link->host->log(link->host, CTI_LOG_WARN, "%s%s", what->text,
	                count >= COMPLAINTS_LOGGED ? " (from now on not every one is logged)" : "");
}

static const struct csta_session_ops session_ops = {
        .send = session_octets,
        .up = session_is_up,
        .down = session_is_down,
        .message = message_received,
        .answer = request_answered,
        .wire = session_wire,
        .complaint = session_complaint,
        .status = status_received,
};

/* ---- coming and going -------------------------------------------------------------------- */

/* Twice as long each time, the second half of it by chance: many links do not come at once. */
static uint64_t backoff(struct cti_adapter_instance *link)
{
	uint64_t wait = link->options.backoff_min_us;
	for (unsigned i = 0; i < link->attempts && wait < link->options.backoff_max_us; i++)
		wait *= 2;
	if (wait > link->options.backoff_max_us)
		wait = link->options.backoff_max_us;
	link->attempts++;
	return wait / 2 + random_next(&link->random) % (wait / 2 + 1);
}

static void transport_free(struct cti_adapter_instance *link)
{
	struct cti_host const *host = link->host;
	host->timer_clear(link->connect);
	host->timer_clear(link->collect);
	host->timer_clear(link->tick);
	link->tick_at = NEVER;
	if (link->bev)
		bufferevent_free(link->bev);
	link->bev = NULL;
	csta_session_destroy(&link->session);
	link->ended = false;
}

/* It is over: clear away, tell, try again later. */
static void link_failed(struct cti_adapter_instance *link, const char *why)
{
	bool steady = link->state == CTI_LINK_UP && now(link) - link->up_at >= STEADY_US;
	char text[CTI_ERROR_TEXT];
	transport_free(link);
	if (steady)
		link->attempts = 0;
	if (!link->running) {
		link_state(link, CTI_LINK_DOWN, why);
		return;
	}
	uint64_t wait = backoff(link);
	struct cti_error sentence;
	cti_error_set(&sentence, CTI_E_CLOSED, "%s; next attempt in %llu ms", why,
	              (unsigned long long)wait / 1000);
	memcpy(text, sentence.text, sizeof text);
	link->host->timer_set(link->retry, wait);
	link_state(link, CTI_LINK_DOWN, text);
}

void link_enter(struct cti_adapter_instance *link)
{
	link->depth++;
}

/* The timer fires early rather than being set anew for every message. */
static void tick_arm(struct cti_adapter_instance *link)
{
	uint64_t at = csta_session_deadline(link->session);
	if (at >= link->tick_at)
		return;
	uint64_t time = now(link);
	link->tick_at = at;
	link->host->timer_set(link->tick, at > time ? at - time : 0);
}

void link_leave(struct cti_adapter_instance *link)
{
	if (--link->depth || !link->session)
		return;
	if (link->ended) {
		char why[CTI_ERROR_TEXT];
		memcpy(why, link->why, sizeof why);
		link_failed(link, why);
	} else {
		tick_arm(link);
	}
}

static void tick(void *arg)
{
	struct cti_adapter_instance *link = arg;
	link->tick_at = NEVER;
	if (!link->session)
		return;
	link_enter(link);
	csta_session_tick(link->session, now(link));
	link_leave(link);
}

static void connect_late(void *arg)
{
	struct cti_adapter_instance *link = arg;
	struct cti_error error;
	cti_error_set(&error, CTI_E_TIMEOUT, "%s:%d: no connection in %llu ms", link->options.host,
	              link->options.port, (unsigned long long)link->options.connect_us / 1000);
	link_failed(link, error.text);
}

/* ---- bufferevent ------------------------------------------------------------------------- */

/*
 * libevent 2.1 reads 4 KiB at a time whatever it is told, and a pass of the loop for five events
 * wakes every door for five events. So what waits on a bare socket is taken here. Its end and its
 * failures stay libevent's: it is read only as long as it has something.
 */
static void rest_read(struct cti_adapter_instance *link)
{
	evutil_socket_t socket = bufferevent_getfd(link->bev);
	int waiting;
	if (link->options.tls || ioctl(socket, FIONREAD, &waiting) || waiting <= 0)
		return;
	ssize_t length = recv(socket, link->input, sizeof link->input, MSG_DONTWAIT);
	if (length > 0)
		csta_session_input(link->session, link->input, (size_t)length, now(link));
}

static void readable(struct bufferevent *bev, void *arg)
{
	struct cti_adapter_instance *link = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	struct evbuffer_iovec chunk;
	if (!link->session)
		return;
	link_enter(link);
	while (!link->ended && evbuffer_peek(in, -1, NULL, &chunk, 1) > 0) {
		csta_session_input(link->session, chunk.iov_base, chunk.iov_len, now(link));
		evbuffer_drain(in, chunk.iov_len);
	}
	if (!link->ended)
		rest_read(link);
	link_leave(link);
}

static void nodelay_set(struct cti_adapter_instance *link)
{
	int on = 1;
	evutil_socket_t socket = bufferevent_getfd(link->bev);
	if (link->options.nodelay && socket >= 0 &&
	    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on))
		link->host->log(link->host, CTI_LOG_WARN, "TCP_NODELAY: %s", strerror(errno));
}

static void connected(struct cti_adapter_instance *link)
{
	struct cti_error error = {0};
	link->host->timer_clear(link->connect);
	nodelay_set(link);
	if (csta_session_create(&link->session, &link->config, &session_ops, link, now(link),
	                        &error)) {
		link_failed(link, error.text);
		return;
	}
	link->host->log(link->host, CTI_LOG_INFO, "connected to %s:%d%s", link->options.host,
	                link->options.port, link->options.tls ? " with TLS" : "");
	link_enter(link);
	csta_session_start(link->session, now(link));
	link_leave(link);
}

/* The sentence behind a BEV_EVENT_ERROR: TLS first, then the resolver, then the socket. */
static const char *failure(struct cti_adapter_instance *link)
{
	SSL *ssl = link->options.tls ? bufferevent_openssl_get_ssl(link->bev) : NULL;
	long verified = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
	if (verified != X509_V_OK)
		return X509_verify_cert_error_string(verified);
	unsigned long tls = bufferevent_get_openssl_error(link->bev);
	const char *reason = tls ? ERR_reason_error_string(tls) : NULL;
	if (reason)
		return reason;
	int dns = bufferevent_socket_get_dns_error(link->bev);
	if (dns)
		return evutil_gai_strerror(dns);
	return evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR());
}

static void happened(struct bufferevent *bev, short what, void *arg)
{
	struct cti_adapter_instance *link = arg;
	struct cti_error error;
	(void)bev;
	if (what & BEV_EVENT_CONNECTED) {
		connected(link);
		return;
	}
	const char *why = what & BEV_EVENT_EOF ? "the switch closed the connection" : failure(link);
	if (link->session) {
		link_enter(link);
		csta_session_lost(link->session, why, now(link));
		link_leave(link);
		return;
	}
	cti_error_set(&error, CTI_E_IO, "%s:%d: %s%s", link->options.host, link->options.port,
	              link->options.tls ? "TLS or connection: " : "", why);
	link_failed(link, error.text);
}

static SSL *ssl_create(struct cti_adapter_instance *link)
{
	const char *name = link->options.tls_name ? link->options.tls_name : link->options.host;
	SSL *ssl = SSL_new(link->tls);
	if (!ssl)
		return NULL;
	X509_VERIFY_PARAM *verify = SSL_get0_param(ssl);
	bool right = X509_VERIFY_PARAM_set1_ip_asc(verify, name) == 1 ||
	             (X509_VERIFY_PARAM_set1_host(verify, name, 0) == 1 &&
	              SSL_set_tlsext_host_name(ssl, name) == 1);
	if (!right) {
		SSL_free(ssl);
		return NULL;
	}
	ERR_clear_error(); /* a name is no address: that is no error */
	return ssl;
}

static struct bufferevent *bev_create(struct cti_adapter_instance *link)
{
	struct event_base *loop = link->host->loop;
	if (!link->options.tls)
		return bufferevent_socket_new(loop, -1, BEV_OPT_CLOSE_ON_FREE);
	SSL *ssl = ssl_create(link);
	if (!ssl)
		return NULL;
	struct bufferevent *bev = bufferevent_openssl_socket_new(
	        loop, -1, ssl, BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
	if (!bev)
		SSL_free(ssl);
	else
		bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}

void link_connect(struct cti_adapter_instance *link)
{
	const struct link_options *options = &link->options;
	link_state(link, CTI_LINK_CONNECTING, NULL);
	link->bev = bev_create(link);
	if (!link->bev) {
		link_failed(link, "no memory for a connection");
		return;
	}
	bufferevent_setcb(link->bev, readable, NULL, happened, link);
	bufferevent_set_max_single_read(link->bev, sizeof link->input);
	link->host->timer_set(link->connect, options->connect_us);
	struct bufferevent *bev = link->bev;
	int failed = bufferevent_socket_connect_hostname(bev, link->dns, AF_UNSPEC, options->host,
	                                                 options->port);
	/* It may have failed on the spot, told so, and be gone already. */
	if (link->bev != bev)
		return;
	if (failed || bufferevent_enable(bev, EV_READ | EV_WRITE)) {
		struct cti_error error;
		cti_error_set(&error, CTI_E_IO, "%s:%d: %s", options->host, options->port,
		              evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
		link_failed(link, error.text);
	}
}

static void collect_late(void *arg)
{
	segments_abandon(arg, CTI_E_TIMEOUT, "the rest of a snapshot did not come");
}

static void retry(void *arg)
{
	link_connect(arg);
}

void link_close(struct cti_adapter_instance *link, const char *why)
{
	link->running = false;
	link->host->timer_clear(link->retry);
	if (link->session) {
		link_enter(link);
		csta_session_stop(link->session, now(link));
		/* The farewell leaves if the socket takes it at once; nobody waits for the answer.
		 */
		if (!link->options.tls)
			evbuffer_write(bufferevent_get_output(link->bev),
			               bufferevent_getfd(link->bev));
		csta_session_lost(link->session, why, now(link));
		link_leave(link);
	} else if (link->bev || link->state != CTI_LINK_DOWN) {
		link_failed(link, why);
	}
}

/* ---- life -------------------------------------------------------------------------------- */

static int tls_failed(const char *what, const char *file, struct cti_error *error)
{
	const char *reason = ERR_reason_error_string(ERR_get_error());
	ERR_clear_error();
	return cti_error_set(error, CTI_E_CONFIG, "%s %s: %s", what, file ? file : "",
	                     reason ? reason : "failed");
}

static int tls_create(struct cti_adapter_instance *link, struct cti_error *error)
{
	const struct link_options *options = &link->options;
	link->tls = SSL_CTX_new(TLS_client_method());
	if (!link->tls)
		return tls_failed("TLS", NULL, error);
	SSL_CTX_set_min_proto_version(link->tls, TLS1_2_VERSION);
	SSL_CTX_set_verify(link->tls, SSL_VERIFY_PEER, NULL);
	if (options->tls_ca ? !SSL_CTX_load_verify_locations(link->tls, options->tls_ca, NULL)
	                    : !SSL_CTX_set_default_verify_paths(link->tls))
		return tls_failed("tls_ca", options->tls_ca, error);
	if (options->tls_cert &&
	    SSL_CTX_use_certificate_chain_file(link->tls, options->tls_cert) != 1)
		return tls_failed("tls_cert", options->tls_cert, error);
	if (options->tls_key &&
	    SSL_CTX_use_PrivateKey_file(link->tls, options->tls_key, SSL_FILETYPE_PEM) != 1)
		return tls_failed("tls_key", options->tls_key, error);
	return CTI_OK;
}

int link_create(struct cti_adapter_instance *link, struct cti_error *error)
{
	const struct cti_host *host = link->host;
	link->random = host->seed;
	link->tick_at = NEVER;
	link->retry = host->timer_create(host, "csta reconnect", retry, link);
	link->connect = host->timer_create(host, "csta connect", connect_late, link);
	link->collect = host->timer_create(host, "csta segments", collect_late, link);
	link->tick = host->timer_create(host, "csta session", tick, link);
	/* Names are resolved without blocking the loop, which getaddrinfo() would. */
	link->dns = evdns_base_new(host->loop, EVDNS_BASE_DISABLE_WHEN_INACTIVE |
	                                               EVDNS_BASE_INITIALIZE_NAMESERVERS);
	if (!link->dns) { /* no resolv.conf: addresses and /etc/hosts still work */
		link->dns = evdns_base_new(host->loop, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
		if (link->dns)
			evdns_base_load_hosts(link->dns, "/etc/hosts");
	}
	if (!link->retry || !link->connect || !link->collect || !link->tick || !link->dns)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	return link->options.tls ? tls_create(link, error) : CTI_OK;
}

void link_destroy(struct cti_adapter_instance *link)
{
	const struct cti_host *host = link->host;
	if (link->bev)
		bufferevent_free(link->bev);
	csta_session_destroy(&link->session);
	host->timer_destroy(&link->retry);
	host->timer_destroy(&link->connect);
	host->timer_destroy(&link->collect);
	host->timer_destroy(&link->tick);
	if (link->dns)
		evdns_base_free(link->dns, 0);
	SSL_CTX_free(link->tls);
}

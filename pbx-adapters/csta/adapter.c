/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/frame.h"
#include "csta/private.h"
#include "pbx-adapters/csta/link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct cti_option options[] = {
        {.name = "host", .type = CTI_OPTION_STRING, .help = "name or address of the switch"},
        {.name = "port", .type = CTI_OPTION_INT, .min = 1, .max = 65535, .help = "its TCP port"},
        {.name = "tls", .type = CTI_OPTION_BOOL, .fallback = "false", .help = "speak TLS"},
        {.name = "tls_ca",
         .type = CTI_OPTION_STRING,
         .optional = true,
         .help = "file of the certificates that are trusted; the system's if absent"},
        {.name = "tls_cert",
         .type = CTI_OPTION_STRING,
         .optional = true,
         .help = "file of our certificate, where the switch wants one"},
        {.name = "tls_key",
         .type = CTI_OPTION_STRING,
         .optional = true,
         .help = "file of the private key to tls_cert"},
        {.name = "tls_name",
         .type = CTI_OPTION_STRING,
         .optional = true,
         .help = "name expected in the switch's certificate; host if absent"},
        {.name = "encoding",
         .type = CTI_OPTION_ENUM,
         .fallback = "xml",
         .words = "xml ber",
         .help = "xml: ECMA-323; ber: ECMA-285"},
        {.name = "framing",
         .type = CTI_OPTION_ENUM,
         .optional = true,
         .words = "xml bare len16 hipath26 tpkt",
         .help = "how messages are cut; xml with xml, len16 with ber if absent"},
        {.name = "association",
         .type = CTI_OPTION_ENUM,
         .optional = true,
         .words = "none acse session system",
         .help = "what comes first: acse (ber), session (ECMA-354, xml), system (the switch's "
                 "SystemStatus, then SystemRegister: OpenScape Voice); session with xml, acse with "
                 "ber if absent"},
        {.name = "bp_handshake",
         .type = CTI_OPTION_BOOL,
         .fallback = "false",
         .help = "send B and expect P before anything else (Alcatel)"},
        {.name = "phase",
         .type = CTI_OPTION_ENUM,
         .fallback = "auto",
         .words = "auto 1 2 3",
         .help = "ber: phase of CSTA to ask for: 1 (ECMA-180), 2 (ECMA-218; the switch may answer "
                 "with 1), 3 (ECMA-285); auto: 3, or what the switch answers"},
        {.name = "edition",
         .type = CTI_OPTION_INT,
         .fallback = "4",
         .min = 2,
         .max = 6,
         .help = "edition of ECMA-323 to ask for and to send"},
        {.name = "application",
         .type = CTI_OPTION_STRING,
         .fallback = "cti-server",
         .help = "application id of the session"},
        {.name = "user",
         .type = CTI_OPTION_STRING,
         .optional = true,
         .help = "name to log in with"},
        {.name = "password",
         .type = CTI_OPTION_SECRET,
         .optional = true,
         .help = "password of user"},
        {.name = "login",
         .type = CTI_OPTION_ENUM,
         .fallback = "plain",
         .words = "plain avaya",
         .help = "how user and password stand in StartApplicationSession"},
        {.name = "session_duration",
         .type = CTI_OPTION_DURATION,
         .fallback = "180s",
         .help = "duration of the session to ask for, renewed at half; 0: untimed"},
        {.name = "connect_timeout",
         .type = CTI_OPTION_DURATION,
         .fallback = "5s",
         .min = 1,
         .max = 600000,
         .help = "a connection, TLS included, must stand within"},
        {.name = "request_timeout",
         .type = CTI_OPTION_DURATION,
         .fallback = "10s",
         .min = 1,
         .max = 600000,
         .help = "the switch must answer within"},
        {.name = "heartbeat",
         .type = CTI_OPTION_DURATION,
         .fallback = "30s",
         .help = "SystemStatus after this much silence; 0: none"},
        {.name = "heartbeat_misses",
         .type = CTI_OPTION_INT,
         .fallback = "2",
         .min = 1,
         .max = 100,
         .help = "heartbeats unanswered before the link is given up"},
        {.name = "reconnect_min",
         .type = CTI_OPTION_DURATION,
         .fallback = "1s",
         .min = 1,
         .max = 3600000,
         .help = "wait before the second attempt to connect, doubled each time"},
        {.name = "reconnect_max",
         .type = CTI_OPTION_DURATION,
         .fallback = "60s",
         .min = 1,
         .max = 3600000,
         .help = "wait between attempts at most"},
        {.name = "max_requests",
         .type = CTI_OPTION_INT,
         .fallback = "256",
         .min = 1,
         .max = 4096,
         .help = "requests that are open at once"},
        {.name = "max_pdu",
         .type = CTI_OPTION_INT,
         .fallback = "65527",
         .min = 256,
         .max = 16777216,
         .help = "octets of one message"},
        {.name = "max_output",
         .type = CTI_OPTION_INT,
         .fallback = "4194304",
         .min = 65536,
         .max = 1073741824,
         .help = "octets that wait for a switch that does not read, before it is given up"},
        {.name = "nodelay",
         .type = CTI_OPTION_BOOL,
         .fallback = "true",
         .help = "send small messages at once (TCP_NODELAY)"},
        {.name = "private",
         .type = CTI_OPTION_STRING,
         .optional = true,
         .help = "file of names for private data, see vendors.conf"},
        {.name = "vendor",
         .type = CTI_OPTION_STRING,
         .optional = true,
         .help = "whose private data it is where it does not say: a vendor of that file"},
        {.name = NULL},
};

/* Strings of the options are the host's: copied where they outlive create(). */
static bool string_copy(const struct cti_options *from, const char *name, char **out)
{
	const char *text = cti_options_string(from, name);
	*out = text ? strdup(text) : NULL;
	return !text || *out;
}

static int word_index(const char *word, const char *const *words)
{
	int i = 0;
	while (words[i] && strcmp(words[i], word))
		i++;
	return i;
}

static uint64_t microseconds(const struct cti_options *from, const char *name)
{
	return (uint64_t)cti_options_int(from, name) * 1000;
}

static void session_options(struct csta_session_config *config, const struct cti_options *from)
{
	static const char *const associations[] = {"none", "acse", "session", "system", NULL};
	static const char *const phases[] = {"auto", "1", "2", "3", NULL};
	const char *framing = cti_options_string(from, "framing");
	const char *association = cti_options_string(from, "association");
	bool xml = !strcmp(cti_options_string(from, "encoding"), "xml");

	config->role = CSTA_COMPUTING;
	config->encoding = xml ? CSTA_XML : CSTA_BER;
	config->framing = framing ? (enum csta_framing)csta_framing_parse(framing)
	                  : xml   ? CSTA_FRAME_XML
	                          : CSTA_FRAME_LEN16;
	config->association = association
	                              ? (enum csta_association)word_index(association, associations)
	                      : xml ? CSTA_ASSOCIATE_SESSION
	                            : CSTA_ASSOCIATE_ACSE;
	config->bp_handshake = cti_options_int(from, "bp_handshake");
	config->phase = (enum csta_phase)word_index(cti_options_string(from, "phase"), phases);
	config->edition = (enum csta_edition)cti_options_int(from, "edition");
	config->login = strcmp(cti_options_string(from, "login"), "avaya") ? CSTA_LOGIN_PLAIN
	                                                                   : CSTA_LOGIN_AVAYA;
	config->session_s = (unsigned)(cti_options_int(from, "session_duration") / 1000);
	config->request_us = microseconds(from, "request_timeout");
	config->heartbeat_us = microseconds(from, "heartbeat");
	config->heartbeat_misses = (unsigned)cti_options_int(from, "heartbeat_misses");
	config->pending = (unsigned)cti_options_int(from, "max_requests");
	config->limits.pdu = (size_t)cti_options_int(from, "max_pdu");
}

static void link_options(struct link_options *own, const struct cti_options *from)
{
	own->port = (int)cti_options_int(from, "port");
	own->tls = cti_options_int(from, "tls");
	own->nodelay = cti_options_int(from, "nodelay");
	own->connect_us = microseconds(from, "connect_timeout");
	own->backoff_min_us = microseconds(from, "reconnect_min");
	own->backoff_max_us = microseconds(from, "reconnect_max");
	own->out_limit = (size_t)cti_options_int(from, "max_output");
}

/* The table of private data: a text for csta/private.h. */
static int names_read(struct cti_adapter_instance *link, const char *name, struct cti_error *error)
{
	FILE *file = fopen(name, "rb");
	char *text = malloc(CSTA_PRIVATE_TEXT_MAX + 1);
	size_t length = file && text ? fread(text, 1, CSTA_PRIVATE_TEXT_MAX + 1, file) : 0;
	int code = CTI_OK;
	if (!text)
		code = cti_error_set(error, CTI_E_NOMEM, "out of memory");
	else if (!file || ferror(file))
		code = cti_error_set(error, CTI_E_CONFIG, "private = \"%s\": %s", name,
		                     strerror(errno));
	if (!code)
		code = csta_private_create(&link->names, error);
	if (!code)
		code = csta_private_read(link->names, text, length, name, error);
	if (file)
		fclose(file);
	free(text);
	return code;
}

static int names_options(struct cti_adapter_instance *link, const struct cti_options *from,
                         struct cti_error *error)
{
	const char *name = cti_options_string(from, "private");
	if (link->config.vendor && !name)
		return cti_error_set(error, CTI_E_CONFIG, "vendor without private");
	if (!name)
		return CTI_OK;
	int code = names_read(link, name, error);
	link->config.names = link->names;
	return code;
}

static bool strings_copy(struct cti_adapter_instance *link, const struct cti_options *from)
{
	struct link_options *own = &link->options;
	char *application = NULL, *user = NULL, *password = NULL, *vendor = NULL;
	bool copied = string_copy(from, "host", &own->host) &&
	              string_copy(from, "tls_ca", &own->tls_ca) &&
	              string_copy(from, "tls_cert", &own->tls_cert) &&
	              string_copy(from, "tls_key", &own->tls_key) &&
	              string_copy(from, "tls_name", &own->tls_name) &&
	              string_copy(from, "application", &application) &&
	              string_copy(from, "user", &user) &&
	              string_copy(from, "password", &password) &&
	              string_copy(from, "vendor", &vendor);
	link->config.application_id = application;
	link->config.user = user;
	link->config.password = password;
	link->config.vendor = vendor;
	return copied;
}

/* Things that contradict each other are found before the first connection. */
static int check(const struct cti_adapter_instance *link, struct cti_error *error)
{
	struct csta_session *session = NULL;
	static const struct csta_session_ops none;
	int code = csta_session_create(&session, &link->config, &none, NULL, 0, error);
	csta_session_destroy(&session);
	if (code)
		return code;
	if (link->options.tls_key && !link->options.tls_cert)
		return cti_error_set(error, CTI_E_CONFIG, "tls_key without tls_cert");
	if (!link->options.tls && (link->options.tls_cert || link->options.tls_ca))
		return cti_error_set(error, CTI_E_CONFIG, "tls_ca or tls_cert without tls = true");
	if (link->options.backoff_max_us < link->options.backoff_min_us)
		return cti_error_set(error, CTI_E_CONFIG,
		                     "reconnect_max is shorter than reconnect_min");
	return CTI_OK;
}

static void secret_free(const char *secret)
{
	char *text = (char *)(uintptr_t)secret;
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

static void destroy(struct cti_adapter_instance **at)
{
	struct cti_adapter_instance *link = *at;
	if (!link)
		return;
	*at = NULL;
	link_destroy(link);
	link_requests_destroy(link);
	free(link->options.host);
	free(link->options.tls_ca);
	free(link->options.tls_cert);
	free(link->options.tls_key);
	free(link->options.tls_name);
	free((char *)(uintptr_t)link->config.application_id);
	free((char *)(uintptr_t)link->config.vendor);
	csta_private_destroy(&link->names);
	secret_free(link->config.user);
	secret_free(link->config.password);
	free(link);
}

static int create(struct cti_adapter_instance **out, const struct cti_host *host,
                  const struct cti_options *from, struct cti_error *error)
{
	int code = csta_init(error);
	if (code)
		return code;
	struct cti_adapter_instance *link = calloc(1, sizeof *link);
	if (!link)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	link->host = host;
	session_options(&link->config, from);
	link_options(&link->options, from);
	code = strings_copy(link, from) ? CTI_OK
	                                : cti_error_set(error, CTI_E_NOMEM, "out of memory");
	if (!code)
		code = names_options(link, from, error);
	if (!code)
		code = check(link, error);
	if (!code)
		code = link_requests_create(link, error);
	if (!code)
		code = link_create(link, error);
	if (code)
		destroy(&link);
	else
		*out = link;
	return code;
}

static int start(struct cti_adapter_instance *link, struct cti_error *error)
{
	(void)error; /* what goes wrong from now on is told by host->link() */
	if (link->running)
		return CTI_OK;
	link->running = true;
	link->attempts = 0;
	link_connect(link);
	return CTI_OK;
}

static void stop(struct cti_adapter_instance *link)
{
	link_close(link, "stopped");
}

const struct cti_adapter cti_adapter_csta;
const struct cti_adapter cti_adapter_csta = {
        CTI_ADAPTER_HEAD,
        .name = "csta",
        .summary = "a switch that speaks CSTA Phase III over TCP or TLS, in XML or BER",
        .options = options,
        .create = create,
        .start = start,
        .stop = stop,
        .destroy = destroy,
#define X(name, verb, element) .verb = request_start,
        CTI_SERVICES(X)
#undef X
                .request = request_pass,
};

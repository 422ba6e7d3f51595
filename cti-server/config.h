/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file config.h
 * The configuration file (libconfig). Every setting stands in a table with type, range, default
 * and help: the checker, the manual (`cti-server --print-config-manual`) and the doors read the
 * same row. An error names file, line, setting and the nearest known name.
 *
 * A configuration is read whole and then never changes; a reload reads another one.
 */
#ifndef SERVER_CONFIG_H
#define SERVER_CONFIG_H

#include "cti-server/pbx.h"
#include "pbx-adapters/host/log.h"
#include "pbx-adapters/host/options.h"

/** Bit of AttachData in a set of services; the others are 1 << enum cti_service. */
#define CONFIG_ATTACH_DATA ((uint64_t)1 << CTI_SERVICES_COUNT)
_Static_assert(CTI_SERVICE_OTHER == CTI_SERVICES_COUNT + 1, "AttachData has a bit of its own");

/** What a role may do. "own": with the devices, agents and queues that its user lists. */
struct config_role {
	const char *name;
	uint64_t services;
	bool control_all; /**< services on every device, not only on own ones */
	bool events_all;  /**< events of every subject, not only of own ones */
};

/** Words in order, ends with NULL. */
typedef const char *const *config_words;

struct config_user {
	const char *name;
	const char *password; /**< "$7$..." or plain; NULL: cannot log on by password */
	const char *curve;    /**< public key, Z85; NULL: none */
	const struct config_role *role;
	config_words devices;  /**< ranges: "2001", "2001-2010", "*" */
	config_words agents;   /**< ids or ranges */
	config_words switches; /**< names; empty: every switch */
	struct cti_options *options;
};

struct config_switch {
	struct pbx_config pbx;
	struct cti_options *options, *monitors, *dialplan, *adapter;
	const char *where; /**< "file:line", for messages */
};

struct config {
	struct cti_options *server, *log, *zmq;
	struct cti_options *mqtt; /**< NULL: no broker */
	struct config_switch *switches;
	size_t switch_count;
	struct config_user *users; /**< none: whoever reaches a door is an administrator */
	size_t user_count;
	struct config_role *roles; /**< built in and configured */
	size_t role_count;
	struct log_options log_options;
	config_t file;
	char **owned; /* what the words point into */
	size_t owned_count;
};

/** Read and check a file, or @p text under the name "(built in)". On failure *out is untouched. */
int config_load(struct config **out, const char *file, struct cti_error *);
int config_load_text(struct config **out, const char *text, struct cti_error *);
/** The configuration of `cti-server --demo`. */
extern const char config_demo[];
/** Sets NULL, takes NULL. (config_destroy is libconfig's.) */
void config_unload(struct config **);

/** A role by name, NULL if there is none. */
const struct config_role *config_role(const struct config *, const char *name);
/** A switch by name, NULL if there is none. */
const struct config_switch *config_switch_find(const struct config *, const char *name);
/** True if @p number is one of @p ranges: equal, "*", or within "a-b" of the same length. */
bool config_in_ranges(config_words ranges, const char *number);
/** True if only this machine reaches the endpoint ("tcp://127.0.0.1:*", "ipc:///run/x"). */
bool config_endpoint_is_local(const char *endpoint);

/** Every setting with its type, range, default and meaning, as text. */
void config_print_manual(void *stdio_file);
/** The access list of a mosquitto broker for these users (`acl_file` of mosquitto.conf). */
void config_print_acl(const struct config *, void *stdio_file);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/config.h"

#include "cti-server/adapters.h"
#include "cti-server/config_tables.h"
#include "pbx-adapters/host/range.h"
#include "sdk/wire.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zmq.h>

#define NAME_MAX_OCTETS 64
#define CURVE_KEY       40
#define SWITCHES_MAX    256
#define USERS_MAX       100000
#define ROLES_MAX       1000

/** Keep @p block until the configuration goes. NULL: no memory, @p block is freed. */
static void *config_own(struct config *config, void *block)
{
	char **owned = realloc(config->owned, (config->owned_count + 1) * sizeof *owned);
	if (!owned || !block) {
		config->owned = owned ? owned : config->owned;
		free(block);
		return NULL;
	}
	config->owned = owned;
	owned[config->owned_count++] = block;
	return block;
}

/** The items of a LIST as words that end with NULL. NULL: no memory. */
static config_words config_list(struct config *config, const struct cti_options *options,
                                const char *name)
{
	size_t count = cti_options_count(options, name);
	const char **words = config_own(config, calloc(count + 1, sizeof *words));
	for (size_t i = 0; words && i < count; i++)
		words[i] = cti_options_item(options, name, i);
	return words;
}

static int no_memory(struct cti_error *error)
{
	return cti_error_set(error, CTI_E_NOMEM, "configuration: out of memory");
}

/** A word that may stand in a topic level and in a list of access rights. */
static bool word_is_plain(const char *word)
{
	for (const char *at = word; *at; at++)
		if (!isalnum((unsigned char)*at) && *at != '-' && *at != '_')
			return false;
	return *word && strlen(word) <= NAME_MAX_OCTETS;
}

static bool name_is_printable(const char *name)
{
	for (const unsigned char *at = (const unsigned char *)name; *at; at++)
		if (*at <= ' ' || *at == 0x7F)
			return false;
	return *name && strlen(name) <= NAME_MAX_OCTETS;
}

bool config_in_ranges(config_words ranges, const char *number)
{
	for (; *ranges; ranges++)
		if (!strcmp(*ranges, "*") || range_has(*ranges, number))
			return true;
	return false;
}

static int ranges_check(const config_setting_t *at, const char *name, config_words ranges,
                        struct cti_error *error)
{
	struct cti_error why;
	for (; *ranges; ranges++)
		if (range_count(*ranges, &why) < 0)
			return cti_error_set(error, CTI_E_CONFIG, "%s: '%s': %s", options_where(at),
			                     name, why.text);
	return 0;
}

bool config_endpoint_is_local(const char *endpoint)
{
	static const char *const local[] = {"ipc://", "inproc://",
	                                    "tcp://localhost:", "tcp://[::1]:"};
	for (size_t i = 0; i < sizeof local / sizeof *local; i++)
		if (!strncmp(endpoint, local[i], strlen(local[i])))
			return true;
	unsigned a, b, c, d;
	char colon;
	return sscanf(endpoint, "tcp://%3u.%3u.%3u.%3u%c", &a, &b, &c, &d, &colon) == 5 &&
	       a == 127 && colon == ':';
}

static bool host_is_local(const char *host)
{
	return !strcmp(host, "localhost") || !strcmp(host, "::1") || !strncmp(host, "127.", 4);
}

const struct config_role *config_role(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->role_count; i++)
		if (!strcmp(config->roles[i].name, name))
			return &config->roles[i];
	return NULL;
}

const struct config_switch *config_switch_find(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->switch_count; i++)
		if (!strcmp(config->switches[i].pbx.name, name))
			return &config->switches[i];
	return NULL;
}

/* ---- sections ---------------------------------------------------------------------------- */

/** A list of groups: checks its shape, allocates @p count zeroed items of @p size. */
static int list_open(void **out, size_t *count, const config_setting_t *list, const char *name,
                     size_t size, size_t most, struct cti_error *error)
{
	*count = 0;
	if (!list)
		return 0;
	if (!config_setting_is_list(list))
		return cti_error_set(error, CTI_E_CONFIG,
		                     "%s: '%s' must be a list: ( { ... }, { ... } )",
		                     options_where(list), name);
	size_t length = (size_t)config_setting_length(list);
	if (length > most)
		return cti_error_set(error, CTI_E_CONFIG,
		                     "%s: '%s' has %zu entries, at most %zu are taken",
		                     options_where(list), name, length, most);
	*out = calloc(length ? length : 1, size);
	if (!*out)
		return no_memory(error);
	*count = length;
	return 0;
}

static int role_read(struct config *config, struct config_role *role, config_setting_t *group,
                     struct cti_error *error)
{
	struct cti_options *options = NULL;
	const char *names[CTI_SERVICE_OTHER + 3] = {NULL};
	int code = options_read(&options, group, config_role_table, NULL, error);
	if (code)
		return code;
	for (int i = 0; i < CTI_SERVICES_COUNT; i++)
		names[i] = cti_service_name((enum cti_service)i);
	names[CTI_SERVICES_COUNT] = "AttachData";
	names[CTI_SERVICE_OTHER] = "others";
	names[CTI_SERVICE_OTHER + 1] = "all";

	role->control_all = !strcmp(cti_options_string(options, "control"), "all");
	role->events_all = !strcmp(cti_options_string(options, "events"), "all");
	const char *name = cti_options_string(options, "name");
	if (config_role(config, name))
		code = cti_error_set(error, CTI_E_CONFIG, "%s: there is a role '%s' already",
		                     options_where(group), name);
	else if (!(role->name = config_own(config, strdup(name))))
		code = no_memory(error);
	for (size_t i = 0; !code && i < cti_options_count(options, "services"); i++) {
		const char *word = cti_options_item(options, "services", i);
		size_t at = 0;
		while (names[at] && strcmp(names[at], word))
			at++;
		if (!names[at]) {
			const char *near = options_nearest(word, names);
			code = cti_error_set(error, CTI_E_CONFIG, "%s: no service '%s'%s%s%s",
			                     options_where(group), word,
			                     near ? "; did you mean '" : "", near ? near : "",
			                     near ? "'?" : "");
		}
		role->services |= at == CTI_SERVICE_OTHER + 1 ? ~(uint64_t)0 : (uint64_t)1 << at;
	}
	options_destroy(&options);
	return code;
}

static int roles_read(struct config *config, config_setting_t *list, struct cti_error *error)
{
	size_t built_in = 0, count;
	void *none = NULL;
	while (config_built_in_roles[built_in].name)
		built_in++;
	int code = list_open(&none, &count, list, "roles", 1, ROLES_MAX, error);
	free(none);
	if (code)
		return code;
	config->roles = calloc(built_in + count, sizeof *config->roles);
	if (!config->roles)
		return no_memory(error);
	memcpy(config->roles, config_built_in_roles, built_in * sizeof *config->roles);
	config->role_count = built_in;
	for (size_t i = 0; i < count && !code; i++) {
		code = role_read(config, &config->roles[built_in + i],
		                 config_setting_get_elem(list, (unsigned)i), error);
		config->role_count += !code;
	}
	return code;
}

static int user_read(struct config *config, struct config_user *user, config_setting_t *group,
                     struct cti_error *error)
{
	int code = options_read(&user->options, group, config_user_table, NULL, error);
	if (code)
		return code;
	user->name = cti_options_string(user->options, "name");
	user->password = cti_options_string(user->options, "password");
	user->curve = cti_options_string(user->options, "curve");
	user->devices = config_list(config, user->options, "devices");
	user->agents = config_list(config, user->options, "agents");
	user->switches = config_list(config, user->options, "switches");
	if (!user->devices || !user->agents || !user->switches)
		return no_memory(error);
	if (!name_is_printable(user->name))
		return cti_error_set(error, CTI_E_CONFIG,
		                     "%s: a user's name has 1 to 64 octets and no spaces",
		                     options_where(group));
	for (const struct config_user *other = config->users; other < user; other++)
		if (!strcmp(other->name, user->name))
			return cti_error_set(error, CTI_E_CONFIG,
			                     "%s: there is a user '%s' already",
			                     options_where(group), user->name);
	const char *role = cti_options_string(user->options, "role");
	user->role = config_role(config, role);
	if (!user->role)
		return cti_error_set(
		        error, CTI_E_CONFIG,
		        "%s: user '%s': no role '%s': agent, supervisor, admin, monitor or one "
		        "of 'roles'",
		        options_where(group), user->name, role);
	if (user->curve && strlen(user->curve) != CURVE_KEY)
		return cti_error_set(
		        error, CTI_E_CONFIG,
		        "%s: user '%s': 'curve' must be a public key of 40 characters Z85",
		        options_where(group), user->name);
	code = ranges_check(group, "devices", user->devices, error);
	if (!code)
		code = ranges_check(group, "agents", user->agents, error);
	return code;
}

static int users_read(struct config *config, config_setting_t *list, struct cti_error *error)
{
	void *users = NULL;
	size_t count;
	int code =
	        list_open(&users, &count, list, "users", sizeof *config->users, USERS_MAX, error);
	config->users = users;
	for (size_t i = 0; i < count && !code; i++) {
		config->user_count++;
		code = user_read(config, &config->users[i],
		                 config_setting_get_elem(list, (unsigned)i), error);
	}
	return code;
}

static void plain_passwords_warn(const struct config *config)
{
	const char *first = NULL;
	size_t count = 0;
	for (size_t i = 0; i < config->user_count; i++)
		if (config->users[i].password && strncmp(config->users[i].password, "$7$", 3)) {
			first = first ? first : config->users[i].name;
			count++;
		}
	if (count)
		log_warn("config",
		         "%zu password%s in plain text, first of user '%s': `cti-server "
		         "--hash-password` "
		         "makes one that may be read",
		         count, count == 1 ? " stands" : "s stand", first);
}

static void dialplan_fill(struct pbx_dialplan *plan, const struct cti_options *options)
{
	plan->country = cti_options_string(options, "country");
	plan->area = cti_options_string(options, "area");
	plan->outside = cti_options_string(options, "outside");
	plan->national = cti_options_string(options, "national");
	plan->international = cti_options_string(options, "international");
	plan->extension_digits = (unsigned)cti_options_int(options, "extension_digits");
}

/** Microseconds of a DURATION. */
static uint64_t duration_us(const struct cti_options *options, const char *name)
{
	return (uint64_t)cti_options_int(options, name) * 1000;
}

static int switch_name_check(const struct config *config, const struct config_switch *sw,
                             struct cti_error *error)
{
	if (!word_is_plain(sw->pbx.name) || !word_is_plain(sw->pbx.tenant))
		return cti_error_set(
		        error, CTI_E_CONFIG,
		        "%s: 'name' and 'tenant' of a switch have letters, digits, '-' and '_' "
		        "only",
		        sw->where);
	/* cti/v1/server/{id}/status is the server's own. */
	if (!strcmp(sw->pbx.tenant, "server"))
		return cti_error_set(
		        error, CTI_E_CONFIG,
		        "%s: a tenant cannot be called 'server': topics of servers begin so",
		        sw->where);
	for (const struct config_switch *other = config->switches; other < sw; other++)
		if (!strcmp(other->pbx.name, sw->pbx.name))
			return cti_error_set(error, CTI_E_CONFIG,
			                     "%s: there is a switch '%s' already", sw->where,
			                     sw->pbx.name);
	return 0;
}

static int switch_read(struct config *config, struct config_switch *sw, config_setting_t *group,
                       struct cti_error *error)
{
	struct pbx_config *pbx = &sw->pbx;
	int code = options_read(&sw->options, group, config_switch_table, NULL, error);
	if (!code)
		code = options_read(&sw->monitors, cti_options_group(sw->options, "monitors"),
		                    config_monitors_table, NULL, error);
	if (!code)
		code = options_read(&sw->dialplan, cti_options_group(sw->options, "dialplan"),
		                    config_dialplan_table, NULL, error);
	if (code)
		return code;
	sw->where = config_own(config, strdup(options_where(group)));
	pbx->monitors.ranges = config_list(config, sw->monitors, "ranges");
	if (!sw->where || !pbx->monitors.ranges)
		return no_memory(error);
	pbx->name = cti_options_string(sw->options, "name");
	pbx->tenant = cti_options_string(sw->options, "tenant");
	code = switch_name_check(config, sw, error);
	if (!code)
		code = ranges_check(group, "ranges", pbx->monitors.ranges, error);
	if (code)
		return code;

	struct cti_error why = {0};
	if (adapter_find(&pbx->adapter, cti_options_string(sw->options, "adapter"), &why))
		return cti_error_set(error, CTI_E_CONFIG, "%s: %s", sw->where, why.text);
	code = options_read(&sw->adapter, cti_options_group(sw->options, "options"),
	                    pbx->adapter->options, NULL, error);
	pbx->options = sw->adapter;
	pbx->monitors.on_demand = cti_options_int(sw->monitors, "on_demand");
	pbx->monitors.per_second = (unsigned)cti_options_int(sw->monitors, "per_second");
	pbx->monitors.retry_us = duration_us(sw->monitors, "retry");
	dialplan_fill(&pbx->dialplan, sw->dialplan);
	pbx->server = cti_options_string(config->server, "id");
	pbx->seed = (uint64_t)cti_options_int(config->server, "seed");
	pbx->audit_us = duration_us(sw->options, "audit");
	pbx->max_calls = (size_t)cti_options_int(sw->options, "max_calls");
	pbx->max_requests = (size_t)cti_options_int(sw->options, "max_requests");
	return code;
}

static int switches_read(struct config *config, config_setting_t *list, struct cti_error *error)
{
	void *switches = NULL;
	size_t count;
	int code = list_open(&switches, &count, list, "switches", sizeof *config->switches,
	                     SWITCHES_MAX, error);
	config->switches = switches;
	for (size_t i = 0; i < count && !code; i++) {
		config->switch_count++;
		code = switch_read(config, &config->switches[i],
		                   config_setting_get_elem(list, (unsigned)i), error);
	}
	return code;
}

/** What would open the server to other machines without a lock is refused (design, section 8). */
static int exposure_check(const struct config *config, struct cti_error *error)
{
	static const char *const doors[] = {"router", "pub"};
	for (size_t i = 0; i < 2; i++) {
		const char *endpoint = cti_options_string(config->zmq, doors[i]);
		if (!*endpoint || config_endpoint_is_local(endpoint))
			continue;
		if (!config->user_count)
			return cti_error_set(
			        error, CTI_E_CONFIG,
			        "zmq.%s = \"%s\" is open to other machines: that needs 'users'",
			        doors[i], endpoint);
		if (!cti_options_string(config->zmq, "curve_secret_file"))
			return cti_error_set(
			        error, CTI_E_CONFIG,
			        "zmq.%s = \"%s\" is open to other machines: that needs CURVE "
			        "('curve_secret_file')",
			        doors[i], endpoint);
	}
	if (!config->mqtt || host_is_local(cti_options_string(config->mqtt, "host")))
		return 0;
	if (!cti_options_int(config->mqtt, "tls"))
		return cti_error_set(
		        error, CTI_E_CONFIG,
		        "mqtt.host = \"%s\" is another machine: that needs 'tls = true'",
		        cti_options_string(config->mqtt, "host"));
	if (!config->user_count)
		return cti_error_set(error, CTI_E_CONFIG,
		                     "mqtt.host = \"%s\" is another machine: that needs 'users'",
		                     cti_options_string(config->mqtt, "host"));
	return 0;
}

static void log_options_fill(struct config *config)
{
	static const char *const levels[] = {"error", "warn", "info", "debug", "trace"};
	const char *level = cti_options_string(config->log, "level");
	unsigned at = 0;
	while (strcmp(levels[at], level))
		at++;
	config->log_options = (struct log_options){
	        .level = (enum cti_log_level)at,
	        .format = strcmp(cti_options_string(config->log, "format"), "json") ? LOG_TEXT
	                                                                            : LOG_JSON,
	        .wire = cti_options_int(config->log, "wire"),
	        .file = cti_options_string(config->log, "file"),
	};
}

static int sections_read(struct config *config, struct cti_error *error)
{
	config_setting_t *root = config_root_setting(&config->file);
	config_setting_t *mqtt = config_setting_get_member(root, "mqtt");
	struct cti_options *whole = NULL;
	int code = options_read(&whole, root, config_root_table, NULL, error);
	options_destroy(&whole);
	if (!code)
		code = options_read(&config->server, config_setting_get_member(root, "server"),
		                    config_server_table, NULL, error);
	if (!code)
		code = options_read(&config->log, config_setting_get_member(root, "log"),
		                    config_log_table, NULL, error);
	if (!code)
		code = options_read(&config->zmq, config_setting_get_member(root, "zmq"),
		                    config_zmq_table, NULL, error);
	if (!code && mqtt)
		code = options_read(&config->mqtt, mqtt, config_mqtt_table, NULL, error);
	if (!code && !word_is_plain(cti_options_string(config->server, "id")))
		code = cti_error_set(error, CTI_E_CONFIG,
		                     "server.id has 1 to 64 letters, digits, '-' and '_' only");
	if (!code)
		log_options_fill(config);
	if (!code)
		code = roles_read(config, config_setting_get_member(root, "roles"), error);
	if (!code)
		code = users_read(config, config_setting_get_member(root, "users"), error);
	if (!code)
		code = switches_read(config, config_setting_get_member(root, "switches"), error);
	if (!code)
		code = exposure_check(config, error);
	if (!code)
		plain_passwords_warn(config);
	return code;
}

/* ---- life -------------------------------------------------------------------------------- */

static int config_make(struct config **out, const char *file, const char *text,
                       struct cti_error *error)
{
	struct config *config = calloc(1, sizeof *config);
	if (!config)
		return no_memory(error);
	config_init(&config->file);
	int code = 0;
	if (file ? !config_read_file(&config->file, file)
	         : !config_read_string(&config->file, text)) {
		const char *where = config_error_file(&config->file);
		if (config_error_type(&config->file) == CONFIG_ERR_FILE_IO)
			code = cti_error_set(error, CTI_E_CONFIG, "%s: %s", file,
			                     errno ? strerror(errno) : "cannot be read");
		else
			code = cti_error_set(error, CTI_E_CONFIG, "%s:%d: %s",
			                     where  ? where
			                     : file ? file
			                            : "(built in)",
			                     config_error_line(&config->file),
			                     config_error_text(&config->file));
	}
	if (!code)
		code = sections_read(config, error);
	if (code)
		config_unload(&config);
	else
		*out = config;
	return code;
}

int config_load(struct config **out, const char *file, struct cti_error *error)
{
	struct stat status;
	errno = 0;
	if (!stat(file, &status) && S_ISDIR(status.st_mode))
		return cti_error_set(error, CTI_E_CONFIG, "%s: is a directory", file);
	errno = 0;
	int code = config_make(out, file, NULL, error);
	if (code)
		return code;
	for (size_t i = 0; i < (*out)->user_count; i++)
		if ((*out)->users[i].password && (status.st_mode & S_IROTH)) {
			log_warn("config",
			         "%s: holds passwords and everybody on this machine may read it",
			         file);
			break;
		}
	return 0;
}

int config_load_text(struct config **out, const char *text, struct cti_error *error)
{
	return config_make(out, NULL, text, error);
}

void config_unload(struct config **config)
{
	struct config *c = *config;
	if (!c)
		return;
	for (size_t i = 0; i < c->user_count; i++)
		options_destroy(&c->users[i].options);
	for (size_t i = 0; i < c->switch_count; i++) {
		options_destroy(&c->switches[i].options);
		options_destroy(&c->switches[i].monitors);
		options_destroy(&c->switches[i].dialplan);
		options_destroy(&c->switches[i].adapter);
	}
	options_destroy(&c->server);
	options_destroy(&c->log);
	options_destroy(&c->zmq);
	options_destroy(&c->mqtt);
	for (size_t i = 0; i < c->owned_count; i++)
		free(c->owned[i]);
	free(c->owned);
	free(c->users);
	free(c->switches);
	free(c->roles);
	config_destroy(&c->file);
	free(c);
	*config = NULL;
}

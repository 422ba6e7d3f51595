/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/rights.h"

#include "cti-server/involved.h"
#include "cti-server/password.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/map.h"
#include "sdk/wire.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGEST       32
#define SUBJECT_SIZE 256
/* Password checks that may cost a PBKDF2, a second, over all users. */
#define CHECKS_A_SECOND 20

struct known_user {
	struct map_node node;
	const struct config_user *user;
	bool proven; /* `proof` is of a password that was right */
	unsigned char proof[DIGEST];
};

struct rights {
	struct clock *clock;
	struct bus *bus;
	struct involved *involved; /* NULL while there are no users: nobody is limited to devices */
	struct known_user *known;
	size_t count;
	struct map by_name;
	unsigned char key[DIGEST]; /* of this process, for the proofs */
	uint64_t second;           /* in which `checks` were made */
	unsigned checks;
};

static const char *const nothing[] = {NULL};
static const struct config_role everything = {"admin", ~(uint64_t)0, true, true};
static const struct config_user anybody = {.name = "anybody",
                                           .role = &everything,
                                           .devices = nothing,
                                           .agents = nothing,
                                           .switches = nothing};

int rights_load(struct rights *rights, const struct config *config, struct cti_error *error)
{
	struct known_user *known = calloc(config->user_count + 1, sizeof *known);
	struct map by_name = {0};
	if (!known)
		return cti_error_set(error, CTI_E_NOMEM, "rights: out of memory");
	if (config->user_count && !rights->involved) {
		int code = involved_create(&rights->involved, rights->bus, error);
		if (code) {
			free(known);
			return code;
		}
	}
	for (size_t i = 0; i < config->user_count; i++) {
		const char *name = config->users[i].name;
		known[i].user = &config->users[i];
		if (map_insert_text(&by_name, &known[i].node, name)) {
			map_free(&by_name);
			free(known);
			return cti_error_set(error, CTI_E_NOMEM, "rights: out of memory");
		}
	}
	map_free(&rights->by_name);
	free(rights->known);
	rights->known = known;
	rights->count = config->user_count;
	rights->by_name = by_name;
	return 0;
}

int rights_create(struct rights **out, struct clock *clock, struct bus *bus,
                  const struct config *config, struct cti_error *error)
{
	struct rights *rights = calloc(1, sizeof *rights);
	if (!rights)
		return cti_error_set(error, CTI_E_NOMEM, "rights: out of memory");
	rights->clock = clock;
	int code = RAND_bytes(rights->key, DIGEST) == 1 ? 0 : CTI_E_INTERNAL;
	if (code)
		cti_error_set(error, code, "rights: the system gives no randomness");
	rights->bus = bus;
	if (!code)
		code = rights_load(rights, config, error);
	if (code)
		rights_destroy(&rights);
	else
		*out = rights;
	return code;
}

void rights_destroy(struct rights **rights)
{
	if (!*rights)
		return;
	involved_destroy(&(*rights)->involved);
	map_free(&(*rights)->by_name);
	free((*rights)->known);
	OPENSSL_cleanse(*rights, sizeof **rights);
	free(*rights);
	*rights = NULL;
}

static struct known_user *known_find(const struct rights *rights, const char *name)
{
	struct map_node *node = map_find_text(&rights->by_name, name);
	return node ? map_entry(node, struct known_user, node) : NULL;
}

const struct config_user *rights_user(const struct rights *rights, const char *name)
{
	if (!rights->count)
		return &anybody;
	struct known_user *known = known_find(rights, name);
	return known ? known->user : NULL;
}

const char *rights_curve_user(const struct rights *rights, const char *key)
{
	for (size_t i = 0; i < rights->count; i++) {
		const struct config_user *user = rights->known[i].user;
		if (user->curve && !strcmp(user->curve, key))
			return user->name;
	}
	return NULL;
}

/** What this process remembers of a right password instead of the password. */
static bool proof_make(const struct rights *rights, const char *name, const char *password,
                       unsigned char out[DIGEST])
{
	unsigned char both[512];
	size_t length = strlen(name) + 1;
	if (length + strlen(password) > sizeof both)
		return false;
	memcpy(both, name, length);
	memcpy(both + length, password, strlen(password));
	length += strlen(password);
	unsigned char *made = HMAC(EVP_sha256(), rights->key, DIGEST, both, length, out, NULL);
	OPENSSL_cleanse(both, sizeof both);
	return made;
}

/** A slow check is due: true if this second still has room for it. */
static bool check_allowed(struct rights *rights)
{
	uint64_t second = clock_now(rights->clock) / 1000000;
	if (second != rights->second) {
		rights->second = second;
		rights->checks = 0;
	}
	return rights->checks++ < CHECKS_A_SECOND;
}

int rights_login(struct rights *rights, const char *name, const char *password,
                 struct cti_error *error)
{
	unsigned char proof[DIGEST];
	if (!rights->count)
		return 0;
	struct known_user *known = known_find(rights, name);
	if (!known || !known->user->password || !password ||
	    !proof_make(rights, name, password, proof))
		return cti_error_set(error, CTI_E_AUTH, "user or password is wrong");
	if (known->proven && !CRYPTO_memcmp(proof, known->proof, DIGEST))
		return 0;
	if (!check_allowed(rights))
		return cti_error_set(error, CTI_E_BUSY,
		                     "too many passwords to check, try again later");
	if (!password_verify(known->user->password, password))
		return cti_error_set(error, CTI_E_AUTH, "user or password is wrong");
	memcpy(known->proof, proof, DIGEST);
	known->proven = true;
	return 0;
}

static const struct config_user *user_on_switch(const struct rights *rights, const char *name,
                                                const char *switch_name, struct cti_error *error)
{
	const struct config_user *user = rights_user(rights, name);
	if (!user) {
		cti_error_set(error, CTI_E_AUTH, "there is no user '%s' any more", name);
		return NULL;
	}
	if (*user->switches && !config_in_ranges(user->switches, switch_name)) {
		cti_error_set(error, CTI_E_DENIED, "user '%s' has no rights on switch '%s'", name,
		              switch_name);
		return NULL;
	}
	return user;
}

bool rights_switch(const struct rights *rights, const char *name, const char *switch_name)
{
	return user_on_switch(rights, name, switch_name, NULL);
}

static int device_check(const struct config_user *user, const char *name, const char *service,
                        const char *device, struct cti_error *error)
{
	if (!device)
		return cti_error_set(error, CTI_E_DENIED,
		                     "%s: user '%s' must say which of the own devices it is for",
		                     service, name);
	if (!config_in_ranges(user->devices, device))
		return cti_error_set(error, CTI_E_DENIED, "%s: %.40s is not a device of user '%s'",
		                     service, device, name);
	return 0;
}

/** A switch acts on the whole call whatever device stands beside its id: one must be in it. */
static int call_check(const struct rights *rights, const struct config_user *user,
                      const char *switch_name, const struct cti_request *request,
                      struct cti_error *error)
{
	char call[SUBJECT_SIZE];
	const char *id = request->connection.call_id ? request->connection.call_id : "";
	snprintf(call, sizeof call, "call/%s", id);
	if (involved_device(rights->involved, switch_name, call, user->devices))
		return 0;
	return cti_error_set(error, CTI_E_DENIED,
	                     "%s: no device of user '%s' takes part in call %.40s",
	                     cti_service_name(request->service), user->name, id);
}

/** Whose devices a service acts on; the other fields only name who else is in the call. */
static int own_check(const struct rights *rights, const struct config_user *user,
                     const char *switch_name, const struct cti_request *request,
                     struct cti_error *error)
{
	const char *name = user->name;
	const char *service = cti_service_name(request->service);
	int code;
	switch (request->service) {
	case CTI_SERVICE_MAKE_CALL:
	case CTI_SERVICE_DIRECTED_PICKUP_CALL:
	case CTI_SERVICE_GROUP_PICKUP_CALL:
	case CTI_SERVICE_GET_AGENT_STATE:
	case CTI_SERVICE_SNAPSHOT_DEVICE:
		return device_check(user, name, service, request->device, error);
	case CTI_SERVICE_SET_AGENT_STATE:
		if (request->agent_id && *user->agents &&
		    !config_in_ranges(user->agents, request->agent_id))
			return cti_error_set(error, CTI_E_DENIED,
			                     "%s: %.40s is not an agent id of user '%s'", service,
			                     request->agent_id, name);
		return device_check(user, name, service, request->device, error);
	case CTI_SERVICE_ALTERNATE_CALL:
	case CTI_SERVICE_RECONNECT_CALL:
	case CTI_SERVICE_TRANSFER_CALL:
	case CTI_SERVICE_CONFERENCE_CALL:
		code = device_check(user, name, service, request->held.device_id, error);
		return code ? code
		            : device_check(user, name, service, request->connection.device_id,
		                           error);
	case CTI_SERVICE_ANSWER_CALL:
	case CTI_SERVICE_CLEAR_CONNECTION:
	case CTI_SERVICE_HOLD_CALL:
	case CTI_SERVICE_RETRIEVE_CALL:
	case CTI_SERVICE_CONSULTATION_CALL:
	case CTI_SERVICE_SINGLE_STEP_TRANSFER_CALL:
	case CTI_SERVICE_SINGLE_STEP_CONFERENCE_CALL:
	case CTI_SERVICE_DEFLECT_CALL:
		return device_check(user, name, service, request->connection.device_id, error);
	case CTI_SERVICE_CLEAR_CALL:
	case CTI_SERVICE_SNAPSHOT_CALL:
		return call_check(rights, user, switch_name, request, error);
	case CTI_SERVICE_MONITOR_START:
		return device_check(
		        user, name, service,
		        request->device ? request->device : request->connection.device_id, error);
	case CTI_SERVICE_OTHER: /* acts on the first device that it names */
		return device_check(user, name, request->element, request->device, error);
	case CTI_SERVICE_REQUEST_SYSTEM_STATUS:
		return 0;
	case CTI_SERVICE_MONITOR_STOP:
	case CTI_SERVICE_CHANGE_MONITOR_FILTER:
	case CTI_SERVICE_ESCAPE:
	case CTI_SERVICES_COUNT:
		break;
	}
	return cti_error_set(error, CTI_E_DENIED, "%s is only for roles that control every device",
	                     service);
}

int rights_request(const struct rights *rights, const char *name, const char *switch_name,
                   const struct cti_request *request, struct cti_error *error)
{
	struct cti_error why = {0};
	const struct config_user *user = user_on_switch(rights, name, switch_name, &why);
	if (!user)
		return cti_error_set(error, why.code, "%s", why.text);
	if (!(user->role->services & (uint64_t)1 << request->service))
		return cti_error_set(error, CTI_E_DENIED, "%.60s is not for role '%s'",
		                     request->service == CTI_SERVICE_OTHER
		                             ? request->element
		                             : cti_service_name(request->service),
		                     user->role->name);
	return user->role->control_all ? 0 : own_check(rights, user, switch_name, request, error);
}

int rights_attach(const struct rights *rights, const char *name, const char *switch_name,
                  const char *interaction, struct cti_error *error)
{
	struct cti_error why = {0};
	const struct config_user *user = user_on_switch(rights, name, switch_name, &why);
	if (!user)
		return cti_error_set(error, why.code, "%s", why.text);
	if (!(user->role->services & CONFIG_ATTACH_DATA))
		return cti_error_set(error, CTI_E_DENIED,
		                     CTI_WIRE_ATTACH_DATA " is not for role '%s'",
		                     user->role->name);
	char subject[SUBJECT_SIZE];
	snprintf(subject, sizeof subject, "interaction/%s", interaction);
	if (user->role->control_all ||
	    involved_device(rights->involved, switch_name, subject, user->devices))
		return 0;
	return cti_error_set(error, CTI_E_DENIED,
	                     "no device of user '%s' takes part in interaction %.40s", name,
	                     interaction);
}

int rights_filter(const struct rights *rights, const char *name, const char *switch_name,
                  const char *filter, struct cti_error *error)
{
	struct cti_error why = {0};
	const struct config_user *user = user_on_switch(rights, name, switch_name, &why);
	const char *id = strchr(filter, '/');
	if (!user)
		return cti_error_set(error, why.code, "%s", why.text);
	if (user->role->events_all)
		return 0;
	if (id++ && strcmp(id, "*")) {
		if (!strncmp(filter, "device/", 7) || !strncmp(filter, "queue/", 6))
			if (config_in_ranges(user->devices, id))
				return 0;
		if (!strncmp(filter, "agent/", 6) && config_in_ranges(user->agents, id))
			return 0;
		if (!strncmp(filter, "interaction/", 12) &&
		    involved_device(rights->involved, switch_name, filter, user->devices))
			return 0;
	}
	return cti_error_set(error, CTI_E_DENIED, "user '%s' may not see %.60s of switch '%s'",
	                     name, filter, switch_name);
}

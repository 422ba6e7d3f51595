/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers: results, snapshots and agent lists, and the error categories of ECMA-269 12.2.14.
 */
#include "csta/event_private.h"
#include "csta/pass.h"

#include <GetAgentStateResult.h>
#include <NoDataResult.h>
#include <RejectProblem.h>
#include <SnapshotCallResult.h>
#include <SnapshotDeviceResult.h>
#include <UniversalFailure.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define AT(field) offsetof(struct cti_reply, field)

static const struct field common[] = {
        {"connections", FIELD_CONNECTIONS, AT(items)},
        {"pendingAgentState", FIELD_PENDING, AT(pending_state)},
        {"callingDevice", FIELD_DEVICE, AT(calling)},
        {"calledDevice", FIELD_DEVICE, AT(called)},
        {"extensions", FIELD_EXTENSIONS, AT(private_data)},
        {NULL, 0, 0},
};

#define OWN_FIELDS 3

static const struct field own[CTI_SERVICES_COUNT][OWN_FIELDS] = {
        [CTI_SERVICE_MAKE_CALL] = {{"callingDevice", FIELD_CONNECTION, AT(connection)}},
        [CTI_SERVICE_CONSULTATION_CALL] = {{"initiatedCall", FIELD_CONNECTION, AT(connection)}},
        [CTI_SERVICE_TRANSFER_CALL] = {{"transferredCall", FIELD_CONNECTION, AT(connection)}},
        [CTI_SERVICE_CONFERENCE_CALL] = {{"conferenceCall", FIELD_CONNECTION, AT(connection)}},
        [CTI_SERVICE_SINGLE_STEP_TRANSFER_CALL] = {{"transferredCall", FIELD_CONNECTION,
                                                    AT(connection)}},
        [CTI_SERVICE_SINGLE_STEP_CONFERENCE_CALL] = {{"conferencedCall", FIELD_CONNECTION,
                                                      AT(connection)}},
        [CTI_SERVICE_DIRECTED_PICKUP_CALL] = {{"pickedCall", FIELD_CONNECTION, AT(connection)}},
        [CTI_SERVICE_GROUP_PICKUP_CALL] = {{"pickedCall", FIELD_CONNECTION, AT(connection)}},
        [CTI_SERVICE_MONITOR_START] = {{"crossRefIdentifier", FIELD_TEXT, AT(monitor)},
                                       {"monitorExistingCalls", FIELD_BOOL,
                                        AT(monitor_existing_calls)}},
        [CTI_SERVICE_REQUEST_SYSTEM_STATUS] = {{"systemStatus", FIELD_ENUM_NAME,
                                                AT(system_status)}},
};

static struct form forms[CTI_SERVICES_COUNT];
static bool empty[CTI_SERVICES_COUNT]; /* NoDataResult: extensions or nothing */
static struct cti_error broken;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void forms_resolve(void)
{
	for (int i = 0; i < CTI_SERVICES_COUNT; i++) {
		const char *element = cti_service_name((enum cti_service)i);
		const struct csta_type *type = csta_type_of_element(element, strlen(element));
		type = type ? csta_type_of_response(type) : NULL;
		if (!type) {
			cti_error_set(&broken, CTI_E_INTERNAL, "no response to %s", element);
			return;
		}
		empty[i] = type->value == &asn_DEF_NoDataResult;
		if (form_resolve(&forms[i], type, own[i], empty[i] ? NULL : common, &broken))
			return;
	}
}

static int forms_ready(struct cti_error *error)
{
	pthread_once(&once, forms_resolve);
	return broken.code ? cti_error_set(error, broken.code, "%s", broken.text) : CTI_OK;
}

/* ---- errors ------------------------------------------------------------------------------- */

/* enum cti_category and the alternatives of UniversalFailure have the same numbers. */
_Static_assert((int)CTI_CATEGORY_OPERATION == (int)UniversalFailure_PR_operation &&
                       (int)CTI_CATEGORY_UNSPECIFIED == (int)UniversalFailure_PR_unspecified,
               "categories are numbered as in UniversalFailure");

static const struct csta_layout *category_layout(int category)
{
	return csta_layout_of(asn_DEF_UniversalFailure.elements[category - 1].type);
}

static int refused(const struct convert *convert, struct cti_reply *out)
{
	size_t size = 64 + strlen(cti_category_name(out->category)) +
	              (out->value ? strlen(out->value) : 0);
	char *text = convert_room(convert, size);
	if (!text)
		return CTI_E_NOMEM;
	snprintf(text, size, "the switch refused: %s%s%s", cti_category_name(out->category),
	         out->value ? ", " : "", out->value ? out->value : "");
	out->code = CTI_E_REFUSED;
	out->text = text;
	return CTI_OK;
}

static int error_read(const struct convert *convert, struct cti_reply *out)
{
	const UniversalFailure_t *failure = convert->message->value;
	out->category = CTI_CATEGORY_UNSPECIFIED;
	if (failure && failure->present != UniversalFailure_PR_NOTHING)
		out->category = (enum cti_category)failure->present;
	if (out->category != CTI_CATEGORY_UNSPECIFIED) {
		/* All the others are ENUMERATED in the same place. */
		long value = failure->choice.operation;
		out->value = csta_name_of(category_layout((int)out->category), value);
		if (!out->value) {
			char *number = convert_room(convert, 24);
			if (!number)
				return CTI_E_NOMEM;
			snprintf(number, 24, "%ld", value);
			out->value = number;
		}
	}
	return refused(convert, out);
}

/* X.880: the peer did not even try. Told in the words of the error it would have been. */
static int reject_read(const struct convert *convert, struct cti_reply *out)
{
	const RejectProblem_t *problem = convert->message->value;
	out->category = CTI_CATEGORY_OPERATION;
	out->value = "generic";
	if (problem && problem->present == RejectProblem_PR_invoke) {
		if (problem->choice.invoke == InvokeProblem_unrecognizedOperation)
			out->value = "serviceNotSupported";
		if (problem->choice.invoke == InvokeProblem_mistypedArgument)
			out->value = "invalidParameterValue";
		if (problem->choice.invoke == InvokeProblem_resourceLimitation) {
			out->category = CTI_CATEGORY_SYSTEM_RESOURCE;
			out->value = "resourceLimitExceeded";
		}
	}
	return refused(convert, out);
}

/* What a code of ours is in the words of ECMA-269, where the reply does not say itself. */
static void category_of_code(int code, enum cti_category *category, const char **value)
{
	*category = CTI_CATEGORY_OPERATION;
	switch (code) {
	case CTI_E_UNSUPPORTED:
		*value = "serviceNotSupported";
		return;
	case CTI_E_INVALID:
		*value = "invalidParameterValue";
		return;
	case CTI_E_NOTFOUND:
		*value = "objectNotKnown";
		return;
	case CTI_E_DENIED:
	case CTI_E_AUTH:
		*value = "securityViolation";
		return;
	case CTI_E_STATE:
	case CTI_E_EXISTS:
		*category = CTI_CATEGORY_STATE_INCOMPATIBILITY;
		*value = "generic";
		return;
	case CTI_E_LIMIT:
	case CTI_E_NOMEM:
		*category = CTI_CATEGORY_SYSTEM_RESOURCE;
		*value = "resourceLimitExceeded";
		return;
	case CTI_E_BUSY:
		*category = CTI_CATEGORY_PERFORMANCE;
		*value = "performanceLimitExceeded";
		return;
	default:
		*value = "generic";
	}
}

static int error_write(const struct convert *convert, const struct cti_reply *from)
{
	UniversalFailure_t *out = convert->message->value;
	enum cti_category category = from->category;
	const char *value = from->value;
	if (category == CTI_CATEGORY_NONE)
		category_of_code(from->code, &category, &value);
	out->present = (UniversalFailure_PR)category;
	if (category == CTI_CATEGORY_UNSPECIFIED)
		return CTI_OK;
	if (!value)
		value = "generic";
	long number;
	if (!csta_value_of(category_layout((int)category), value, strlen(value), &number)) {
		cti_error_set(convert->error, CTI_E_INVALID, "%s is no error of %s", value,
		              cti_category_name(category));
		return CTI_E_INVALID;
	}
	out->choice.operation = number;
	return CTI_OK;
}

/* ---- agents -------------------------------------------------------------------------------- */

/* The same numbers in ECMA-285's AgentState and in ours; PendingAgentState lacks busy. */
static enum cti_agent_state agent_state_of(long value, bool pending)
{
	if (pending && value == CTI_AGENT_BUSY)
		return CTI_AGENT_WORKING_AFTER_CALL;
	return value >= 0 && value < CTI_AGENT_STATES_COUNT ? (enum cti_agent_state)value
	                                                    : CTI_AGENT_UNKNOWN;
}

static int agent_read(const struct convert *convert, const AgentStateEntry_t *entry,
                      const AgentInfo_t *info, struct cti_agent_item *out)
{
	int code = CTI_OK;
	out->logged_on = entry->loggedOn;
	out->state = entry->loggedOn ? CTI_AGENT_UNKNOWN : CTI_AGENT_NULL;
	out->pending_state = CTI_AGENT_UNKNOWN;
	if (entry->agentID)
		code = octets_read(convert, entry->agentID->buf, (size_t)entry->agentID->size,
		                   &out->agent_id);
	if (code || !info)
		return code;
	out->state = agent_state_of(info->agentState, false);
	if (info->pendingAgentState)
		out->pending_state = agent_state_of(*info->pendingAgentState, true);
	return info->acdGroup ? device_id_read(convert, info->acdGroup, &out->group) : CTI_OK;
}

/* One row for each group that an agent serves. */
static int agents_read(const struct convert *convert, struct cti_reply *out)
{
	const GetAgentStateResult_t *from = convert->message->value;
	size_t count = 0, row = 0;
	for (int i = 0; i < from->agentStateList.list.count; i++) {
		const AgentInfoList_t *infos = from->agentStateList.list.array[i]->agentInfo;
		count += infos && infos->list.count > 0 ? (size_t)infos->list.count : 1;
	}
	if (!count)
		return CTI_OK;
	struct cti_agent_item *list = convert_room(convert, count * sizeof *list);
	if (!list)
		return CTI_E_NOMEM;
	int code = CTI_OK;
	for (int i = 0; !code && i < from->agentStateList.list.count; i++) {
		const AgentStateEntry_t *entry = from->agentStateList.list.array[i];
		int infos = entry->agentInfo ? entry->agentInfo->list.count : 0;
		if (infos <= 0)
			code = agent_read(convert, entry, NULL, &list[row++]);
		for (int j = 0; !code && j < infos; j++)
			code = agent_read(convert, entry, entry->agentInfo->list.array[j],
			                  &list[row++]);
	}
	out->agents = list;
	out->agent_count = count;
	return code;
}

static int agent_info_write(const struct convert *convert, const struct cti_agent_item *from,
                            AgentInfo_t *out)
{
	out->agentState = from->state;
	if (from->pending_state != CTI_AGENT_UNKNOWN) {
		out->pendingAgentState = convert_room(convert, sizeof *out->pendingAgentState);
		if (!out->pendingAgentState)
			return CTI_E_NOMEM;
		if (from->pending_state == CTI_AGENT_BUSY)
			return convert_failed(convert, CTI_E_INVALID, "busy cannot be pending");
		*out->pendingAgentState = from->pending_state == CTI_AGENT_WORKING_AFTER_CALL
		                                  ? CTI_AGENT_BUSY
		                                  : from->pending_state;
	}
	if (from->group.status != CTI_DEVICE_NUMBER)
		return CTI_OK;
	out->acdGroup = convert_room(convert, sizeof *out->acdGroup);
	return out->acdGroup ? device_id_write(convert, &from->group, out->acdGroup) : CTI_E_NOMEM;
}

static int agents_write(const struct convert *convert, const struct cti_reply *from)
{
	GetAgentStateResult_t *out = convert->message->value;
	int code = list_make(convert, &out->agentStateList.list, from->agent_count,
	                     sizeof(AgentStateEntry_t));
	for (size_t i = 0; !code && i < from->agent_count; i++) {
		const struct cti_agent_item *item = &from->agents[i];
		AgentStateEntry_t *entry = out->agentStateList.list.array[i];
		entry->loggedOn = item->logged_on;
		if (item->agent_id) {
			entry->agentID = convert_room(convert, sizeof *entry->agentID);
			if (!entry->agentID)
				return CTI_E_NOMEM;
			code = octets_write(convert, item->agent_id, entry->agentID);
		}
		if (code || item->state == CTI_AGENT_UNKNOWN)
			continue;
		entry->agentInfo = convert_room(convert, sizeof *entry->agentInfo);
		if (!entry->agentInfo ||
		    list_make(convert, &entry->agentInfo->list, 1, sizeof(AgentInfo_t)))
			return CTI_E_NOMEM;
		code = agent_info_write(convert, item, entry->agentInfo->list.array[0]);
	}
	return code;
}

/* ---- the two directions -------------------------------------------------------------------- */

static int result_read(const struct convert *convert, enum cti_service service,
                       struct cti_reply *out)
{
	struct csta_message *message = convert->message;
	if (message->type != forms[service].type) {
		cti_error_set(convert->error, CTI_E_INVALID, "%s does not answer %s",
		              message->type->element, cti_service_name(service));
		return CTI_E_INVALID;
	}
	if (empty[service])
		return CTI_OK;
	int code = form_read(&forms[service], message, out, convert->error);
	if (code || !message->value)
		return code;
	if (service == CTI_SERVICE_SNAPSHOT_DEVICE)
		return snapshot_device_read(convert, out);
	if (service == CTI_SERVICE_SNAPSHOT_CALL)
		return snapshot_call_read(convert, out);
	if (service == CTI_SERVICE_GET_AGENT_STATE)
		return agents_read(convert, out);
	return CTI_OK;
}

int csta_reply_read(const struct csta_message *borrowed, enum cti_service service,
                    struct cti_reply *out, struct cti_error *error)
{
	struct csta_message *message = convert_message(borrowed);
	int code = forms_ready(error);
	if (code)
		return code;
	if ((size_t)service >= CTI_SERVICES_COUNT && service != CTI_SERVICE_OTHER)
		return cti_error_set(error, CTI_E_INVALID, "no such service");
	struct cti_reply reply;
	struct convert convert = {message, NULL, error};
	cti_reply_init(&reply);
	switch (message->type->kind) {
	case CSTA_ERROR:
		code = error_read(&convert, &reply);
		break;
	case CSTA_REJECT:
		code = reject_read(&convert, &reply);
		break;
	default:
		code = service == CTI_SERVICE_OTHER ? csta_pass_reply_read(message, &reply, error)
		                                    : result_read(&convert, service, &reply);
	}
	if (!code)
		*out = reply;
	return code;
}

int csta_reply_write(struct csta_message **out, struct csta_codec *codec, enum cti_service service,
                     const struct cti_reply *reply, struct cti_error *error)
{
	int code = forms_ready(error);
	if (code)
		return code;
	/* A failure looks the same whatever was asked; else see csta_pass_reply_write(). */
	if ((size_t)service >= CTI_SERVICES_COUNT && !reply->code)
		return cti_error_set(error, CTI_E_INVALID, "no such service");
	const struct csta_type *type =
	        reply->code ? csta_type_of_element("CSTAErrorCode", 13) : forms[service].type;
	struct csta_message *message;
	code = csta_message_create(&message, codec, type, error);
	if (code)
		return code;
	struct convert convert = {message, NULL, error};
	if (reply->code)
		code = error_write(&convert, reply);
	else if (empty[service])
		((NoDataResult_t *)message->value)->present = NoDataResult_PR_noData;
	else
		code = form_write(&forms[service], message, reply, error);
	if (!code && !reply->code && service == CTI_SERVICE_SNAPSHOT_DEVICE)
		code = snapshot_device_write(&convert, reply);
	if (!code && !reply->code && service == CTI_SERVICE_SNAPSHOT_CALL)
		code = snapshot_call_write(&convert, reply);
	if (!code && !reply->code && service == CTI_SERVICE_GET_AGENT_STATE)
		code = agents_write(&convert, reply);
	if (code)
		csta_message_destroy(&message);
	else
		*out = message;
	return code;
}

static const OCTET_STRING_t *reference_of(const struct csta_message *answer)
{
	if (answer->value && answer->type->value == &asn_DEF_SnapshotDeviceResult) {
		const SnapshotDeviceResult_t *result = answer->value;
		const DeviceSnapshot_t *choice = &result->crossRefIDorSnapshotData;
		return choice->present == DeviceSnapshot_PR_serviceCrossRefID
		               ? &choice->choice.serviceCrossRefID
		               : NULL;
	}
	if (answer->value && answer->type->value == &asn_DEF_SnapshotCallResult) {
		const SnapshotCallResult_t *result = answer->value;
		const CallSnapshot_t *choice = &result->crossRefIDorSnapshotData;
		return choice->present == CallSnapshot_PR_serviceCrossRefID
		               ? &choice->choice.serviceCrossRefID
		               : NULL;
	}
	return NULL;
}

int csta_snapshot_reference(const struct csta_message *answer, enum cti_service service,
                            struct cti_reply *out, const char **reference, struct cti_error *error)
{
	const OCTET_STRING_t *octets = NULL;
	struct convert convert = {convert_message(answer), "serviceCrossRefID", error};
	struct cti_reply reply;
	const char *text = NULL;
	int code = forms_ready(error);
	cti_reply_init(&reply);
	/* What does not answer the service is read by nobody's form. */
	if (!code && (size_t)service < CTI_SERVICES_COUNT && answer->type == forms[service].type)
		octets = reference_of(answer);
	if (!code && octets)
		code = octets_read(&convert, octets->buf, (size_t)octets->size, &text);
	if (!code && octets)
		code = form_read(&forms[service], convert.message, &reply, error);
	if (code)
		return code;
	*out = reply;
	*reference = text;
	return CTI_OK;
}

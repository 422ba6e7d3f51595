/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/codec.h"
#include "csta/event_private.h"

#include <BOOLEAN.h>
#include <stdio.h>
#include <string.h>

/* FIELD_CONNECTIONS stands for two fields side by side in the plain struct. */
struct field_list {
	const struct cti_connection_item *items;
	size_t count;
};
_Static_assert(offsetof(struct cti_event, item_count) ==
                       offsetof(struct cti_event, items) + offsetof(struct field_list, count),
               "items and item_count stand side by side");
_Static_assert(offsetof(struct cti_reply, item_count) ==
                       offsetof(struct cti_reply, items) + offsetof(struct field_list, count),
               "items and item_count stand side by side");
_Static_assert(offsetof(struct cti_event, thread) == offsetof(struct cti_event, global_call) +
                                                             sizeof(struct cti_octets) &&
                       offsetof(struct cti_event, old_thread) ==
                               offsetof(struct cti_event, global_call) +
                                       3 * sizeof(struct cti_octets),
               "the four of call linkage stand side by side");

static int member_find(const struct asn_TYPE_descriptor_s *type, const char *name)
{
	for (int i = 0; i < type->elements_count; i++)
		if (!strcmp(type->elements[i].name, name))
			return i;
	return -1;
}

static void field_place(struct form *form, const struct field *field, int index)
{
	const struct asn_TYPE_member_s *member = &form->type->value->elements[index];
	form->fields[form->count++] = (struct field_at){
	        .member = field->member,
	        .layout = csta_layout_of(member->type),
	        .from = (size_t)member->memb_offset,
	        .to = field->offset,
	        .kind = field->kind,
	        .pointer = member->flags & ATF_POINTER,
	        .optional = member->optional != 0,
	};
}

int form_resolve(struct form *form, const struct csta_type *type, const struct field *own,
                 const struct field *common, struct cti_error *error)
{
	*form = (struct form){.type = type};
	for (; own && own->member; own++) {
		int index = type->value ? member_find(type->value, own->member) : -1;
		if (index < 0 || form->count == FORM_FIELDS)
			return cti_error_set(error, CTI_E_INTERNAL, "%s has no member %s",
			                     type->element, own->member);
		field_place(form, own, index);
	}
	for (; common && common->member; common++) {
		int index = type->value ? member_find(type->value, common->member) : -1;
		bool taken = false;
		for (unsigned i = 0; i < form->count; i++)
			taken |= !strcmp(form->fields[i].member, common->member);
		if (index < 0 || taken)
			continue;
		if (form->count == FORM_FIELDS)
			return cti_error_set(error, CTI_E_INTERNAL, "%s has too many members",
			                     type->element);
		field_place(form, common, index);
	}
	return CTI_OK;
}

/* ---- reading ------------------------------------------------------------------------- */

static int linkage_read(const struct convert *convert, const CallLinkageData_t *from,
                        struct cti_octets out[2])
{
	const GlobalCallLinkageID_t *id = &from->globalCallData.globalCallLinkageID;
	/* Both alternatives are octets. */
	const OCTET_STRING_t *octets = &id->choice.subDomainCallLinkageID;
	if (id->present == GlobalCallLinkageID_PR_NOTHING)
		return convert_failed(convert, CTI_E_INVALID, "no globalCallLinkageID");
	out[0] = (struct cti_octets){octets->buf, (size_t)octets->size};
	if (from->threadData) {
		const ThreadLinkageID_t *thread = &from->threadData->threadLinkageID;
		if (thread->present == ThreadLinkageID_PR_NOTHING)
			return convert_failed(convert, CTI_E_INVALID, "no threadLinkageID");
		octets = &thread->choice.subDomainThreadID;
		out[1] = (struct cti_octets){octets->buf, (size_t)octets->size};
	}
	return CTI_OK;
}

static int redirection_read(const struct convert *convert, const RedirectionDevice_t *from,
                            struct cti_device *out)
{
	switch (from->present) {
	case RedirectionDevice_PR_numberdialed:
		return device_id_read(convert, &from->choice.numberdialed, out);
	case RedirectionDevice_PR_notRequired:
		out->status = CTI_DEVICE_NOT_REQUIRED;
		return CTI_OK;
	case RedirectionDevice_PR_notSpecified:
		out->status = CTI_DEVICE_NOT_SPECIFIED;
		return CTI_OK;
	case RedirectionDevice_PR_restricted:
		out->status = CTI_DEVICE_RESTRICTED;
		return CTI_OK;
	case RedirectionDevice_PR_notKnown:
	case RedirectionDevice_PR_NOTHING:
		break;
	}
	out->status = CTI_DEVICE_NOT_KNOWN;
	return CTI_OK;
}

/* An empty OCTET STRING is not absent: it clears. */
static void octets_borrow(const OCTET_STRING_t *from, struct cti_octets *out)
{
	static const uint8_t none;
	out->data = from->buf ? from->buf : &none;
	out->length = (size_t)from->size;
}

static enum cti_agent_state pending_of(long value)
{
	static const enum cti_agent_state states[] = {
	        CTI_AGENT_NOT_READY, CTI_AGENT_NULL, CTI_AGENT_READY, CTI_AGENT_WORKING_AFTER_CALL};
	return value >= 0 && value < 4 ? states[value] : CTI_AGENT_UNKNOWN;
}

static enum cti_agent_state pending_after_of(long value)
{
	static const enum cti_agent_state states[] = {CTI_AGENT_NOT_READY, CTI_AGENT_READY,
	                                              CTI_AGENT_NULL};
	return value >= 0 && value < 3 ? states[value] : CTI_AGENT_UNKNOWN;
}

static int field_read(const struct convert *convert, const struct field_at *field,
                      const void *member, void *to)
{
	long value = 0;
	switch (field->kind) {
	case FIELD_CONNECTION:
		return connection_read(convert, member, to);
	case FIELD_DEVICE:
		return device_read(convert, member, to);
	case FIELD_REDIRECTION:
		return redirection_read(convert, member, to);
	case FIELD_DEVICE_ID:
		return device_id_read(convert, member, to);
	case FIELD_NUMBER: {
		struct cti_device device = {0};
		int code = device_id_read(convert, member, &device);
		*(const char **)to = device.number;
		return code;
	}
	case FIELD_OCTETS:
		octets_borrow(member, to);
		return CTI_OK;
	case FIELD_TEXT: {
		const OCTET_STRING_t *octets = member;
		return octets_read(convert, octets->buf, (size_t)octets->size, to);
	}
	case FIELD_CONNECTIONS: {
		struct field_list *list = to;
		return connections_read(convert, member, &list->items, &list->count);
	}
	case FIELD_LINKAGE:
		return linkage_read(convert, member, to);
	case FIELD_LINKAGE_LIST: {
		const CallLinkageDataList_t *list = member;
		struct cti_octets *linkage = to;
		int code = linkage_read(convert, &list->newCallLinkageData, linkage);
		return code ? code : linkage_read(convert, &list->oldCallLinkageData, linkage + 2);
	}
	case FIELD_EXTENSIONS: {
		const CSTACommonArguments_t *extensions = member;
		if (!extensions->privateData || !extensions->privateData->list.count)
			return CTI_OK;
		return private_read(convert,
		                    (const ANY_t *const *)extensions->privateData->list.array,
		                    (size_t)extensions->privateData->list.count, to);
	}
	case FIELD_PRIVATE: {
		const ANY_t *any = member;
		return private_read(convert, &any, 1, to);
	}
	case FIELD_BOOL:
		*(bool *)to = *(const BOOLEAN_t *)member != 0;
		return CTI_OK;
	case FIELD_STATE:
	case FIELD_ENUM:
	case FIELD_ENUM_NAME:
	case FIELD_PENDING:
	case FIELD_PENDING_AFTER:
	case FIELD_INTEGER:
	case FIELD_FLAG:
		value = *(const long *)member;
		break;
	}
	switch (field->kind) {
	case FIELD_STATE:
		*(enum cti_connection_state *)to = value >= 0 && value < CTI_CONNECTION_STATES_COUNT
		                                           ? (enum cti_connection_state)value
		                                           : CTI_CONNECTION_UNKNOWN;
		break;
	case FIELD_ENUM:
		if (!csta_name_of(field->layout, value))
			return convert_failed(convert, CTI_E_INVALID, "no such value");
		*(int *)to = (int)value;
		break;
	case FIELD_ENUM_NAME:
		/* A value that the standard does not know is left out: it means nothing to us. */
		*(const char **)to = csta_name_of(field->layout, value);
		break;
	case FIELD_PENDING:
		*(enum cti_agent_state *)to = pending_of(value);
		break;
	case FIELD_PENDING_AFTER:
		*(enum cti_agent_state *)to = pending_after_of(value);
		break;
	case FIELD_FLAG:
		*(bool *)to = value == 1;
		break;
	default:
		*(int *)to = value < 0 || value > INT32_MAX ? -1 : (int)value;
	}
	return CTI_OK;
}

int form_read(const struct form *form, struct csta_message *message, void *plain,
              struct cti_error *error)
{
	struct convert convert = {.message = message, .error = error};
	if (form->count && !message->value)
		return cti_error_set(error, CTI_E_INVALID, "%s without its parameters",
		                     form->type->element);
	for (unsigned i = 0; i < form->count; i++) {
		const struct field_at *field = &form->fields[i];
		const void *member = (const char *)message->value + field->from;
		if (field->pointer)
			member = *(const void *const *)member;
		if (!member)
			continue;
		convert.member = field->member;
		int code = field_read(&convert, field, member, (char *)plain + field->to);
		if (code == CTI_E_NOMEM) /* or the message's limit */
			return csta_message_nomem(message, error);
		if (code)
			return code;
	}
	return CTI_OK;
}

/* ---- writing ------------------------------------------------------------------------- */

/* ECMA-269 12.2.5: up to 8 octets are unique in the sub-domain, up to 16 everywhere. */
static int linkage_write(const struct convert *convert, const struct cti_octets from[2],
                         CallLinkageData_t *out)
{
	for (int i = 0; i < 2; i++)
		if (from[i].data && (!from[i].length || from[i].length > 16))
			return convert_failed(convert, CTI_E_LIMIT, "not 1 to 16 octets");
	GlobalCallLinkageID_t *id = &out->globalCallData.globalCallLinkageID;
	id->present = from[0].length > 8 ? GlobalCallLinkageID_PR_globallyUniqueCallLinkageID
	                                 : GlobalCallLinkageID_PR_subDomainCallLinkageID;
	uint8_t *copy = convert_room(convert, from[0].length + 1);
	if (!copy)
		return CTI_E_NOMEM;
	memcpy(copy, from[0].data, from[0].length);
	id->choice.subDomainCallLinkageID.buf = copy;
	id->choice.subDomainCallLinkageID.size = (int)from[0].length;
	if (!from[1].data)
		return CTI_OK;
	out->threadData = convert_room(convert, sizeof *out->threadData);
	copy = convert_room(convert, from[1].length + 1);
	if (!out->threadData || !copy)
		return CTI_E_NOMEM;
	memcpy(copy, from[1].data, from[1].length);
	ThreadLinkageID_t *thread = &out->threadData->threadLinkageID;
	thread->present = from[1].length > 8 ? ThreadLinkageID_PR_globallyUniqueThreadID
	                                     : ThreadLinkageID_PR_subDomainThreadID;
	thread->choice.subDomainThreadID.buf = copy;
	thread->choice.subDomainThreadID.size = (int)from[1].length;
	return CTI_OK;
}

static int redirection_write(const struct convert *convert, const struct cti_device *from,
                             RedirectionDevice_t *out)
{
	switch (from->status) {
	case CTI_DEVICE_NUMBER:
		out->present = RedirectionDevice_PR_numberdialed;
		return device_id_write(convert, from, &out->choice.numberdialed);
	case CTI_DEVICE_NOT_KNOWN:
		out->present = RedirectionDevice_PR_notKnown;
		break;
	case CTI_DEVICE_RESTRICTED:
		out->present = RedirectionDevice_PR_restricted;
		break;
	case CTI_DEVICE_NOT_REQUIRED:
		out->present = RedirectionDevice_PR_notRequired;
		break;
	case CTI_DEVICE_ABSENT:
	case CTI_DEVICE_NOT_SPECIFIED:
		out->present = RedirectionDevice_PR_notSpecified;
		break;
	}
	return CTI_OK;
}

static int octets_lend(const struct convert *convert, const struct cti_octets *from,
                       OCTET_STRING_t *out)
{
	if (from->length > INT32_MAX)
		return convert_failed(convert, CTI_E_LIMIT, "too long");
	out->buf = convert_room(convert, from->length + 1);
	if (!out->buf)
		return CTI_E_NOMEM;
	if (from->length)
		memcpy(out->buf, from->data, from->length);
	out->size = (int)from->length;
	return CTI_OK;
}

static int extensions_write(const struct convert *convert, const char *text,
                            CSTACommonArguments_t *out)
{
	out->privateData = convert_room(convert, sizeof *out->privateData);
	if (!out->privateData || list_make(convert, &out->privateData->list, 1, sizeof(ANY_t)))
		return CTI_E_NOMEM;
	return private_write(convert, text, out->privateData->list.array[0]);
}

/* Is there something to write? What is mandatory is always written. */
static bool field_present(const struct field_at *field, const void *from)
{
	switch (field->kind) {
	case FIELD_CONNECTION: {
		const struct cti_connection *connection = from;
		return connection->call_id || connection->device_id;
	}
	case FIELD_DEVICE:
	case FIELD_REDIRECTION:
	case FIELD_DEVICE_ID:
		return ((const struct cti_device *)from)->status != CTI_DEVICE_ABSENT;
	case FIELD_NUMBER:
	case FIELD_TEXT:
	case FIELD_ENUM_NAME:
	case FIELD_EXTENSIONS:
	case FIELD_PRIVATE:
		return *(const char *const *)from;
	case FIELD_OCTETS:
	case FIELD_LINKAGE:
		return ((const struct cti_octets *)from)->data;
	case FIELD_LINKAGE_LIST: { /* both are mandatory in it */
		const struct cti_octets *linkage = from;
		return linkage[0].data && linkage[2].data;
	}
	case FIELD_STATE:
	case FIELD_PENDING:
	case FIELD_PENDING_AFTER:
	case FIELD_INTEGER:
		return *(const int *)from >= 0;
	case FIELD_ENUM:
	case FIELD_BOOL:
		return true;
	case FIELD_FLAG:
		return *(const bool *)from;
	case FIELD_CONNECTIONS:
		return ((const struct field_list *)from)->count;
	}
	return false;
}

static size_t member_size(const struct field_at *field)
{
	switch (field->kind) {
	case FIELD_CONNECTION:
		return sizeof(ConnectionID_t);
	case FIELD_DEVICE:
		return sizeof(ExtendedDevice_t);
	case FIELD_REDIRECTION:
		return sizeof(RedirectionDevice_t);
	case FIELD_DEVICE_ID:
	case FIELD_NUMBER:
		return sizeof(DeviceID_t);
	case FIELD_OCTETS:
	case FIELD_TEXT:
		return sizeof(OCTET_STRING_t);
	case FIELD_PRIVATE:
		return sizeof(ANY_t);
	case FIELD_CONNECTIONS:
		return sizeof(ConnectionList_t);
	case FIELD_LINKAGE:
		return sizeof(CallLinkageData_t);
	case FIELD_LINKAGE_LIST:
		return sizeof(CallLinkageDataList_t);
	case FIELD_EXTENSIONS:
		return sizeof(CSTACommonArguments_t);
	case FIELD_BOOL:
		return sizeof(BOOLEAN_t);
	case FIELD_STATE:
	case FIELD_ENUM:
	case FIELD_ENUM_NAME:
	case FIELD_PENDING:
	case FIELD_PENDING_AFTER:
	case FIELD_INTEGER:
	case FIELD_FLAG:
		break;
	}
	return sizeof(long);
}

static int pending_write(const struct convert *convert, enum cti_agent_state state, bool after,
                         long *out)
{
	for (*out = 0; *out < 4; ++*out)
		if ((after ? pending_after_of(*out) : pending_of(*out)) == state)
			return CTI_OK;
	return convert_failed(convert, CTI_E_INVALID, "an agent cannot wait for that state");
}

static int field_write(const struct convert *convert, const struct field_at *field,
                       const void *from, void *member)
{
	switch (field->kind) {
	case FIELD_CONNECTION:
		return connection_write(convert, from, member);
	case FIELD_DEVICE:
		return device_write(convert, from, member);
	case FIELD_REDIRECTION:
		return redirection_write(convert, from, member);
	case FIELD_DEVICE_ID:
		return device_id_write(convert, from, member);
	case FIELD_NUMBER:
		return number_write(convert, *(const char *const *)from, member);
	case FIELD_OCTETS:
		return octets_lend(convert, from, member);
	case FIELD_TEXT:
		return octets_write(convert, *(const char *const *)from, member);
	case FIELD_CONNECTIONS: {
		const struct field_list *list = from;
		return connections_write(convert, list->items, list->count, member);
	}
	case FIELD_LINKAGE:
		return linkage_write(convert, from, member);
	case FIELD_LINKAGE_LIST: {
		const struct cti_octets *linkage = from;
		CallLinkageDataList_t *list = member;
		int code = linkage_write(convert, linkage, &list->newCallLinkageData);
		return code ? code : linkage_write(convert, linkage + 2, &list->oldCallLinkageData);
	}
	case FIELD_EXTENSIONS:
		return extensions_write(convert, *(const char *const *)from, member);
	case FIELD_PRIVATE:
		return private_write(convert, *(const char *const *)from, member);
	case FIELD_BOOL:
		*(BOOLEAN_t *)member = *(const bool *)from;
		return CTI_OK;
	case FIELD_FLAG:
		*(long *)member = *(const bool *)from;
		return CTI_OK;
	case FIELD_STATE:
	case FIELD_INTEGER:
	case FIELD_ENUM:
		*(long *)member = *(const int *)from;
		return CTI_OK;
	case FIELD_PENDING:
	case FIELD_PENDING_AFTER:
		return pending_write(convert, *(const enum cti_agent_state *)from,
		                     field->kind == FIELD_PENDING_AFTER, member);
	case FIELD_ENUM_NAME: {
		const char *name = *(const char *const *)from;
		/* The one mandatory ENUMERATED that we write by name is EventCause. */
		if (!name)
			name = "normal";
		if (!csta_value_of(field->layout, name, strlen(name), member))
			return convert_failed(convert, CTI_E_INVALID, "no such name");
		return CTI_OK;
	}
	}
	return CTI_OK;
}

int form_write(const struct form *form, struct csta_message *message, const void *plain,
               struct cti_error *error)
{
	struct convert convert = {.message = message, .error = error};
	for (unsigned i = 0; i < form->count; i++) {
		const struct field_at *field = &form->fields[i];
		void *member = (char *)message->value + field->from;
		const void *from = (const char *)plain + field->to;
		convert.member = field->member;
		if (!field_present(field, from)) {
			if (field->pointer || field->optional)
				continue;
		}
		if (field->pointer) {
			void *room = convert_room(&convert, member_size(field));
			if (!room)
				return CTI_E_NOMEM;
			*(void **)member = room;
			member = room;
		}
		int code = field_write(&convert, field, from, member);
		if (code)
			return code;
	}
	return CTI_OK;
}

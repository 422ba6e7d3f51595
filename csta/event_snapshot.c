/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshots (ECMA-269 16.1): the calls of a device, the parties of a call, whole or in segments.
 */
#include "csta/event_private.h"

#include <SimpleCallState.h>
#include <SnapshotCallDataSegmentArgument.h>
#include <SnapshotCallResult.h>
#include <SnapshotDeviceDataSegmentArgument.h>
#include <SnapshotDeviceResult.h>
#include <string.h>

/* csta-semantics 1.4: 16 times the other side's state plus our own; callBlocked breaks the rule. */
static int states_read(const struct convert *convert, const CallState_t *from,
                       struct cti_snapshot_item *out)
{
	size_t count = 0;
	long simple[2] = {0, 0};
	switch (from->present) {
	case CallState_PR_simpleCallState:
		simple[0] = from->choice.simpleCallState % 16;
		simple[1] = from->choice.simpleCallState / 16;
		if (from->choice.simpleCallState == SimpleCallState_callBlocked) {
			simple[0] = CTI_CONNECTION_FAIL;
			simple[1] = CTI_CONNECTION_NULL;
		}
		count = simple[1] == CTI_CONNECTION_NULL ? 1 : 2;
		break;
	case CallState_PR_compoundCallState:
		count = (size_t)from->choice.compoundCallState.list.count;
		break;
	case CallState_PR_unknown:
	case CallState_PR_NOTHING:
		break;
	}
	out->connection.state = CTI_CONNECTION_UNKNOWN;
	if (!count)
		return CTI_OK;
	enum cti_connection_state *states = convert_room(convert, count * sizeof *states);
	if (!states)
		return CTI_E_NOMEM;
	for (size_t i = 0; i < count; i++) {
		long state = from->present == CallState_PR_simpleCallState
		                     ? simple[i]
		                     : *from->choice.compoundCallState.list.array[i];
		states[i] = state >= 0 && state < CTI_CONNECTION_STATES_COUNT
		                    ? (enum cti_connection_state)state
		                    : CTI_CONNECTION_UNKNOWN;
	}
	out->connection.state = states[0];
	out->other_states = count > 1 ? states + 1 : NULL;
	out->other_count = count - 1;
	return CTI_OK;
}

static int states_write(const struct convert *convert, const struct cti_snapshot_item *from,
                        CallState_t *out)
{
	out->present = CallState_PR_unknown;
	if (from->connection.state == CTI_CONNECTION_UNKNOWN)
		return CTI_OK;
	for (size_t i = 0; i < from->other_count; i++)
		if (from->other_states[i] == CTI_CONNECTION_UNKNOWN)
			return CTI_OK;
	out->present = CallState_PR_compoundCallState;
	int code = list_make(convert, &out->choice.compoundCallState.list, from->other_count + 1,
	                     sizeof(LocalConnectionState_t));
	if (code)
		return code;
	LocalConnectionState_t **states = out->choice.compoundCallState.list.array;
	*states[0] = from->connection.state;
	for (size_t i = 0; i < from->other_count; i++)
		*states[i + 1] = from->other_states[i];
	return CTI_OK;
}

static int snapshot_room(const struct convert *convert, int count, struct cti_reply *out,
                         struct cti_snapshot_item **list)
{
	if (count <= 0)
		return CTI_OK;
	*list = convert_room(convert, (size_t)count * sizeof **list);
	if (!*list)
		return CTI_E_NOMEM;
	out->snapshot = *list;
	out->snapshot_count = (size_t)count;
	return CTI_OK;
}

#define SEGMENTED "the snapshot comes in segments (serviceCrossRefID), which are not collected"

static int device_rows_read(const struct convert *convert, const SnapshotDeviceData_t *from,
                            struct cti_reply *out)
{
	struct cti_snapshot_item *list = NULL;
	int count = from->list.count;
	int code = snapshot_room(convert, count, out, &list);
	for (int i = 0; !code && i < count; i++) {
		const SnapshotDeviceResponseInfo_t *info = from->list.array[i];
		code = connection_read(convert, &info->connectionIdentifier, &list[i].connection);
		if (!code && info->endpointDevice)
			code = device_read(convert, info->endpointDevice, &list[i].device);
		if (!code)
			code = states_read(convert, &info->localCallState, &list[i]);
	}
	return code;
}

int snapshot_device_read(const struct convert *convert, struct cti_reply *out)
{
	const SnapshotDeviceResult_t *from = convert->message->value;
	const DeviceSnapshot_t *choice = &from->crossRefIDorSnapshotData;
	if (choice->present == DeviceSnapshot_PR_serviceCrossRefID)
		return convert_failed(convert, CTI_E_UNSUPPORTED, SEGMENTED);
	return choice->present == DeviceSnapshot_PR_snapshotData
	               ? device_rows_read(convert, &choice->choice.snapshotData, out)
	               : CTI_OK;
}

int snapshot_device_write(const struct convert *convert, const struct cti_reply *from)
{
	SnapshotDeviceResult_t *out = convert->message->value;
	DeviceSnapshot_t *choice = &out->crossRefIDorSnapshotData;
	choice->present = DeviceSnapshot_PR_snapshotData;
	int code = list_make(convert, &choice->choice.snapshotData.list, from->snapshot_count,
	                     sizeof(SnapshotDeviceResponseInfo_t));
	for (size_t i = 0; !code && i < from->snapshot_count; i++) {
		const struct cti_snapshot_item *item = &from->snapshot[i];
		SnapshotDeviceResponseInfo_t *info = choice->choice.snapshotData.list.array[i];
		code = connection_write(convert, &item->connection, &info->connectionIdentifier);
		if (!code && item->device.status != CTI_DEVICE_ABSENT) {
			info->endpointDevice = convert_room(convert, sizeof *info->endpointDevice);
			code = info->endpointDevice
			               ? device_write(convert, &item->device, info->endpointDevice)
			               : CTI_E_NOMEM;
		}
		if (!code)
			code = states_write(convert, item, &info->localCallState);
	}
	return code;
}

static int call_rows_read(const struct convert *convert, const SnapshotCallData_t *from,
                          struct cti_reply *out)
{
	struct cti_snapshot_item *list = NULL;
	int count = from->list.count;
	int code = snapshot_room(convert, count, out, &list);
	for (int i = 0; !code && i < count; i++) {
		const SnapshotCallResponseInfo_t *info = from->list.array[i];
		list[i].connection.state = CTI_CONNECTION_UNKNOWN;
		code = device_read(convert, &info->deviceOnCall, &list[i].device);
		if (!code && info->callIdentifier)
			code = connection_read(convert, info->callIdentifier, &list[i].connection);
		if (info->localConnectionState && *info->localConnectionState >= 0 &&
		    *info->localConnectionState < CTI_CONNECTION_STATES_COUNT)
			list[i].connection.state =
			        (enum cti_connection_state) * info->localConnectionState;
	}
	return code;
}

int snapshot_call_read(const struct convert *convert, struct cti_reply *out)
{
	const SnapshotCallResult_t *from = convert->message->value;
	const CallSnapshot_t *choice = &from->crossRefIDorSnapshotData;
	if (choice->present == CallSnapshot_PR_serviceCrossRefID)
		return convert_failed(convert, CTI_E_UNSUPPORTED, SEGMENTED);
	return choice->present == CallSnapshot_PR_snapshotData
	               ? call_rows_read(convert, &choice->choice.snapshotData, out)
	               : CTI_OK;
}

int snapshot_call_write(const struct convert *convert, const struct cti_reply *from)
{
	SnapshotCallResult_t *out = convert->message->value;
	CallSnapshot_t *choice = &out->crossRefIDorSnapshotData;
	choice->present = CallSnapshot_PR_snapshotData;
	int code = list_make(convert, &choice->choice.snapshotData.list, from->snapshot_count,
	                     sizeof(SnapshotCallResponseInfo_t));
	for (size_t i = 0; !code && i < from->snapshot_count; i++) {
		const struct cti_snapshot_item *item = &from->snapshot[i];
		SnapshotCallResponseInfo_t *info = choice->choice.snapshotData.list.array[i];
		code = device_write(convert, &item->device, &info->deviceOnCall);
		if (!code && (item->connection.call_id || item->connection.device_id)) {
			info->callIdentifier = convert_room(convert, sizeof *info->callIdentifier);
			code = info->callIdentifier ? connection_write(convert, &item->connection,
			                                               info->callIdentifier)
			                            : CTI_E_NOMEM;
		}
		if (!code && item->connection.state != CTI_CONNECTION_UNKNOWN) {
			info->localConnectionState =
			        convert_room(convert, sizeof *info->localConnectionState);
			if (!info->localConnectionState)
				return CTI_E_NOMEM;
			*info->localConnectionState = item->connection.state;
		}
	}
	return code;
}

bool csta_snapshot_is_segment(const struct csta_type *type)
{
	return type->value == &asn_DEF_SnapshotDeviceDataSegmentArgument ||
	       type->value == &asn_DEF_SnapshotCallDataSegmentArgument;
}

int csta_snapshot_segment_read(const struct csta_message *segment, struct cti_reply *out,
                               const char **reference, bool *last, struct cti_error *error)
{
	struct convert convert = {convert_message(segment), "snapshotData", error};
	const OCTET_STRING_t *octets;
	struct cti_reply reply;
	int code;
	cti_reply_init(&reply);
	if (segment->value && segment->type->value == &asn_DEF_SnapshotDeviceDataSegmentArgument) {
		const SnapshotDeviceDataSegmentArgument_t *from = segment->value;
		code = device_rows_read(&convert, &from->snapshotData, &reply);
		octets = &from->serviceCrossRefID;
		*last = from->lastSegment;
	} else if (segment->value &&
	           segment->type->value == &asn_DEF_SnapshotCallDataSegmentArgument) {
		const SnapshotCallDataSegmentArgument_t *from = segment->value;
		code = call_rows_read(&convert, &from->snapshotData, &reply);
		octets = &from->serviceCrossRefID;
		*last = from->lastSegment;
	} else {
		return cti_error_set(error, CTI_E_UNSUPPORTED, "%s is no segment of a snapshot",
		                     segment->type->element);
	}
	if (!code)
		code = octets_read(&convert, octets->buf, (size_t)octets->size, reference);
	if (!code)
		*out = reply;
	return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file event_private.h
 * How the plain structs of <cti/...> and asn1c's structs are brought together: a form is a list of
 * fields, each with the member's name in asn1/, what kind of thing it is, and where it stands in
 * the plain struct. Reading and writing walk the same list. To convert one more field is one more
 * row; names are looked up in the type descriptors once, when the first message comes.
 *
 * Identifiers that are octets on the wire (call ids, cross references, agent ids, dynamic device
 * ids) are text in the plain structs, by the rule of csta/text.h: as they are where they are
 * printable, else "0x" and hexadecimal digits.
 */
#ifndef CSTA_EVENT_PRIVATE_H
#define CSTA_EVENT_PRIVATE_H

#include "csta/event.h"
#include "csta/walk.h"

#include <ANY.h>
#include <CSTACommonArguments.h>
#include <CallLinkageData.h>
#include <CallLinkageDataList.h>
#include <ConnectionID.h>
#include <ConnectionList.h>
#include <ConnectionListItem.h>
#include <DeviceID.h>
#include <ExtendedDevice.h>
#include <OCTET_STRING.h>
#include <RedirectionDevice.h>

enum field_kind {
	FIELD_CONNECTION,    /* ConnectionID <-> cti_connection */
	FIELD_DEVICE,        /* ExtendedDevice <-> cti_device */
	FIELD_REDIRECTION,   /* RedirectionDevice <-> cti_device */
	FIELD_DEVICE_ID,     /* DeviceID <-> cti_device */
	FIELD_NUMBER,        /* DeviceID <-> const char * */
	FIELD_OCTETS,        /* OCTET STRING <-> cti_octets */
	FIELD_TEXT,          /* OCTET STRING <-> const char * */
	FIELD_STATE,         /* LocalConnectionState <-> enum */
	FIELD_ENUM,          /* ENUMERATED <-> int, the same numbers */
	FIELD_ENUM_NAME,     /* ENUMERATED <-> const char * */
	FIELD_PENDING,       /* PendingAgentState <-> enum cti_agent_state */
	FIELD_PENDING_AFTER, /* StateAfterCall <-> enum cti_agent_state */
	FIELD_INTEGER,       /* INTEGER <-> int, -1 if absent */
	FIELD_BOOL,          /* BOOLEAN <-> bool */
	FIELD_FLAG,          /* ENUMERATED 0, 1 <-> bool; 0 is not written where optional */
	FIELD_CONNECTIONS,   /* ConnectionList <-> struct field_list */
	FIELD_LINKAGE,       /* CallLinkageData <-> cti_octets, two side by side */
	FIELD_LINKAGE_LIST,  /* CallLinkageDataList (the new one) <-> the same */
	FIELD_EXTENSIONS,    /* CSTACommonArguments <-> const char *private_data */
	FIELD_PRIVATE,       /* private data without that around it <-> the same */
};

/** One row: the member of asn1c's struct and the field of the plain one. */
struct field {
	const char *member; /* NULL ends the list */
	enum field_kind kind;
	size_t offset;
};

struct field_at {
	const char *member;
	const struct csta_layout *layout; /* of the member's type: names of an ENUMERATED */
	size_t from;                      /* in asn1c's struct */
	size_t to;                        /* in the plain struct */
	enum field_kind kind;
	bool pointer, optional;
};

#define FORM_FIELDS 24

/** The rows of one message, looked up. */
struct form {
	const struct csta_type *type;
	unsigned count;
	struct field_at fields[FORM_FIELDS];
};

/** What a conversion works with. */
struct convert {
	struct csta_message *message;
	const char *member; /* at work, for the error */
	struct cti_error *error;
};

/**
 * Look up @p own, each of which must be there, and @p common, of which those count that the type
 * has. Either may be NULL.
 */
int form_resolve(struct form *, const struct csta_type *, const struct field *own,
                 const struct field *common, struct cti_error *);
int form_read(const struct form *, struct csta_message *, void *plain, struct cti_error *);
int form_write(const struct form *, struct csta_message *, const void *plain, struct cti_error *);

/**
 * The message whose memory the strings of the plain struct are taken from: its value stays as it
 * is, so its readers see a const one.
 */
static inline struct csta_message *convert_message(const struct csta_message *message)
{
	return (struct csta_message *)(uintptr_t)message;
}
int convert_failed(const struct convert *, int code, const char *what);
/** Memory of the message; NULL has filled the error. */
void *convert_room(const struct convert *, size_t size);

/** Text of octets (see above); NULL if there are none or on failure. */
int octets_read(const struct convert *, const uint8_t *octets, size_t length, const char **out);
int octets_write(const struct convert *, const char *text, OCTET_STRING_t *out);
int device_id_read(const struct convert *, const DeviceID_t *, struct cti_device *out);
int device_id_write(const struct convert *, const struct cti_device *, DeviceID_t *out);
int number_write(const struct convert *, const char *number, DeviceID_t *out);
int device_read(const struct convert *, const ExtendedDevice_t *, struct cti_device *out);
int device_write(const struct convert *, const struct cti_device *, ExtendedDevice_t *out);
int connection_read(const struct convert *, const ConnectionID_t *, struct cti_connection *out);
int connection_write(const struct convert *, const struct cti_connection *, ConnectionID_t *out);
int connections_read(const struct convert *, const ConnectionList_t *,
                     const struct cti_connection_item **out, size_t *count);
int connections_write(const struct convert *, const struct cti_connection_item *, size_t count,
                      ConnectionList_t *out);
int private_read(const struct convert *, const ANY_t *const *, size_t count, const char **out);
int private_write(const struct convert *, const char *text, ANY_t *out);
/**
 * Reason codes of agents are not in ECMA-269 (22.1.15 has none): they travel as private data, in
 * the string form, "reason=" and the code. Taken out of what was read where it is that, and made
 * where there is a reason.
 */
int reason_read(const struct convert *, const char **private_data, const char **reason);
int reason_write(const struct convert *, const char *reason, const char **private_data);

/** event_names.c: named, and the reason code where a field is called "reason". */
int names_read(const struct convert *, struct cti_event *);

/** Make @p list hold @p count new, zeroed elements of @p size octets. */
int list_make(const struct convert *, void *list, size_t count, size_t size);

/* event_snapshot.c: the rows of a SnapshotDevice and SnapshotCall result. */
int snapshot_device_read(const struct convert *, struct cti_reply *out);
int snapshot_device_write(const struct convert *, const struct cti_reply *);
int snapshot_call_read(const struct convert *, struct cti_reply *out);
int snapshot_call_write(const struct convert *, const struct cti_reply *);

#endif

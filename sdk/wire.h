/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file wire.h
 * What libcti and the server say to each other, both directions, so that neither can differ.
 * Not installed; the JSON itself is public (sdk/README.md).
 *
 * **Session** (ZeroMQ DEALER to ROUTER): every message is two frames, a kind and a JSON object.
 *
 *     client: hello       {"version":1,"user":"ann","password":"…","client":"crm/2.1"}
 *     server: welcome     {"version":1,"server":"cti-1","user":"ann","heartbeatMs":10000,
 *                          "streams":[{"tenant":"acme","switch":"hq","epoch":"7f3a91c2","sequence":1042,"link":"up"}]}
 *     client: subscribe   {"id":"1","filter":"device/2001","switch":"hq",
 *                          "resume":{"epoch":"7f3a91c2","sequence":1000}}        switch and resume
 * optional server: state       {"subject":"device/2001","switch":"hq","sequence":1042,"state":{…}}
 * snapshot, not on resume server: subscribed
 * {"id":"1","filter":"device/2001","streams":[{"switch":"hq","epoch":…,"sequence":1042,"resumed":true}]}
 *     server: event       {CloudEvent}            each event once, however many filters match
 *     client: unsubscribe {"id":"1"}
 *     client: request     {"id":"r1","service":"AnswerCall","switch":"hq","connection":{…},…}
 *     server: reply       {"id":"r1","ok":true,…} or
 * {"id":"r1","ok":false,"error":{"code":"REFUSED",
 *                          "category":"operation","value":"invalidConnectionID","text":"…"}}
 *     client: request     {"id":"r2","service":"AttachData","switch":"hq","interaction":"01J…",
 *                          "attached":{"customer":"4711"}}       answered by a reply
 *     client: sync        {"id":"7"}   server: sync
 * {"id":"7","streams":[…],"subjects":{"hq/device/2001":41}} server: error
 * {"code":"DENIED","text":"…","id":"1"} either: bye         {"text":"…"}
 *
 * A client that hears nothing for two heartbeats asks `sync`; a server that hears nothing for
 * three forgets the client. Filters: "all", "device/2001", "agent/7001", "queue/3000",
 * "interaction/ID", and with a star for the id every device, agent or queue. Where
 * resuming fails the server sends a stream.gap event for the switch and then the snapshot.
 *
 * PUB: topic frame "cti/v1/{tenant}/{switch}/device/{dn}/event/{type}/", then the CloudEvent.
 */
#ifndef CTI_WIRE_H
#define CTI_WIRE_H

#include <cti/event.h>
#include <cti/request.h>
#include <jansson.h>

/** Version of the session's protocol. */
#define CTI_WIRE_VERSION 1
/** Largest message that either side takes, octets. */
#define CTI_WIRE_MESSAGE_MAX (256 * 1024)
/** Deepest nesting of its arrays and objects. */
#define CTI_WIRE_DEPTH_MAX 16
/** Largest data attached to an interaction, octets of keys and values. */
#define CTI_WIRE_ATTACHED_MAX 16384
/** Longest request id. */
#define CTI_WIRE_REQUEST_ID_MAX 64

/** Growing text, reused. Zero-initialise. A failed append sets `failed` and is checked once. */
struct cti_text {
	char *data; /**< NUL-terminated once anything was appended */
	size_t length, size;
	bool failed;
};
void cti_text_clear(struct cti_text *);
void cti_text_free(struct cti_text *);
void cti_text_raw(struct cti_text *, const char *, size_t);
void cti_text_literal(struct cti_text *, const char *);
/** With quotes and escapes; invalid UTF-8 becomes U+FFFD. NULL becomes null. */
void cti_text_string(struct cti_text *, const char *);
void cti_text_unsigned(struct cti_text *, uint64_t);

/** The CloudEvent of an event with its envelope. Hot path: no allocation but the text's growth. */
int cti_wire_event_write(struct cti_text *, const struct cti_event *);
/** Back; one block, free() it. Unknown members are ignored. */
int cti_wire_event_read(struct cti_event **out, const char *json, size_t length,
                        struct cti_error *);

/** Members of a request, with braces; password included (this is the wire, not the log). */
int cti_wire_request_write(struct cti_text *, const struct cti_request *);
/** Strings point into @p object, which must outlive *out. Errors name the member. */
int cti_wire_request_read(struct cti_request *out, const json_t *object, struct cti_error *);

int cti_wire_reply_write(struct cti_text *, const char *id, const struct cti_reply *);
/** One block, free() it. *id points into @p object. */
int cti_wire_reply_read(struct cti_reply **out, const char **id, const json_t *object,
                        struct cti_error *);

/** AttachData: a request to the server itself, so no service of a switch. */
struct cti_wire_attach {
	const char *id;
	const char *switch_name; /**< NULL: the only one */
	const char *interaction;
	const struct cti_pair *pairs; /**< a value of "" takes the key away */
	size_t pair_count;
};
/** Name that stands as its "service". */
#define CTI_WIRE_ATTACH_DATA "AttachData"
int cti_wire_attach_write(struct cti_text *, const struct cti_wire_attach *);
/** One block, free() it. CTI_E_LIMIT beyond CTI_WIRE_ATTACHED_MAX. */
int cti_wire_attach_read(struct cti_wire_attach **out, const json_t *object, struct cti_error *);

/** {"callID":"17","deviceID":"2003","state":"alerting"} and {"number":"2003"}, {"restricted":true},
 * … */
void cti_wire_connection_write(struct cti_text *, const struct cti_connection *);
void cti_wire_device_write(struct cti_text *, const struct cti_device *);
/** RFC 3339 in UTC with microseconds, quoted. */
void cti_wire_time_write(struct cti_text *, int64_t wall_us);

/** Percent-escape an id for a topic level: / + # % NUL and control characters. */
void cti_wire_topic_escape(struct cti_text *, const char *id);
/** A topic level back to the id that it was made from, in place. */
void cti_wire_topic_unescape(char *level);

#endif

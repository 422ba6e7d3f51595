/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file wire_reader.h
 * Members out of a JSON object, with one sticky error: the first thing that is wrong is
 * remembered with the name of its member, and every function then does nothing. Members that
 * are absent or null leave "not there". Members that are not known are passed over, so that
 * either side may be newer.
 */
#ifndef SDK_WIRE_READER_H
#define SDK_WIRE_READER_H

#include "sdk/wire.h"

struct scratch;

struct reader {
	int code; /* 0, or the first failure */
	struct cti_error *error;
	const char *what;        /* "event", "request": first word of the error */
	struct scratch *scratch; /* what lives until reader_end() */
};

/** Zeroed room until reader_end(); NULL: no memory, the reader has failed. */
void *reader_scratch(struct reader *, size_t count, size_t size);
/** Free the scratch memory; returns the code. */
int reader_end(struct reader *);
/** "event: callingDevice: expected an object" */
void reader_wrong(struct reader *, const char *name, const char *expected);
int reader_no_memory(struct reader *);

/** These point into the object. */
const char *reader_string(struct reader *, const json_t *, const char *name);
json_t *reader_object(struct reader *, const json_t *, const char *name);
/** The text of an object; lives until reader_end(). */
const char *reader_json(struct reader *, const json_t *, const char *name);
json_t *reader_array(struct reader *, const json_t *, const char *name);

bool reader_boolean(struct reader *, const json_t *, const char *name);
int64_t reader_integer(struct reader *, const json_t *, const char *name, int64_t fallback,
                       int64_t least, int64_t most);
/** A number that may not fit a double: a string of digits. */
uint64_t reader_sequence(struct reader *, const json_t *, const char *name);
/** A word that @p parse knows; @p fallback if it is not there. */
int reader_word(struct reader *, const json_t *, const char *name, int fallback,
                int (*parse)(const char *), const char *expected);
enum cti_connection_state reader_state(struct reader *, const json_t *, const char *name);
enum cti_agent_state reader_agent_state(struct reader *, const json_t *, const char *name);
/** RFC 3339 with any number of fraction digits (six count), Z or an offset. */
int64_t reader_time(struct reader *, const json_t *, const char *name);

void reader_device(struct reader *, const json_t *, const char *name, struct cti_device *);
void reader_connection(struct reader *, const json_t *, const char *name, struct cti_connection *);
/** Members of a connection that stand in @p object itself. */
void reader_connection_members(struct reader *, const json_t *object, struct cti_connection *);
/** These make arrays in scratch memory. */
const struct cti_connection_item *reader_items(struct reader *, const json_t *, const char *name,
                                               size_t *count);
void reader_hex(struct reader *, const json_t *, const char *name, struct cti_octets *);
/** {"string":"0A0B"} */
void reader_octets(struct reader *, const json_t *, const char *name, struct cti_octets *);
void reader_pairs(struct reader *, const json_t *, const char *name, const struct cti_pair **,
                  size_t *count);

/** cti_wire_event_read(), where a type that is not known reads as CTI_EVENT_TYPES. */
int wire_event_read_any(struct cti_event **out, const char *json, size_t length,
                        struct cti_error *);

/** Value of a hexadecimal digit, -1 if it is none. */
int reader_hex_digit(char);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file schema.h
 * JSON Schema (2020-12) of the JSON of messages (its shape: top of csta/json_write.c), made of the
 * layouts that the encoders walk.
 *
 * A schema says what csta_encode_json() writes and csta_decode_json() takes, that is also what
 * came from a wire and has no name in the standard. The strict one says what the standard has.
 */
#ifndef CSTA_SCHEMA_H
#define CSTA_SCHEMA_H

#include "csta/csta.h"

enum csta_schema_how {
	CSTA_SCHEMA_STRICT = 1, /**< names, bits, lengths and ranges of the standard alone */
	CSTA_SCHEMA_APART = 2,  /**< types are referred to in CSTA_SCHEMA_TYPES, beside it */
};
#define CSTA_SCHEMA_TYPES "types.json"

/** Append the schema of one message. @p how: enum csta_schema_how, or together. */
int csta_schema_message(const struct csta_type *, unsigned how, struct csta_buffer *out,
                        struct cti_error *);
/** Append CSTA_SCHEMA_TYPES: every type that a message reaches. */
int csta_schema_types(unsigned how, struct csta_buffer *out, struct cti_error *);

#endif

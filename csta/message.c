/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/codec.h"
#include "csta/walk.h"
#include "csta/xml.h"

#include <stdlib.h>
#include <string.h>

/* Arenas that wait at most; each keeps its first chunk. */
#define IDLE_ARENAS 16

#define DEFAULT_PDU      65527 /* ECMA-323 J-2: 65535 less the header */
#define DEFAULT_DEPTH    32
#define DEFAULT_ELEMENTS 4096

int csta_init(struct cti_error *error)
{
	static bool done;
	int failure;

	if (done)
		return 0;
	csta_types_index();
	failure = csta_layouts_make(error);
	failure = failure ? failure : csta_dialects_init(error);
	failure = failure ? failure : csta_xml_init(error);
	done = !failure;
	return failure;
}

int csta_codec_create(struct csta_codec **out, const struct csta_limits *limits,
                      struct cti_error *error)
{
	struct csta_codec *codec = csta_alloc_fails() ? NULL : calloc(1, sizeof(*codec));

	if (!codec)
		return cti_error_set(error, CTI_E_NOMEM, "no memory for a codec");
	codec->phase = CSTA_PHASE_3;
	if (limits)
		codec->limits = *limits;
	if (!codec->limits.pdu)
		codec->limits.pdu = DEFAULT_PDU;
	if (!codec->limits.depth)
		codec->limits.depth = DEFAULT_DEPTH;
	if (!codec->limits.elements)
		codec->limits.elements = DEFAULT_ELEMENTS;
	if (!codec->limits.memory)
		codec->limits.memory = 64 * codec->limits.pdu + 65536;
	*out = codec;
	return 0;
}

void csta_codec_destroy(struct csta_codec **codec)
{
	if (!*codec)
		return;
	while ((*codec)->idle) {
		struct csta_arena *arena = (*codec)->idle;

		(*codec)->idle = arena->next;
		csta_arena_destroy(arena);
	}
	csta_buffer_free(&(*codec)->scratch);
	if ((*codec)->xml)
		(*codec)->xml_free((*codec)->xml);
	free(*codec);
	*codec = NULL;
}

static struct csta_arena *arena_get(struct csta_codec *codec)
{
	struct csta_arena *arena = codec->idle;

	if (!arena)
		return csta_arena_create(codec, codec->limits.memory);
	codec->idle = arena->next;
	codec->idle_count--;
	arena->limit = codec->limits.memory;
	return arena;
}

int csta_message_create(struct csta_message **out, struct csta_codec *codec,
                        const struct csta_type *type, struct cti_error *error)
{
	struct csta_arena *arena = arena_get(codec);
	struct csta_message *message = arena ? csta_arena_alloc(arena, sizeof(*message)) : NULL;

	if (!message) {
		csta_arena_destroy(arena);
		return cti_error_set(error, CTI_E_NOMEM, "%s: no memory", type->element);
	}
	message->type = type;
	message->invoke_id = CSTA_NO_INVOKE_ID;
	message->arena = arena;
	message->value = csta_arena_alloc(arena, csta_layout_of_type(type)->size);
	if (!message->value) {
		int code = csta_message_nomem(message, error);

		csta_arena_destroy(arena);
		return code;
	}
	*out = message;
	return 0;
}

void csta_message_destroy(struct csta_message **message)
{
	struct csta_arena *arena;
	struct csta_codec *codec;

	if (!*message)
		return;
	arena = (*message)->arena;
	codec = arena->owner;
	*message = NULL;
	if (codec->idle_count == IDLE_ARENAS) {
		csta_arena_destroy(arena);
		return;
	}
	csta_arena_reset(arena);
	arena->next = codec->idle;
	codec->idle = arena;
	codec->idle_count++;
}

void csta_message_limit(struct csta_message *message, size_t most)
{
	size_t limit = message->arena->owner->limits.memory;

	message->arena->limit = most < limit ? most : limit;
}

void *csta_message_alloc(struct csta_message *message, size_t size)
{
	return csta_arena_alloc(message->arena, size);
}

int csta_message_nomem(const struct csta_message *message, struct cti_error *error)
{
	if (message->arena->exceeded)
		return cti_error_set(error, CTI_E_LIMIT,
		                     "%s: more than %zu octets of decoded value",
		                     message->type->element, message->arena->limit);
	return cti_error_set(error, CTI_E_NOMEM, "%s: no memory", message->type->element);
}

bool csta_message_equal(const struct csta_message *a, const struct csta_message *b)
{
	if (a->type != b->type || a->invoke_id != b->invoke_id ||
	    a->monitor_length != b->monitor_length ||
	    memcmp(a->monitor, b->monitor, a->monitor_length))
		return false;
	if (!a->value || !b->value)
		return a->value == b->value;
	return csta_value_equal(csta_layout_of_type(a->type), a->value, b->value);
}

int csta_buffer_append(struct csta_buffer *buffer, const void *data, size_t length)
{
	if (length > buffer->size - buffer->length) {
		size_t size = buffer->size ? buffer->size : 512;
		uint8_t *larger;

		if (length > SIZE_MAX / 2 - buffer->length)
			return CTI_E_NOMEM;
		while (size < buffer->length + length)
			size *= 2;
		larger = csta_alloc_fails() ? NULL : realloc(buffer->data, size);
		if (!larger)
			return CTI_E_NOMEM;
		buffer->data = larger;
		buffer->size = size;
	}
	if (length)
		memcpy(buffer->data + buffer->length, data, length);
	buffer->length += length;
	return 0;
}

void csta_buffer_clear(struct csta_buffer *buffer)
{
	buffer->length = 0;
}

void csta_buffer_free(struct csta_buffer *buffer)
{
	free(buffer->data);
	memset(buffer, 0, sizeof(*buffer));
}

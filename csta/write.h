/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file write.h
 * Appending text to a buffer, shared by JSON and the printed forms. Private to libcsta.
 */
#ifndef CSTA_WRITE_H
#define CSTA_WRITE_H

#include "csta/walk.h"

#include <string.h>

/** Where text goes. After a failure nothing more is appended: look once, at the end. */
struct csta_writer {
	struct csta_buffer *out;
	const struct csta_message *message; /**< whose private data have names; NULL: none have */
	bool failed;                        /**< no memory */
};

/** csta_write() where the buffer must grow. */
void csta_write_more(struct csta_writer *, const char *text, size_t length);
static inline void csta_write(struct csta_writer *writer, const char *text, size_t length)
{
	struct csta_buffer *out = writer->out;

	if (length > out->size - out->length || writer->failed) {
		csta_write_more(writer, text, length);
		return;
	}
	if (length)
		memcpy(out->data + out->length, text, length);
	out->length += length;
}
/** Inline, so that a constant's length is one too. */
static inline void csta_write_text(struct csta_writer *writer, const char *text)
{
	csta_write(writer, text, strlen(text));
}
void csta_write_number(struct csta_writer *, long number);
void csta_write_hex(struct csta_writer *, const uint8_t *data, size_t length);
/** With JSON's escapes; the octets must be UTF-8. */
void csta_write_escaped(struct csta_writer *, const uint8_t *data, size_t length);
/** The same in quotes. */
void csta_write_quoted(struct csta_writer *, const uint8_t *data, size_t length);
/** Octets of an object identifier that has a form in digits. */
#define CSTA_OID_MAX 256
/** "1.3.12.0.218"; false, with nothing written, if the octets are not the least for one. */
bool csta_write_oid(struct csta_writer *, const OBJECT_IDENTIFIER_t *);

/**
 * What has a name in private data (csta/private.h, private_write.c): in one line, "avaya.x=true
 * 0x04...", the octets only if not all has one; as lines of a tree; as a member of an
 * object, with a comma in front. Nothing, and false, where nothing has a name.
 */
bool csta_write_names_short(struct csta_writer *, const OCTET_STRING_t *any);
bool csta_write_names_tree(struct csta_writer *, const OCTET_STRING_t *any, unsigned depth);
bool csta_write_names_json(struct csta_writer *, const OCTET_STRING_t *any);

/** How many octets at the beginning are printable ASCII that JSON needs no escape for. */
size_t csta_plain_length(const uint8_t *data, size_t length);
/** Whether octets are UTF-8 without NUL. */
bool csta_is_utf8(const uint8_t *data, size_t length);

#endif

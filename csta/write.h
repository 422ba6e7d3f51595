/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file write.h
 * Appending text to a buffer, shared by JSON and the printed forms. Private to libcsta.
 */
#ifndef CSTA_WRITE_H
#define CSTA_WRITE_H

#include "csta/walk.h"

/** Where text goes. After a failure nothing more is appended: look once, at the end. */
struct csta_writer {
	struct csta_buffer *out;
	bool failed; /**< no memory */
};

void csta_write(struct csta_writer *, const char *text, size_t length);
void csta_write_text(struct csta_writer *, const char *text);
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

/** Whether octets are UTF-8 without NUL. */
bool csta_is_utf8(const uint8_t *data, size_t length);

#endif

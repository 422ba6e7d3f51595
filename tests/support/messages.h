/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file messages.h
 * What the tests of libcsta share: a codec, octets out of hexadecimal, what is said of a message
 * that fails. Linked into every unit test.
 */
#ifndef TESTS_MESSAGES_H
#define TESTS_MESSAGES_H

#include "csta/codec.h"

/** The tests' codec, between codec_setup() and codec_teardown(). */
extern struct csta_codec *codec;

/** Setup and teardown of a group: csta_init() and the codec. */
int codec_setup(void **state);
int codec_teardown(void **state);

/** For csta_decode_ber(): every answer is to @ref pending_type, NULL: to none that is known. */
extern const struct csta_type *pending_type;
const struct csta_type *pending(void *arg, uint32_t invoke_id);

/** Octets of "a1 0c 0201", blanks allowed, into a buffer of @p size. Fails on anything else. */
size_t unhex(const char *hex, uint8_t *out, size_t size);

/** Fail, and show the message as a tree. */
void fail_message(const struct csta_message *, const char *what);

/** The buffer holds just this text. */
void assert_text(const struct csta_buffer *, const char *text);

#endif

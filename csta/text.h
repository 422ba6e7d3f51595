/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file text.h
 * Octets and times as text and back, without loss. ECMA-285 has OCTET STRING (and IA5String,
 * which switches fill with what they like) where ECMA-323 has text: callID, deviceID, cross
 * references, names. Private to libcsta; XML and JSON use the same.
 *
 *     octets 46 46 30 31           text FF01          printable: as it is
 *     octets 00 58                 text 0x0058        not printable: 0x and upper case hex
 *     octets "0x0058" (six)        text 0x307830303538
 *     octets "0x4142"              text 0x4142        what a switch wrote comes back the same
 *
 * Both directions are the identity: every octet string comes back from its text, and every text
 * comes back from its octets. Printable: UTF-8 of characters that XML 1.0 allows, no control
 * character, no blank at either end (readers trim, for pretty printers add).
 */
#ifndef CSTA_TEXT_H
#define CSTA_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Whether @p octets stand for themselves as text. */
bool csta_text_plain(const uint8_t *octets, size_t length);

/** Whether @p text is the hexadecimal form of octets that are not plain. */
bool csta_text_hex(const char *text, size_t length);

/** White space of XML. */
static inline bool csta_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/** A character in UTF-8; returns how many octets. */
size_t csta_utf8_put(uint32_t c, char out[static 4]);

/** 0..15, or -1. */
int csta_hex_digit(char c);

/**
 * GeneralizedTime (20261122070000.5Z) to xs:dateTime (2026-11-22T07:00:00.5Z). Returns the length
 * written to @p out, or 0 where the octets have not exactly that form and must go as text.
 */
size_t csta_time_write(const uint8_t *octets, size_t length, char out[static 48]);

/** The other way. Returns the length written, or 0 where @p text is not such a time. */
size_t csta_time_read(const char *text, size_t length, char out[static 48]);

#endif

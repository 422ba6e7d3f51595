/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file json_check.h
 * JSON from outside, looked at before jansson makes values of it: how deep it is nested, and what
 * they would take. Not installed.
 */
#ifndef SDK_JSON_CHECK_H
#define SDK_JSON_CHECK_H

#include <cti/error.h>
#include <stddef.h>

/** What a text of @p octets may take as jansson's values: half of 64 times and 64 KiB. */
#define CTI_JSON_MEMORY_OF(octets) (32 * (octets) + 32768)

/**
 * 0, or CTI_E_LIMIT: arrays and objects nested deeper than @p depth, or so many of them that they
 * take more than CTI_JSON_MEMORY_OF(length). Whether it is JSON at all, jansson says.
 */
int cti_json_check(const char *text, size_t length, unsigned depth, struct cti_error *);

#endif

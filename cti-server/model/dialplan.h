/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dialplan.h
 * One device, one name: from whatever a switch or a person writes to the canonical number, and
 * back to what the switch dials. Canonical is an extension as it is ("2001"), a public number
 * in E.164 with its plus ("+8675588880001"), or the text itself where neither fits.
 *
 * Read: digits with separators, "tel:" and "sip:" URIs, ECMA-269's switching function
 * representation "N<2001!sub&1/2%7001>Ann" with vendors' parameters after it
 * ("N<3021>;displayNumber=3021;noa=nk"), and Avaya's "2001:switch:10.0.0.1:0".
 */
#ifndef SERVER_DIALPLAN_H
#define SERVER_DIALPLAN_H

#include "cti-server/pbx.h"

/** Longest canonical number, with its NUL (ECMA-285: a device id has at most 128 octets). */
#define DIALPLAN_NUMBER 129
/** Longest name found in a device id, with its NUL. */
#define DIALPLAN_NAME 65

/**
 * Canonical form of @p text into @p out, cut at @p size. Applied to its own result it changes
 * nothing. @p name (DIALPLAN_NAME octets, may be NULL) gets the name in the text, or "".
 */
void dialplan_canonical(const struct pbx_dialplan *, const char *text, char *out, size_t size,
                        char *name);
/** What the switch has to dial for a canonical number. */
void dialplan_dial(const struct pbx_dialplan *, const char *canonical, char *out, size_t size);
/** Is this text canonical already, as most are: an extension, or E.164 with its plus. */
bool dialplan_plain(const struct pbx_dialplan *, const char *text);
/** Could this canonical number be a device of the switch: no public number. */
bool dialplan_internal(const struct pbx_dialplan *, const char *canonical);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file request.h
 * The one way of a request, whichever door it came through: read, authorise, remember, send to
 * the switch, answer exactly once.
 *
 * (user, id) is remembered: a repeat gets the answer of the first, or waits for it with it.
 * What was refused before it went to a switch is not remembered. Too much is answered BUSY.
 * Loop thread only.
 */
#ifndef SERVER_REQUEST_H
#define SERVER_REQUEST_H

#include "cti-server/pbx.h"
#include "cti-server/rights.h"

#include <jansson.h>

struct requests;

struct requests_options {
	uint64_t memory_us;       /**< how long an answer is remembered */
	size_t remembered;        /**< answers at most; then the oldest go */
	size_t open;              /**< under way at once, all users together */
	size_t user_open;         /**< ... of one user */
	unsigned user_per_second; /**< of one user, with a burst of as many */
};

int requests_create(struct requests **out, struct clock *, struct rights *,
                    const struct requests_options *, struct cti_error *);
/** After every pbx was stopped, which answers what is open. Sets NULL, takes NULL. */
void requests_destroy(struct requests **);
void requests_configure(struct requests *, const struct requests_options *);

/** Make a switch known; it must outlive the requests. CTI_E_NOMEM. */
int requests_add(struct requests *, struct pbx *);
/** The switch of a name; NULL names the only one. NULL: there is none, @p error says which are. */
struct pbx *requests_pbx(const struct requests *, const char *name, struct cti_error *);
/** Requests under way. */
size_t requests_open(const struct requests *);

/** What the place where a request came in says already (an MQTT topic); NULL: nothing. */
struct requests_place {
	const char *switch_name, *device, *service;
};
/** The answer, borrowed for the call. @p id as it was asked, "" if it had none. */
typedef void requests_done(void *arg, const char *id, const struct cti_reply *);
/**
 * Ask. @p object: members as in sdk/wire.h; @p place (may be NULL) fills in what is missing there
 * and must agree with what is not. @p done is called exactly once, perhaps before this returns,
 * unless requests_forget() comes first.
 */
void requests_submit(struct requests *, const char *user, json_t *object,
                     const struct requests_place *place, requests_done *done, void *arg);
/** Nobody waits under @p arg any more. The requests go on. */
void requests_forget(struct requests *, const void *arg);

/**
 * JSON from outside: an object, at most @p most octets and 16 levels deep, no name twice.
 * NULL: @p error says what is wrong and where.
 */
json_t *requests_parse(const void *bytes, size_t length, size_t most, struct cti_error *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pass.h
 * What the model does not interpret passes through whole: services as CTI_SERVICE_OTHER, events as
 * CTI_EVENT_CSTA, with the message as JSON (csta/json_write.c has its shape) without the envelope.
 */
#ifndef CSTA_PASS_H
#define CSTA_PASS_H

#include "csta/csta.h"

#include <cti/event.h>
#include <cti/request.h>

/** Service and arguments to a message. CTI_E_UNSUPPORTED: ECMA-269 has no such service. */
int csta_pass_request_write(struct csta_message **out, struct csta_codec *,
                            const struct cti_request *, struct cti_error *);
/** A message to service, arguments and object; strings live as long as the message. */
int csta_pass_request_read(const struct csta_message *, struct cti_request *out,
                           struct cti_error *);
/** The result of a response (error and reject: csta_reply_read()). */
int csta_pass_reply_read(const struct csta_message *, struct cti_reply *out, struct cti_error *);
/** The answer to a request of that row; one that failed is csta_reply_write()'s. */
int csta_pass_reply_write(struct csta_message **out, struct csta_codec *,
                          const struct csta_type *request, const struct cti_reply *,
                          struct cti_error *);
/** An event, with its monitor and the first device and connection that it names. */
int csta_pass_event_read(const struct csta_message *, struct cti_event *out, struct cti_error *);
int csta_pass_event_write(struct csta_message **out, struct csta_codec *, const struct cti_event *,
                          struct cti_error *);

/**
 * The first device and connection that a message names: those that a service of ECMA-269 acts on.
 * Absent where there are none. Strings live as long as the message.
 */
int csta_pass_object(const struct csta_message *, struct cti_device *, struct cti_connection *,
                     struct cti_error *);

#endif

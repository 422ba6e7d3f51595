/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file event.h
 * The one place where CSTA messages become the plain structs of <cti/event.h> and
 * <cti/request.h>, and back. Both directions of both, so that adapter, simulator and (later) the
 * server's own CSTA door share it.
 *
 * Strings of the structs point into the message or into memory of it: they live as long as
 * the message. Numbers are as the switch wrote them; the host applies the dial plan.
 */
#ifndef CSTA_EVENT_H
#define CSTA_EVENT_H

#include "csta/csta.h"

#include <cti/event.h>
#include <cti/request.h>

/** Message (CSTA_EVENT) to event; one that the model does not know is a CTI_EVENT_CSTA. */
int csta_event_read(const struct csta_message *, struct cti_event *out, struct cti_error *);
/** Type of the event that a row becomes; -1: an event the model does not know, or no event. */
int csta_event_type_of(const struct csta_type *);
/** Event to message, monitor cross reference from event->monitor. */
int csta_event_write(struct csta_message **out, struct csta_codec *, const struct cti_event *,
                     struct cti_error *);

/** Message (CSTA_REQUEST) to request; a service that the model does not know is a
 * CTI_SERVICE_OTHER. */
int csta_request_read(const struct csta_message *, struct cti_request *out, struct cti_error *);
int csta_request_write(struct csta_message **out, struct csta_codec *, const struct cti_request *,
                       struct cti_error *);

/**
 * Answer (response, error, reject) to @p service, to reply and back; a positive one to a
 * CTI_SERVICE_OTHER is written by csta_pass_reply_write().
 */
int csta_reply_read(const struct csta_message *, enum cti_service, struct cti_reply *out,
                    struct cti_error *);
/** A failed reply (code not 0) becomes CSTAErrorCode. */
int csta_reply_write(struct csta_message **out, struct csta_codec *, enum cti_service,
                     const struct cti_reply *, struct cti_error *);

/**
 * Long snapshots come in segments (ECMA-269 16.1): the answer gives a cross reference alone, the
 * rows follow in SnapshotDeviceData or SnapshotCallData, which nobody answers. csta_reply_read()
 * refuses such an answer (CTI_E_UNSUPPORTED); here is what it has without the rows. *reference
 * NULL: the answer is whole.
 */
int csta_snapshot_reference(const struct csta_message *answer, enum cti_service,
                            struct cti_reply *out, const char **reference, struct cti_error *);
/** Whether a row is such a segment. */
bool csta_snapshot_is_segment(const struct csta_type *);
/** One segment: its rows as out->snapshot. CTI_E_UNSUPPORTED: the message is none. */
int csta_snapshot_segment_read(const struct csta_message *, struct cti_reply *out,
                               const char **reference, bool *last, struct cti_error *);

#endif

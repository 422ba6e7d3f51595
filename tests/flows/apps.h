/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file apps.h
 * The applications of a flow: libcti clients over the server's ROUTER, or subscribers of a real
 * broker, and the recorder that hears every event.
 */
#ifndef FLOWS_APPS_H
#define FLOWS_APPS_H

#include "tests/flows/world.h"

struct event_base;
struct broker;

struct apps_place {
	struct event_base *base;
	const char *endpoint; /**< of ROUTER */
	const char *switch_name;
	struct broker *broker; /**< NULL: none */
	struct ladder *ladder;
};

/** Connect and subscribe; @p header NULL: the recorder. It is ready after apps_ready(). */
int app_create(struct app **out, struct world *, const struct flow_header *header,
               const struct apps_place *, struct cti_error *);
void app_destroy(struct app **);
/** True when every subscription is confirmed. @p error (may be NULL): what was refused. */
bool app_ready(const struct app *, struct cti_error *);
/** Ask the server for an echo; app_echoed() tells when it came. */
int app_echo(struct app *);
bool app_echoed(const struct app *);
int app_request(struct app *, const struct flow_step *, const struct flow_field *fields,
                struct cti_error *);
int app_leave(struct app *);
int app_return(struct app *, struct cti_error *);
/** Real waiting for a broker's message, at most @p ms. */
void app_poll(struct app *, int ms);
bool app_over_mqtt(const struct app *);

/** A hole in a subject's counters or in the sequence, as a sentence in a static buffer; or NULL. */
const char *app_holes(const struct app *);

/** Words of a list "a,b": call @p each; returns how many. */
size_t app_words(const char *list, void (*each)(void *arg, const char *word), void *arg);
/** The word after @p key in an app's header, NULL if it is not there. */
const char *app_option(const struct flow_header *, const char *key);

#endif

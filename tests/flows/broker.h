/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file broker.h
 * A real mosquitto on a free loopback port, and subscribers of it. Its time is real: a
 * subscriber is polled until what is expected has come.
 */
#ifndef FLOWS_BROKER_H
#define FLOWS_BROKER_H

#include <cti/error.h>
#include <cti/event.h>

struct broker;
struct subscriber;

/** Start one; ready when this returns. CTI_E_UNSUPPORTED: there is no mosquitto here. */
int broker_create(struct broker **out, struct cti_error *);
/** Stop it and wait for its end. Sets NULL, takes NULL. */
void broker_destroy(struct broker **);
/** Kill it (SIGKILL), and start it again on the same port. */
void broker_kill(struct broker *);
int broker_restart(struct broker *, struct cti_error *);
unsigned broker_port(const struct broker *);
int broker_pid(const struct broker *);

/** Subscribe to the event topics of @p filters ("all", "device/2001,agent/7001"). */
int subscriber_create(struct subscriber **out, struct broker *, const char *filters,
                      void (*event)(void *arg, const struct cti_event *), void *arg,
                      struct cti_error *);
void subscriber_destroy(struct subscriber **);
bool subscriber_ready(struct subscriber *);
/** Read and call back; waits at most @p ms. */
void subscriber_poll(struct subscriber *, int ms);

#endif

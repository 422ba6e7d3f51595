/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file server.h
 * The whole server: switches, model, bus, rights, requests and doors, wired to one loop.
 * main.c runs it; a test makes it on its own clock and loop and drives both.
 * Loop thread only.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "cti-server/config.h"

struct clock;
struct event_base;
struct server;

/** Milliseconds in which a stop must be over, doors and broker told. */
#define SERVER_STOP_MS 3000

/**
 * Make a server on its own loop and the real clock. Takes *config (sets NULL) in any case.
 * Nothing is bound or started yet.
 */
int server_create(struct server **out, struct config **config, struct cti_error *);
/** ... on the caller's clock and loop, which must outlive it. */
int server_create_with(struct server **out, struct clock *, struct event_base *,
                       struct config **config, struct cti_error *);
/** Stops what still runs. Sets NULL, takes NULL. */
void server_destroy(struct server **);

/** Bind the doors, start the switches. */
int server_start(struct server *, struct cti_error *);
/** Run until SIGTERM, SIGINT or server_quit(); SIGHUP reloads from @p file (NULL: it only reopens
 * the log). Returns after the stop. */
int server_run(struct server *, const char *file, struct cti_error *);
void server_quit(struct server *);
/** Tell every client and the broker, stop the switches; may run the loop, at most SERVER_STOP_MS.
 */
void server_stop(struct server *);

/**
 * Go on with another configuration. Users, roles, limits of requests, monitors, dial plans and
 * log take effect; links and sessions stay. What needs a restart is logged, and so is a switch
 * that came or went. Takes *config in any case; on failure the old one stays.
 */
int server_reload(struct server *, struct config **config, struct cti_error *);

struct pbx *server_pbx(struct server *, const char *name);
struct bus *server_bus(struct server *);
/** Where the doors are bound, wildcards resolved ("tcp://127.0.0.1:41234"); NULL: not. */
const char *server_router_endpoint(const struct server *);
const char *server_pub_endpoint(const struct server *);
/** True while the broker has taken us. */
bool server_mqtt_connected(const struct server *);
/** True when no door has anything left to send and no request is under way. */
bool server_is_quiet(const struct server *);

#endif

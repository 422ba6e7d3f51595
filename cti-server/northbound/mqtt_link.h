/* SPDX-License-Identifier: Apache-2.0 */
/** @file mqtt_link.h One connection to the broker, the thread's own; private to mqtt_*.c. */
#ifndef SERVER_NORTHBOUND_MQTT_LINK_H
#define SERVER_NORTHBOUND_MQTT_LINK_H

#include "cti-server/northbound/mqtt_inside.h"

#include <mosquitto.h>
#include <mqtt_protocol.h>

#define MIDS       65536
#define STRAYS_MAX 100000

struct link {
	struct mqtt_door *door;
	struct mosquitto *client;
	int version;   /* MQTT_PROTOCOL_V5 or V311 */
	bool answered; /* CONNACK came, and was good */
	bool lost;
	unsigned mute_failures; /* connections that ended before CONNACK, with this version */
	bool told;              /* the log has this trouble already */
	size_t unsubscribed;    /* SUBACKs that are still due */
	uint64_t connack_by_us, retry_us, pause_us;
	struct outgoings sent;    /* not acknowledged, oldest first */
	struct outgoing *current; /* the last of them has copies left to send */
	struct outgoing *by_mid[MIDS];
	bool waits[MIDS]; /* this message id is not acknowledged */
	size_t inflight;
	bool state_next; /* fairness between events and states */
	bool offline_sent;
	bool states_read; /* what was retained at the broker has come */
	char *strays[STRAYS_MAX];
	size_t stray_count;
	struct cti_text topic, text, filter;
};

/* mqtt_send.c */
/** 0: libmosquitto has it (or nobody ever can); else nothing more goes for now. */
int link_publish(struct link *, const char *topic, const void *payload, size_t length, bool retain,
                 const mosquitto_property *, struct outgoing *);
/** Hands out what waits while the broker keeps up. False: nothing is left. */
bool link_pump(struct link *);
/** libmosquitto's word that a message is acknowledged. */
void link_acknowledged(struct mosquitto *, void *link, int mid, int reason,
                       const mosquitto_property *);

/* mqtt_hear.c */
/** libmosquitto's word that a message came. */
void link_heard(struct mosquitto *, void *link, const struct mosquitto_message *,
                const mosquitto_property *);
/** Retained states that nobody has any more are cleared, once that is certain. */
void strays_clear(struct link *);
void strays_free(struct link *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file hostile.h
 * Attackers at every port of a server that goes on working: one world for the whole suite,
 * with a good call played after (and during) each attack.
 */
#ifndef HOSTILE_HOSTILE_H
#define HOSTILE_HOSTILE_H

#include "tests/flows/world.h"

/* What an attacker sends. */
struct shot {
	const char *name;
	uint8_t *bytes;
	size_t length;
	bool drip;  /* octet by octet, with the good call going on in between */
	bool close; /* close after sending, as one who was cut off */
};

/** A raw connection to a loopback port; driven together with the world's loop. */
struct attacker {
	int fd;
	bool closed; /* the other end closed it */
	size_t received;
	uint8_t answer[4096]; /* the beginning of what came back */
};

extern struct world *hostile_world;

/** One good call from ring to end with nothing missing; fails the test otherwise. */
void good_call(void);
/** Everything comes to rest; fails the test otherwise. */
void rest(void);
/** Lines that the log got since the last call, as one text; free() it. */
char *log_news(void);

int attacker_open(struct attacker *, unsigned port);
/** Send, turning the world's loop; stops when the other end closes. Returns octets sent. */
size_t attacker_send(struct attacker *, const void *bytes, size_t length);
/** Read what is there and notice the end. */
void attacker_look(struct attacker *);
void attacker_close(struct attacker *);

/** Listeners that adapters of the server connect to: XML, and BER in len16. */
extern int hostile_switch[2];

/** Wait in virtual time until an adapter of the server connects there; -1: it does not. */
int adapter_accept(int listener);

/** Seeded octets: the same in every run. */
void random_bytes(uint64_t seed, uint8_t *out, size_t length);

#endif

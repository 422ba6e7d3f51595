/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file port.h
 * A CSTA link of the simulated switch: a TCP port at which applications speak XML (ECMA-323 and
 * ECMA-354) or BER (ECMA-285). Every application is a client of the same switch, with monitors
 * of its own. Loop thread only.
 */
#ifndef SIMULATOR_PORT_H
#define SIMULATOR_PORT_H

#include "csta/session.h"
#include "pbx-adapters/adapter.h"

struct sim_switch;
struct port;

/** 0 and NULL stand for the default. */
struct port_config {
	enum csta_encoding encoding;
	enum csta_framing framing; /**< BER only; XML has its own */
	/** What must come before messages flow; ACSE and SESSION are taken by default. */
	enum csta_association association;
	bool no_association; /**< none at all */
	bool bp_handshake;   /**< as an Alcatel: 'B' of the application, 'P' of ours come first */
	/** BER; AUTO: as the association says, III where there is none. */
	enum csta_phase phase;
	const char *address; /**< default "127.0.0.1" */
	uint16_t port;       /**< 0: any free one; port_address() tells */
	unsigned max_links;  /**< applications at once; default 64 */
	size_t max_output;   /**< octets an application leaves unread; default 16 MiB */
};

/**
 * "xml:8765", "ber:127.0.0.1:8766" into a config. Behind the encoding may stand, each after a '+',
 * a framing (csta_framing_parse(); BER: len16 unless told), what comes first (none, acse, session,
 * system; bp before it) and the only phase of CSTA that is spoken (phase1, phase2: or I; phase3).
 * config->address points into @p room.
 */
int port_parse(const char *text, struct port_config *out, char room[64], struct cti_error *);

/** Listen. The switch, the host and its loop outlive the port. */
int port_create(struct port **out, struct sim_switch *, const struct cti_host *,
                const struct port_config *, struct cti_error *);
/** Disconnects everybody. Sets NULL, takes NULL. */
void port_destroy(struct port **);
/** "127.0.0.1:4711". */
const char *port_address(const struct port *);
/** Fault: false disconnects everybody and refuses new ones; true lets them in again. */
void port_open(struct port *, bool open);
/** Fault: answers come so much later; events do not wait. */
void port_delay(struct port *, uint64_t delay_us);
/** Applications connected now. */
unsigned port_links(const struct port *);
/** Octets in and out so far, over all links: a test waits until they stand still on both ends. */
void port_octets(const struct port *, uint64_t *in, uint64_t *out);

#endif

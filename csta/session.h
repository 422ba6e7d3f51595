/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file session.h
 * One CSTA link as a state machine: framing, association (ACSE) or application session (ECMA-354),
 * invoke ids, open requests with their deadlines, heartbeats. For both roles: the adapter is the
 * computing function, the simulator the switching function.
 *
 * No I/O: bytes go in with csta_session_input(), come out through ops->send. No clock: the time
 * is handed in, and csta_session_deadline() says when csta_session_tick() wants to be called.
 */
#ifndef CSTA_SESSION_H
#define CSTA_SESSION_H

#include "csta/csta.h"

enum csta_role { CSTA_COMPUTING, CSTA_SWITCHING };
enum csta_encoding { CSTA_BER, CSTA_XML };

/** How messages are cut out of the stream. */
enum csta_framing {
	CSTA_FRAME_XML,      /**< ECMA-323 J-2: 0000, total length, four digits, body */
	CSTA_FRAME_BARE,     /**< BER delimits itself */
	CSTA_FRAME_LEN16,    /**< two octets of length (Panasonic, Alcatel, Ericsson) */
	CSTA_FRAME_HIPATH26, /**< 0x26, top bit "complete" and 15 bits of length (Siemens HiPath) */
	CSTA_FRAME_TPKT,     /**< RFC 1006 */
};

/** What must happen before CSTA messages flow. */
enum csta_association {
	CSTA_ASSOCIATE_NONE,    /**< messages flow at once */
	CSTA_ASSOCIATE_ACSE,    /**< BER: AARQ, AARE */
	CSTA_ASSOCIATE_SESSION, /**< XML: ECMA-354 StartApplicationSession */
	CSTA_ASSOCIATE_SYSTEM,  /**< OpenScape Voice: SystemStatus of the switch, SystemRegister */
};

/** How a user and password stand in StartApplicationSession: every vendor has a way. */
enum csta_login {
	CSTA_LOGIN_PLAIN, /**< <user> and <password> (OpenScape Business) */
	CSTA_LOGIN_AVAYA, /**< SessionLoginInfo of http://www.avaya.com/csta */
};

struct csta_session_config {
	enum csta_role role;
	enum csta_encoding encoding;
	enum csta_framing framing;
	bool bp_handshake; /**< Alcatel: 'B' of the client, 'P' of the switch come first */
	enum csta_association association;
	/**
	 * BER. AUTO: the association tells, III is asked for and spoken where there is none. II: I
	 * is taken for an answer.
	 */
	enum csta_phase phase;
	/** XML: asked for, or the highest offered; 0: 4, or what the peer speaks. BER: ignored. */
	enum csta_edition edition;
	const char *application_id; /**< ECMA-354; NULL: "cti-server" */
	const char *user;           /**< NULL: none. Switching role: expected */
	const char *password;       /**< secret */
	enum csta_login login;      /**< ECMA-354, computing role; the switching role takes both */
	unsigned session_s;         /**< ECMA-354: duration asked for or granted; 0: untimed */
	uint64_t request_us;        /**< an answer must come within; default 10 s */
	uint64_t heartbeat_us;      /**< SystemStatus after this much silence; 0: none */
	unsigned heartbeat_misses;  /**< unanswered before the link is dead; default 2 */
	unsigned pending;           /**< requests open at once, at most; default 256 */
	struct csta_limits limits;
	/** Names of private data, and whose it is that does not say (csta/private.h); NULL: none.
	 */
	const struct csta_private *names;
	const char *vendor;
};

enum csta_session_state { CSTA_SESSION_CLOSED, CSTA_SESSION_OPENING, CSTA_SESSION_OPEN };

struct csta_session;

/** What the session tells its owner, borrowed for the call. Never destroy it from within. */
struct csta_session_ops {
	/**
	 * Octets for the wire. Returns 0 or a code; a failure closes the session. Must not call
	 * csta_session_input() of the same session.
	 */
	int (*send)(void *arg, const void *bytes, size_t length);
	/** The association or session stands: requests are possible. */
	void (*up)(void *arg);
	/**
	 * It ended; the owner closes the transport. Open requests were answered first. Called once.
	 */
	void (*down)(void *arg, const struct cti_error *why);
	/**
	 * A request or event of the peer. Answer a request (but not one that says no_response) with
	 * csta_session_respond(), now or later.
	 */
	void (*message)(void *arg, const struct csta_message *);
	/**
	 * The answer to a request: a CSTA_RESPONSE, CSTA_ERROR or CSTA_REJECT; or @p answer NULL
	 * and @p error (CTI_E_TIMEOUT, CTI_E_CLOSED, CTI_E_INVALID: it did not decode). Exactly
	 * once for each request. Both NULL: sent, and nobody answers such a one (no_response).
	 */
	void (*answer)(void *arg, uint64_t token, const struct csta_message *answer,
	               const struct cti_error *error);
	/** Tap: each PDU with its frame; message NULL if it did not decode. May be NULL. */
	void (*wire)(void *arg, bool outgoing, const void *bytes, size_t length,
	             const struct csta_message *);
	/** Bad input that the link survives: what, where, expected. May be NULL. */
	void (*complaint)(void *arg, const struct cti_error *);
	/**
	 * A SystemStatus of the peer, answered already: message() does not show it. `enabled` says
	 * that all monitors are void (ECMA-269 12.2.28). May be NULL.
	 */
	void (*status)(void *arg, const struct csta_message *);
};

int csta_session_create(struct csta_session **out, const struct csta_session_config *,
                        const struct csta_session_ops *, void *arg, uint64_t now_us,
                        struct cti_error *);
void csta_session_destroy(struct csta_session **);

/** The transport is connected: the computing role begins the association. */
void csta_session_start(struct csta_session *, uint64_t now_us);
/** Octets from the wire, any cut. */
void csta_session_input(struct csta_session *, const void *bytes, size_t length, uint64_t now_us);
/** The transport is gone. */
void csta_session_lost(struct csta_session *, const char *why, uint64_t now_us);
/** End in order (RLRQ, StopApplicationSession), then down. */
void csta_session_stop(struct csta_session *, uint64_t now_us);

/** When tick wants to be called (monotonic microseconds); UINT64_MAX: never. */
uint64_t csta_session_deadline(const struct csta_session *);
void csta_session_tick(struct csta_session *, uint64_t now_us);

/** The session's codec, to make messages with. */
struct csta_codec *csta_session_codec(struct csta_session *);
enum csta_session_state csta_session_state(const struct csta_session *);
/** Phase of CSTA agreed upon (BER). */
enum csta_phase csta_session_phase(const struct csta_session *);
/**
 * A line for ops->wire: csta_describe(), and what an earlier phase cannot say of the message.
 * @p message may be NULL. NUL-terminated.
 */
void csta_session_describe(const struct csta_session *, const struct csta_message *, size_t length,
                           char *line, size_t size);
/** Edition agreed upon (XML). */
enum csta_edition csta_session_edition(const struct csta_session *);

/**
 * Send a request; its invoke id is set here. answer() tells the outcome with @p token.
 * Not open, too many pending, not encodable: a code, and answer() is not called.
 */
int csta_session_request(struct csta_session *, struct csta_message *, uint64_t token,
                         uint64_t now_us, struct cti_error *);
/**
 * Answer the peer's request of @p invoke_id with a CSTA_RESPONSE, CSTA_ERROR or CSTA_REJECT
 * message. CTI_E_NOTFOUND: no such request is open (it was answered already).
 */
int csta_session_respond(struct csta_session *, uint32_t invoke_id, struct csta_message *,
                         uint64_t now_us, struct cti_error *);
/** Send an event. */
int csta_session_event(struct csta_session *, struct csta_message *, uint64_t now_us,
                       struct cti_error *);

/**
 * Whether messages of this row are the session's own business: associations, rejects, heartbeats,
 * registration, and the answers to them. (Registration only where the configuration has it.)
 */
bool csta_session_takes(const struct csta_type *);

/** Counters, for tests and metrics. */
struct csta_session_stats {
	uint64_t bytes_in, bytes_out, messages_in, messages_out, bad_in, late_answers;
};
const struct csta_session_stats *csta_session_stats(const struct csta_session *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file session_private.h
 * The insides of a session, shared by
 * session.c (life, bytes in and out, timers), session_requests.c (invoke ids and deadlines),
 * session_receive.c (what came, good and bad), session_acse.c and session_application.c (the two
 * ways to associate).
 */
#ifndef CSTA_SESSION_PRIVATE_H
#define CSTA_SESSION_PRIVATE_H

#include "csta/frame.h"
#include "csta/session.h"

#define NEVER UINT64_MAX
/** Requests of the peer that are open at once, at most. */
#define SESSION_PEERS 1024
/** Places that the session keeps for its own requests beside the owner's. */
#define SESSION_OWN 8
/** Longest ECMA-354 session id accepted. */
#define SESSION_ID_MAX 128
/** An orderly end takes this long at most, microseconds. */
#define SESSION_STOP_US 2000000

enum session_phase {
	PHASE_NEW,       /* not started */
	PHASE_HANDSHAKE, /* B and P */
	PHASE_OPENING,
	PHASE_OPEN,
	PHASE_STOPPING,
	PHASE_DOWN,
};

/** Whose request it is: the owner's, or the session's own. */
enum session_use {
	USE_OWNER,
	USE_HEARTBEAT,
	USE_STATUS,   /* the first SystemStatus of a switch */
	USE_REGISTER, /* SystemRegister */
	USE_START,    /* ECMA-354 */
	USE_RESET,
	USE_STOP,
};

struct session_request {
	uint32_t invoke_id;
	enum session_use use;
	const struct csta_type *type;
	uint64_t token;
	uint64_t deadline;
	unsigned chain;        /* next in the same bucket, index + 1 */
	unsigned older, newer; /* in order of deadline, index + 1 */
};

struct csta_session {
	struct csta_session_config config;
	struct csta_session_ops ops;
	void *arg;
	enum session_phase phase;
	uint64_t now;
	struct csta_codec *codec;
	struct csta_session_stats stats;
	enum csta_edition edition;
	bool edition_known;
	bool registering; /* SystemRegister is on its way: another SystemStatus changes nothing */

	struct csta_buffer input;  /* what is not a whole frame yet */
	struct csta_buffer joined; /* a message that came in pieces */
	struct csta_buffer output; /* the message being sent */

	struct session_request *requests; /* capacity places */
	unsigned capacity, used, mask;
	unsigned *buckets; /* index + 1 */
	unsigned idle;     /* chain of free places */
	unsigned oldest, newest;
	uint32_t next_id;

	uint32_t *peers; /* invoke ids of the peer's open requests */
	unsigned peer_count;

	char session_id[SESSION_ID_MAX + 1]; /* "" if there is none */
	uint64_t opening_at;                 /* give up */
	uint64_t beat_at;                    /* heartbeat is due */
	unsigned beats;                      /* heartbeats without a sign of life */
	uint64_t renew_at;                   /* ECMA-354: reset the timer */
	uint64_t expire_at;                  /* ECMA-354: the session is over */
};

/* session.c */
int session_transmit(struct csta_session *, struct csta_message *, struct cti_error *);
/** End: answers every open request, then down(). */
void session_drop(struct csta_session *, int code, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void session_up(struct csta_session *);
void session_complain(struct csta_session *, int code, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/** Make a message of an element that is known to exist. */
int session_make(struct csta_session *, const char *element, struct csta_message **,
                 struct cti_error *);

/* session_requests.c */
int session_requests_create(struct csta_session *, struct cti_error *);
void session_requests_destroy(struct csta_session *);
/** Send @p message as a request; the caller keeps it. */
int session_ask(struct csta_session *, struct csta_message *, enum session_use, uint64_t token,
                struct cti_error *);
/** An invoke id that no open request of ours has. */
uint32_t session_id_take(struct csta_session *);
/** The open request of that id, taken out of the table into @p out; false if there is none. */
bool session_request_take(struct csta_session *, uint32_t invoke_id, struct session_request *out);
const struct csta_type *session_request_type(void *session, uint32_t invoke_id);
uint64_t session_requests_deadline(const struct csta_session *);
/** Answer what is overdue. */
void session_requests_expire(struct csta_session *);
/** Answer everything: the end. */
void session_requests_abandon(struct csta_session *, const struct cti_error *);
/** The peer's request is open from now on. CTI_E_EXISTS (BER), CTI_E_LIMIT. */
int session_peer_open(struct csta_session *, uint32_t invoke_id);
bool session_peer_close(struct csta_session *, uint32_t invoke_id);
/** Tell whose request it was how it ended: @p answer, or NULL and @p error. */
void session_answered(struct csta_session *, const struct session_request *,
                      const struct csta_message *answer, const struct cti_error *error);

/* session_receive.c */
void session_receive(struct csta_session *, const struct csta_frame *, const void *octets);
/** SystemStatus(normal) as a request of the session's own. */
void session_system_status(struct csta_session *, enum session_use);
/** Refuse the peer's request in the words of ECMA-269. */
void session_refuse(struct csta_session *, uint32_t invoke_id, int category, const char *value);

/* session_acse.c */
void acse_start(struct csta_session *);
void acse_stop(struct csta_session *);
void acse_receive(struct csta_session *, struct csta_message *);

/* session_application.c */
void application_start(struct csta_session *);
void application_stop(struct csta_session *);
void application_receive(struct csta_session *, struct csta_message *);
void application_answered(struct csta_session *, enum session_use,
                          const struct csta_message *answer, const struct cti_error *error);
void application_tick(struct csta_session *);

/** The secret that came is the one expected; takes the same time whatever differs. */
bool session_secret_equal(const char *expected, const void *came, size_t length);

#endif

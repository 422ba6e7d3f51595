/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A link: the first octet of the input says which of the set-ups below, the second is the chance of
 * all that is not the peer's, the rest is what the peer sends. It comes in pieces, and between them
 * time passes, requests and events are sent, and the peer's requests answered or not.
 */
#include "csta/session.h"

#include "csta/frame.h"
#include "tests/fuzz/targets.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (unsigned)(sizeof(array) / sizeof((array)[0]))

static const struct csta_session_config setups[] = {
        {.framing = CSTA_FRAME_XML, .encoding = CSTA_XML},
        {.framing = CSTA_FRAME_XML, .encoding = CSTA_XML, .association = CSTA_ASSOCIATE_SESSION},
        {.framing = CSTA_FRAME_XML, .encoding = CSTA_XML, .association = CSTA_ASSOCIATE_SYSTEM},
        {.framing = CSTA_FRAME_BARE},
        {.framing = CSTA_FRAME_LEN16, .association = CSTA_ASSOCIATE_ACSE},
        {.framing = CSTA_FRAME_LEN16, .bp_handshake = true},
        {.framing = CSTA_FRAME_HIPATH26, .association = CSTA_ASSOCIATE_ACSE},
        {.framing = CSTA_FRAME_TPKT, .association = CSTA_ASSOCIATE_ACSE},
        {.framing = CSTA_FRAME_LEN16,
         .association = CSTA_ASSOCIATE_ACSE,
         .phase = CSTA_PHASE_2,
         .bp_handshake = true},
        {.framing = CSTA_FRAME_LEN16, .phase = CSTA_PHASE_1},
        {.framing = CSTA_FRAME_BARE, .association = CSTA_ASSOCIATE_ACSE, .phase = CSTA_PHASE_AUTO},
};

struct link {
	struct csta_session *session;
	uint32_t chance;
	uint64_t now;
	unsigned up, down, asked, answered, asking;
	uint32_t open[8]; /* the peer's requests */
	const struct csta_type *open_types[8];
	unsigned open_count;
};

static uint32_t chance_below(struct link *link, uint32_t end)
{
	link->chance = link->chance * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)link->chance * end >> 32);
}

static int on_send(void *arg, const void *octets, size_t length)
{
	(void)arg;
	fuzz_assert(octets && length);
	return 0;
}

static void on_up(void *arg)
{
	struct link *link = arg;

	fuzz_assert(!link->up++ && !link->down);
}

static void on_down(void *arg, const struct cti_error *why)
{
	struct link *link = arg;

	fuzz_check_error(why->code, why);
	fuzz_assert(!link->down++);
}

static void on_message(void *arg, const struct csta_message *message)
{
	struct link *link = arg;

	fuzz_assert(message->type->kind == CSTA_REQUEST || message->type->kind == CSTA_EVENT);
	if (message->type->kind == CSTA_EVENT || message->type->no_response ||
	    link->open_count == COUNT(link->open))
		return;
	link->open_types[link->open_count] = message->type;
	link->open[link->open_count++] = message->invoke_id;
}

static void on_answer(void *arg, uint64_t token, const struct csta_message *answer,
                      const struct cti_error *error)
{
	struct link *link = arg;

	(void)token;
	fuzz_assert(!answer || !error);
	if (error)
		fuzz_check_error(error->code, error);
	link->answered++;
}

static void on_wire(void *arg, bool outgoing, const void *octets, size_t length,
                    const struct csta_message *message)
{
	(void)arg;
	(void)outgoing;
	(void)octets;
	(void)message;
	fuzz_assert(length);
}

static void on_complaint(void *arg, const struct cti_error *error)
{
	(void)arg;
	fuzz_check_error(error->code, error);
}

static void on_status(void *arg, const struct csta_message *message)
{
	(void)arg;
	fuzz_assert(message->type->kind == CSTA_REQUEST);
}

static struct csta_message *make(struct link *link, const struct csta_type *type)
{
	struct generator generator = {
	        .state = 1 + link->chance, .how = GENERATE_LEAST, .standard = true};
	struct csta_message *message = NULL;

	fuzz_assert(
	        !generate_message(&message, &generator, csta_session_codec(link->session), type));
	return message;
}

/* Something of our own, perhaps. */
static void act(struct link *link)
{
	static const char *const requests[] = {"MakeCall", "MonitorStart", "SnapshotDevice",
	                                       "Escape"};
	const char *element = requests[chance_below(link, COUNT(requests))];
	const struct csta_type *type;
	struct csta_message *message;
	unsigned at;

	switch (chance_below(link, 8)) {
	case 0:
		link->now += chance_below(link, 4000000);
		csta_session_tick(link->session, link->now);
		break;
	case 1:
		message = make(link, csta_type_of_element(element, strlen(element)));
		if (!csta_session_request(link->session, message, link->asked, link->now, NULL))
			link->asked++;
		csta_message_destroy(&message);
		break;
	case 2:
	case 3:
		if (!link->open_count)
			break;
		at = --link->open_count;
		type = chance_below(link, 4) ? csta_type_of_response(link->open_types[at])
		                             : csta_type_of_element("CSTAErrorCode", 13);
		if (!type)
			break;
		message = make(link, type);
		csta_session_respond(link->session, link->open[at], message, link->now, NULL);
		csta_message_destroy(&message);
		break;
	case 4:
		message = make(link, csta_type_of_element("DeliveredEvent", 14));
		csta_session_event(link->session, message, link->now, NULL);
		csta_message_destroy(&message);
		break;
	case 5:
		if (!chance_below(link, 16))
			csta_session_stop(link->session, link->now);
		break;
	}
}

static struct csta_session *session_new(struct link *link, uint8_t set_up)
{
	static const struct csta_session_ops ops = {on_send,   on_up,   on_down,      on_message,
	                                            on_answer, on_wire, on_complaint, on_status};
	static const char warm[] = "<SystemStatusResponse><!-- --></SystemStatusResponse>";
	struct csta_session_config config = setups[(set_up & 0x1f) % COUNT(setups)];
	struct csta_message *message = NULL;
	struct csta_session *session = NULL;

	config.role = set_up & 0x80 ? CSTA_SWITCHING : CSTA_COMPUTING;
	config.user = set_up & 0x40 ? "ann" : NULL;
	config.password = set_up & 0x40 ? "secret" : NULL;
	config.login = set_up & 0x20 ? CSTA_LOGIN_AVAYA : CSTA_LOGIN_PLAIN;
	config.session_s = set_up & 0x20 ? 60 : 0;
	config.heartbeat_us = 3000000;
	config.pending = 4;
	fuzz_assert(!csta_session_create(&session, &config, &ops, link, 0, NULL));
	/* The parser is the codec's own, not the input's. */
	fuzz_assert(!csta_decode_xml(&message, csta_session_codec(session), warm, sizeof(warm) - 1,
	                             NULL, NULL));
	csta_message_destroy(&message);
	return session;
}

static void talk(struct link *link, const uint8_t *data, size_t length)
{
	size_t piece;

	csta_session_start(link->session, 0);
	for (size_t at = 0; at < length && !link->down; at += piece) {
		uint8_t *exact;

		piece = 1 + chance_below(link, chance_below(link, 3) ? 400 : 12);
		piece = piece < length - at ? piece : length - at;
		exact = malloc(piece);
		fuzz_assert(exact);
		memcpy(exact, data + at, piece);
		csta_session_input(link->session, exact, piece, link->now);
		free(exact);
		act(link);
	}
	csta_session_lost(link->session, NULL, link->now);
	csta_session_tick(link->session, link->now + 1);
	fuzz_assert(link->down == 1 && link->answered == link->asked);
}

/* Blocks of memory that are held more than before. */
static size_t run_once(const uint8_t *data, size_t length)
{
	struct link link = {0};
	size_t before = fuzz_blocks();

	link.chance = 1 + data[1] * 2654435761u;
	link.session = session_new(&link, data[0]);
	fuzz_measure(csta_session_codec(link.session));
	talk(&link, data + 2, length - 2);
	/* What we send of our own counts as input, for it is kept and answered. */
	fuzz_measured("a session", length + 1024);
	csta_session_destroy(&link.session);
	return fuzz_blocks() - before;
}

void run_session(const uint8_t *data, size_t length)
{
	/* Once, it may be what is made at its first use, for ever. */
	if (length >= 2 && run_once(data, length) && run_once(data, length))
		fuzz_fail("a session of this input leaks");
}

/* ---- seeds, and changing one message of the stream ------------------------------------------- */

static size_t put_frame(uint8_t *out, size_t size, enum csta_framing framing, const void *body,
                        size_t length, uint32_t id)
{
	struct csta_buffer frame = {0};
	size_t total = 0;

	if (!csta_frame_begin(framing, &frame) && !csta_buffer_append(&frame, body, length) &&
	    !csta_frame_end(framing, &frame, 0, id, NULL) && frame.length <= size) {
		total = frame.length;
		memcpy(out, frame.data, total);
	}
	csta_buffer_free(&frame);
	return total;
}

/* What opens the link, as either side says it. */
static const char *opening_of(const struct csta_session_config *setup, unsigned step)
{
	static const char *const openings[][3] = {
	        [CSTA_ASSOCIATE_NONE] = {NULL},
	        [CSTA_ASSOCIATE_ACSE] = {"AARQ", "AARE"},
	        [CSTA_ASSOCIATE_SESSION] = {"StartApplicationSession",
	                                    "StartApplicationSessionPosResponse"},
	        [CSTA_ASSOCIATE_SYSTEM] = {"SystemStatus", "SystemRegister",
	                                   "SystemRegisterResponse"},
	};

	return step < COUNT(openings[0]) ? openings[setup->association][step] : NULL;
}

/* One message in its frame; 0: the set-up cannot say it. */
static size_t put_message(uint8_t *out, size_t size, const struct csta_session_config *setup,
                          const struct csta_type *type, uint32_t id, struct generator *generator)
{
	struct csta_message *message = NULL;
	struct csta_buffer body = {0};
	bool xml = setup->encoding == CSTA_XML;
	size_t length = 0;

	fuzz_assert(!generate_message(&message, generator, fuzz_codec(), type));
	message->invoke_id = id;
	csta_codec_set_phase(fuzz_codec(), setup->phase);
	if (type->encodings & (xml ? CSTA_IN_XML : CSTA_IN_BER) &&
	    !(xml ? csta_encode_xml(fuzz_codec(), message, CSTA_ED4, &body, NULL)
	          : csta_encode_ber(fuzz_codec(), message, &body, NULL)))
		length = put_frame(out, size, setup->framing, body.data, body.length, id);
	csta_codec_set_phase(fuzz_codec(), CSTA_PHASE_3);
	csta_message_destroy(&message);
	csta_buffer_free(&body);
	return length;
}

/* A few messages of the table, after what opens the link. */
void seed_session(void (*take)(void *, const void *, size_t), void *arg)
{
	struct generator generator = {.state = 17, .how = GENERATE_SOME, .standard = true};
	static uint8_t out[32768];

	for (unsigned i = 0; i < 16 * COUNT(setups); i++) {
		const struct csta_session_config *setup = &setups[i % COUNT(setups)];
		size_t at = 2;

		out[0] = (uint8_t)(i % COUNT(setups) | generate_below(&generator, 8) << 5);
		out[1] = (uint8_t)i;
		if (setup->bp_handshake)
			out[at++] = out[0] & 0x80 ? 'B' : 'P';
		for (unsigned k = 0; k < 8; k++) {
			const char *name = opening_of(setup, k);
			const struct csta_type *type =
			        name ? csta_type_of_element(name, strlen(name))
			             : &csta_types[generate_below(&generator,
			                                          (unsigned)csta_type_count)];

			at += put_message(out + at, sizeof(out) - at, setup, type, k + 1,
			                  &generator);
		}
		take(arg, out, at);
	}
}

/* Its frames, as many as @p most: where they are and, in the frames, their lengths. */
static unsigned find_frames(const struct csta_session_config *setup, const uint8_t *data,
                            size_t length, struct csta_frame *frames, size_t *start, unsigned most)
{
	struct csta_buffer scratch = {0};
	size_t at = 2 + setup->bp_handshake;
	unsigned count = 0;

	while (count < most && at < length) {
		start[count] = at;
		if (csta_frame_cut(&frames[count], setup->framing, data + at, length - at, 65527,
		                   &scratch, NULL) ||
		    frames[count].body == scratch.data)
			break;
		at += frames[count++].total;
	}
	csta_buffer_free(&scratch);
	return count;
}

size_t mutate_session(uint8_t *data, size_t length, size_t size, struct generator *chance)
{
	static uint8_t kept[1 << 17], body[1 << 16];
	const struct csta_session_config *setup;
	struct csta_frame frames[32];
	size_t at, behind, n, start[32];
	unsigned count, chosen, what = generate_below(chance, 8);

	if (length < 8 || length > sizeof(kept) || !generate_below(chance, 8))
		return 0;
	setup = &setups[(data[0] & 0x1f) % COUNT(setups)];
	count = find_frames(setup, data, length, frames, start, 32);
	if (!count)
		return 0;
	chosen = generate_below(chance, count);
	n = frames[chosen].length;
	if (n > sizeof(body) / 2)
		return 0;
	memcpy(body, frames[chosen].body, n);
	at = start[chosen] + frames[chosen].total;
	behind = length - at;
	memcpy(kept, data + at, behind);
	if (what == 0) { /* gone */
		at = start[chosen];
		n = 0;
	} else if (what > 1) { /* otherwise; else twice */
		n = (setup->encoding == CSTA_XML ? mutate_xml
		                                 : mutate_ber)(body, n, sizeof(body) / 2, chance);
		if (!n)
			return 0;
		at = start[chosen];
	}
	if (n)
		n = put_frame(data + at, size > at ? size - at : 0, setup->framing, body, n,
		              generate_below(chance, 12));
	if ((what && !n) || at + n + behind > size)
		return 0;
	memcpy(data + at + n, kept, behind);
	return at + n + behind;
}

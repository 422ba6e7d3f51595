/* SPDX-License-Identifier: Apache-2.0 */
/** The bus: numbers without holes, one rendering, resume, gaps, states. */
#include "cti-server/bus.h"
#include "pbx-adapters/host/clock.h"
#include "tests/support/nomem.h"
#include "tests/unit/test.h"

#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WALL INT64_C(1763795000000000)

struct heard {
	size_t events, states;
	struct bus_event *last;
	int64_t time_us;
	char state[128], subject[64];
	uint64_t sequences[64], gap_from, gap_to;
};

struct fixture {
	struct clock *clock;
	struct bus *bus;
	struct bus_stream *stream;
	struct heard heard;
};

static void collect(void *arg, const struct bus_event *event)
{
	struct heard *heard = arg;
	bus_event_unref(&heard->last);
	heard->last = bus_event_ref(event);
	if (heard->events < 64)
		heard->sequences[heard->events] = event->sequence;
	heard->events++;
}

static void on_event(void *arg, const struct bus_event *event, const struct cti_event *whole)
{
	struct heard *heard = arg;
	if (event->type == CTI_EVENT_STREAM_GAP) {
		heard->gap_from = whole->gap_from;
		heard->gap_to = whole->gap_to;
	}
	heard->time_us = whole->time_us;
	collect(arg, event);
}

static void on_state(void *arg, const struct bus_state *state)
{
	struct heard *heard = arg;
	heard->states++;
	snprintf(heard->subject, sizeof heard->subject, "%s", state->subject);
	snprintf(heard->state, sizeof heard->state, "%s", state->json ? state->json : "(gone)");
}

static const struct bus_door door = {.event = on_event, .state = on_state};

static void open_bus(struct fixture *f, size_t ring_events, size_t ring_bytes)
{
	struct bus_options options = {ring_events, ring_bytes, 42};
	assert_int_equal(clock_create_virtual(&f->clock, WALL, NULL), 0);
	assert_int_equal(bus_create(&f->bus, f->clock, &options, NULL), 0);
	f->stream = bus_stream(f->bus, "acme", "hq");
	assert_non_null(f->stream);
	assert_int_equal(bus_attach(f->bus, &door, &f->heard), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	*state = f;
	open_bus(f, 8, 1 << 20);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	bus_event_unref(&f->heard.last);
	bus_destroy(&f->bus);
	clock_destroy(&f->clock);
	free(f);
	return 0;
}

static void publish(struct fixture *f, enum cti_event_type type, const char *one, const char *two)
{
	const char *subjects[] = {one, two};
	struct cti_event event;
	cti_event_init(&event, type);
	event.connection = (struct cti_connection){"17", "2003", false, CTI_CONNECTION_ALERTING};
	assert_int_equal(bus_publish(f->stream, &event, subjects, (one != NULL) + (two != NULL)),
	                 0);
}

static void test_envelope(void **state)
{
	struct fixture *f = *state;
	publish(f, CTI_EVENT_CALL_DELIVERED, "device/2003", "queue/3000");
	publish(f, CTI_EVENT_CALL_ESTABLISHED, "device/2003", NULL);

	json_t *json = json_loads(f->heard.last->json, JSON_REJECT_DUPLICATES, NULL);
	char id[32];
	assert_non_null(json);
	snprintf(id, sizeof id, "%s-2", bus_stream_epoch(f->stream));
	assert_string_equal(json_string_value(json_object_get(json, "id")), id);
	assert_string_equal(json_string_value(json_object_get(json, "type")),
	                    "cti.call.established");
	assert_string_equal(json_string_value(json_object_get(json, "source")), "/acme/hq");
	json_t *subjects = json_object_get(json_object_get(json, "data"), "subjects");
	assert_int_equal(json_integer_value(json_object_get(subjects, "device/2003")), 2);
	assert_null(json_object_get(subjects, "queue/3000"));
	json_decref(json);

	assert_int_equal(f->heard.last->json_length, strlen(f->heard.last->json));
	assert_int_equal(f->heard.time_us, WALL);
	assert_int_equal(bus_stream_sequence(f->stream), 2);
	assert_int_equal(bus_subject_counter(f->stream, "device/2003"), 2);
	assert_int_equal(bus_subject_counter(f->stream, "queue/3000"), 1);
	assert_int_equal(bus_subject_counter(f->stream, "queue/3001"), 0);
	assert_int_equal(strlen(bus_stream_epoch(f->stream)), 8);
}

/** The same seed gives the same epochs, another stream another one. */
static void test_epoch(void **state)
{
	struct fixture *f = *state, other = {0};
	struct bus_stream *branch = bus_stream(f->bus, "acme", "branch");
	assert_string_not_equal(bus_stream_epoch(f->stream), bus_stream_epoch(branch));
	assert_ptr_equal(bus_stream(f->bus, "acme", "branch"), branch);
	open_bus(&other, 8, 1 << 20);
	assert_string_equal(bus_stream_epoch(f->stream), bus_stream_epoch(other.stream));
	bus_destroy(&other.bus);
	clock_destroy(&other.clock);
}

static void test_replay(void **state)
{
	struct fixture *f = *state;
	struct heard again = {0};
	uint64_t first = 0;
	for (int i = 0; i < 20; i++)
		publish(f, CTI_EVENT_CALL_HELD, "device/2003", NULL);

	/* The ring has 13 to 20. */
	assert_int_equal(bus_replay(f->stream, 12, &first, collect, &again), 0);
	assert_int_equal(again.events, 8);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(again.sequences[i], 13 + i);
	again.events = 0;
	assert_int_equal(bus_replay(f->stream, 18, &first, collect, &again), 0);
	assert_int_equal(again.events, 2);
	assert_int_equal(again.sequences[0], 19);
	again.events = 0;
	assert_int_equal(bus_replay(f->stream, 20, &first, collect, &again), 0);
	assert_int_equal(again.events, 0);

	assert_int_equal(bus_replay(f->stream, 11, &first, collect, &again), CTI_E_GAP);
	assert_int_equal(first, 13);
	/* More than there ever was: not ours. */
	assert_int_equal(bus_replay(f->stream, 21, &first, collect, &again), CTI_E_GAP);
	assert_int_equal(again.events, 0);
	bus_event_unref(&again.last);
}

static void test_ring_bytes(void **state)
{
	struct fixture f = {0};
	uint64_t first = 0;
	(void)state;
	open_bus(&f, 1000, 4096);
	for (int i = 0; i < 100; i++)
		publish(&f, CTI_EVENT_CALL_HELD, "device/2003", NULL);
	assert_int_equal(bus_replay(f.stream, 0, &first, NULL, NULL), CTI_E_GAP);
	size_t kept = 100 - first + 1;
	assert_in_range(kept * f.heard.last->json_length, 4096 - f.heard.last->json_length - 100,
	                4096);
	bus_event_unref(&f.heard.last);
	bus_destroy(&f.bus);
	clock_destroy(&f.clock);
}

static void test_states(void **state)
{
	struct fixture *f = *state;
	struct heard all = {0};
	struct bus_state one;
	publish(f, CTI_EVENT_CALL_HELD, "device/2003", NULL);
	assert_int_equal(bus_state_set(f->stream, "device/2003", "{\"a\":1}", 7), 0);
	assert_int_equal(f->heard.states, 1);
	assert_string_equal(f->heard.state, "{\"a\":1}");
	assert_int_equal(bus_state_set(f->stream, "device/2003", "{\"a\":1}", 7), 0);
	assert_int_equal(f->heard.states, 1);
	assert_int_equal(bus_state_set(f->stream, "device/2003", "{\"a\":2}", 7), 0);
	assert_int_equal(f->heard.states, 2);
	assert_int_equal(bus_state_set(f->stream, "device/2004", "{}", 2), 0);

	bus_states(f->stream, on_state, &all);
	assert_int_equal(all.states, 2);
	assert_true(bus_state_get(f->stream, "device/2003", &one));
	assert_int_equal(one.sequence, 1);
	assert_string_equal(one.json, "{\"a\":2}");

	assert_int_equal(bus_state_set(f->stream, "device/2003", NULL, 0), 0);
	assert_string_equal(f->heard.subject, "device/2003");
	assert_string_equal(f->heard.state, "(gone)");
	assert_int_equal(bus_state_set(f->stream, "device/2003", NULL, 0), 0);
	assert_int_equal(f->heard.states, 4);
	assert_false(bus_state_get(f->stream, "device/2003", &one));
	/* Its counter outlives its state. */
	assert_int_equal(bus_subject_counter(f->stream, "device/2003"), 1);
}

/** A contact that is over leaves no counter behind: there are millions of them. */
static void test_interaction_ends(void **state)
{
	struct fixture *f = *state;
	const char *subjects[] = {"interaction/I1", "device/2003"};
	struct cti_event event;
	cti_event_init(&event, CTI_EVENT_CALL_DELIVERED);
	event.interaction_id = "I1";
	assert_int_equal(bus_publish(f->stream, &event, subjects, 2), 0);
	assert_int_equal(bus_subject_counter(f->stream, "interaction/I1"), 1);
	event.type = CTI_EVENT_INTERACTION_ENDED;
	assert_int_equal(bus_publish(f->stream, &event, subjects, 2), 0);
	assert_int_equal(f->heard.last->subjects[0].counter, 2);
	assert_int_equal(bus_subject_counter(f->stream, "interaction/I1"), 0);
	assert_int_equal(bus_subject_counter(f->stream, "device/2003"), 2);
}

static void test_limits(void **state)
{
	struct fixture *f = *state;
	const char *subjects[100];
	struct cti_event event;
	for (size_t i = 0; i < 100; i++)
		subjects[i] = "device/1";
	cti_event_init(&event, CTI_EVENT_CALL_HELD);
	assert_int_equal(bus_publish(f->stream, &event, subjects, 100), CTI_E_LIMIT);
	assert_int_equal(bus_stream_sequence(f->stream), 0);

	static char args[32];
	int attached = 0;
	while (attached < 32 && !bus_attach(f->bus, &door, &args[attached]))
		attached++;
	assert_in_range(attached, 4, 31);
	for (int i = 0; i < attached; i++)
		bus_detach(f->bus, &args[i]);
	assert_int_equal(bus_attach(f->bus, &door, &args[0]), 0);
	bus_detach(f->bus, &args[0]);
}

/** Each allocation fails in turn: the event is lost whole, and the next one tells the gap. */
static void test_memory(void **state)
{
	struct fixture *f = *state;
	size_t lost = 0;
	for (long i = 0; i < 100; i++) {
		char name[32];
		const char *subjects[] = {name, "queue/3000"};
		struct cti_event event;
		size_t before = f->heard.events;
		uint64_t sequence = bus_stream_sequence(f->stream);
		snprintf(name, sizeof name, "device/%ld", i); /* new: it needs a counter */
		cti_event_init(&event, CTI_EVENT_CALL_HELD);
		nomem_after(i, false);
		int code = bus_publish(f->stream, &event, subjects, 2);
		bool failed = nomem_failed();
		nomem_after(-1, false);
		assert_int_equal(bus_stream_sequence(f->stream), sequence + 1);
		if (!code) {
			/* The text grows once; a failure that can be borne is no loss. */
			assert_int_equal(f->heard.events, before + 1);
			if (!failed)
				break;
			continue;
		}
		assert_int_equal(code, CTI_E_NOMEM);
		assert_int_equal(f->heard.events, before);
		lost++;
		publish(f, CTI_EVENT_CALL_RETRIEVED, "device/2003", NULL);
		assert_int_equal(f->heard.events, before + 2);
		assert_int_equal(f->heard.sequences[before % 64], sequence + 2);
		assert_int_equal(f->heard.last->sequence, sequence + 3);
	}
	assert_in_range(lost, 2, 90);
	assert_int_equal(bus_subject_counter(f->stream, "device/2003"), lost);

	/* A state that cannot be kept leaves the old one. */
	assert_int_equal(bus_state_set(f->stream, "device/1", "old", 3), 0);
	nomem_after(0, true);
	assert_int_equal(bus_state_set(f->stream, "device/1", "new", 3), CTI_E_NOMEM);
	assert_int_equal(bus_state_set(f->stream, "device/x", "new", 3), CTI_E_NOMEM);
	nomem_after(-1, false);
	struct bus_state kept;
	assert_true(bus_state_get(f->stream, "device/1", &kept));
	assert_string_equal(kept.json, "old");
}

/** The gap names what was lost, also when it was more than one. */
static void test_gap(void **state)
{
	struct fixture *f = *state;
	const char *subject = "device/2003";
	struct cti_event event;
	publish(f, CTI_EVENT_CALL_HELD, "device/2003", NULL);
	cti_event_init(&event, CTI_EVENT_CALL_HELD);
	nomem_after(0, true);
	for (int i = 0; i < 3; i++)
		assert_int_equal(bus_publish(f->stream, &event, &subject, 1), CTI_E_NOMEM);
	nomem_after(-1, false);
	publish(f, CTI_EVENT_CALL_HELD, "device/2003", NULL);
	assert_int_equal(f->heard.events, 3);
	assert_int_equal(f->heard.last->subjects[0].counter, 5); /* a hole that shows */
	assert_int_equal(f->heard.gap_from, 2);
	assert_int_equal(f->heard.gap_to, f->heard.sequences[1] - 1);
}

static void *hold(void *arg)
{
	for (int i = 0; i < 10000; i++) {
		struct bus_event *mine = bus_event_ref(arg);
		assert_int_equal(mine->json[0], '{');
		bus_event_unref(&mine);
	}
	return NULL;
}

/** A door's thread may hold an event while the loop lets go of it. */
static void test_threads(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[2];
	publish(f, CTI_EVENT_CALL_HELD, "device/2003", NULL);
	struct bus_event *event = bus_event_ref(f->heard.last);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hold, event), 0);
	for (int i = 0; i < 100; i++)
		publish(f, CTI_EVENT_CALL_HELD, "device/2003", NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(event->sequence, 1);
	bus_event_unref(&event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_envelope, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_epoch, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_replay, setup, teardown),
	        cmocka_unit_test(test_ring_bytes),
	        cmocka_unit_test_setup_teardown(test_states, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_interaction_ends, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_gap, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_threads, setup, teardown),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The switch under eager clients, faults, random people, failing memory, and load. */
#include "tests/support/nomem.h"
#include "tests/support/office.h"

#include <stdlib.h>
#include <string.h>

static void ignore_reply(void *arg, const struct cti_reply *reply)
{
	*(int *)arg = reply->code;
}

/* ---- From within a sink -------------------------------------------------------------------- */

struct eager {
	struct sim_switch *sw;
	struct sim_client *client;
	char log[512];
	int phone;
	bool gone;
};

static void eager_reply(void *arg, const struct cti_reply *reply)
{
	struct eager *g = arg;
	strcat(g->log, reply->code ? "refused " : "ok ");
}

/** Answers as soon as it rings, from within the event. */
static void eager_event(void *arg, const struct cti_event *e)
{
	struct eager *g = arg;
	strcat(g->log, office_code(e->type));
	strcat(g->log, " ");
	if (e->type != CTI_EVENT_CALL_DELIVERED)
		return;
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_ANSWER_CALL);
	r.connection = e->connection;
	switch_request(g->client, &r, eager_reply, g);
	g->phone = switch_phone_answer(g->sw, "2002", NULL);
	if (g->gone)
		switch_client_destroy(&g->client);
}

static void requests_from_within_events(void **state)
{
	(void)state;
	static const struct switch_sink eager_sink = {eager_event, NULL};
	for (int gone = 0; gone < 2; gone++) {
		struct office *o = office_create(&(struct switch_config){0}, 1);
		struct eager g = {.sw = o->sw, .gone = gone};
		struct cti_request r;
		int code;
		must(switch_client_create(&g.client, o->sw, &eager_sink, &g, NULL));
		cti_request_init(&r, CTI_SERVICE_MONITOR_START);
		r.device = "2002";
		switch_request(g.client, &r, ignore_reply, &code);
		must(office_monitor(o, "2002")->code);
		must(switch_phone_dial(o->sw, "2001", "2002", NULL));
		assert_int_equal(g.phone, CTI_E_STATE);
		/* The other client hears Delivered before Established in any case. */
		assert_string_equal(o->log,
		                    gone ? "2002 DE 2002(newCall)[a]"
		                         : "2002 DE 2002(newCall)[a]; 2002 ES 2002(newCall)[c]");
		assert_string_equal(g.log, gone ? "DE " : "DE ok ES ");
		must(switch_phone_hangup(o->sw, "2001", NULL));
		switch_client_destroy(&g.client);
		office_destroy(o);
	}
}

/* ---- Faults, determinism, memory, size ----------------------------------------------------- */

static void lost_facts(void **state)
{
	(void)state;
	struct office *o = office_create(&(struct switch_config){0}, 1);
	must(office_monitor(o, "2001")->code);
	must(office_monitor(o, "2002")->code);
	switch_fault_drop(o->sw, 3); /* SI, OR, DE */
	must(switch_phone_dial(o->sw, "2001", "2002", NULL));
	assert_string_equal(o->log, "2001 SI 2001(newCall)[i]; 2001 OR 2001(newCall)[c]");
	switch_fault_miss(o->sw, CTI_EVENT_CALL_HELD);
	o->log[0] = 0;
	must(switch_phone_answer(o->sw, "2002", NULL));
	must(switch_phone_hold(o->sw, "2002", NULL));
	must(switch_phone_retrieve(o->sw, "2002", NULL));
	must(switch_phone_hold(o->sw, "2002", NULL));
	assert_string_equal(o->log, "2001 ES 2002(newCall)[c]; 2002 ES 2002(newCall)[c]; "
	                            "2001 RE 2002(normal)[c]; 2002 RE 2002(normal)[c]; "
	                            "2001 HE 2002(normal)[c]; 2002 HE 2002(normal)[h]");
	must(switch_phone_hangup(o->sw, "2001", NULL));
	office_destroy(o);
}

/** A thousand random acts, most of them possible. */
static void scramble(struct office *o, uint64_t seed, int acts)
{
	static const char *const phones[] = {"2001", "2002", "2003", "2004", "5551234", "5555678"};
	static const char *const numbers[] = {"2001", "2002", "2003", "3000", "5550000", "2999",
	                                      "2910", "2911", "2913", "2950", "2960",    "2980"};
	static const char *const verbs[] = {"dials",
	                                    "dials",
	                                    "answers",
	                                    "answers",
	                                    "answers",
	                                    "hangs-up",
	                                    "holds",
	                                    "retrieves",
	                                    "alternates",
	                                    "reconnects",
	                                    "consults",
	                                    "consults",
	                                    "transfers",
	                                    "conferences",
	                                    "transfers-to",
	                                    "deflects",
	                                    "picks-up",
	                                    "agent loggedOn",
	                                    "agent ready",
	                                    "agent notReady",
	                                    "agent loggedOff",
	                                    "agent workingAfterCall",
	                                    "make",
	                                    "make-at-once",
	                                    "joins",
	                                    "lifts"};
	for (int i = 0; i < acts; i++) {
		char text[96];
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		const char *phone = phones[(seed >> 33) % 6], *number = numbers[(seed >> 40) % 12];
		const char *verb = verbs[(seed >> 46) % (sizeof verbs / sizeof *verbs)];
		bool agent = !strncmp(verb, "agent", 5);
		snprintf(text, sizeof text, "%s %s %s", phone, verb, agent ? "" : number);
		if ((seed >> 58) % 4 == 0)
			office_form(text, sizeof text, (seed >> 36) % 1000, phone, number,
			            (unsigned)i);
		if ((seed >> 52) % 8 == 0)
			snprintf(text, sizeof text, "wait %d", (int)((seed >> 56) % 30));
		o->log[0] = 0;
		office_act(o, text);
	}
}

static struct office *recorded(uint64_t seed, uint64_t acts_seed, int acts)
{
	struct office *o = office_create(&(struct switch_config){0}, seed);
	o->full_file = open_memstream(&o->full, &o->full_size);
	static const char *const all[] = {"2001", "2002", "2003", "2004", "3000", "T1", "T2", "T3"};
	for (size_t i = 0; i < 8; i++)
		must(office_monitor(o, all[i])->code);
	scramble(o, acts_seed, acts);
	fflush(o->full_file);
	return o;
}

static void the_same_seed_gives_the_same_bytes(void **state)
{
	(void)state;
	struct office *a = recorded(7, 1, 2000), *b = recorded(7, 1, 2000),
	              *c = recorded(8, 1, 2000);
	assert_true(a->full_size > 50000);
	assert_int_equal(a->full_size, b->full_size);
	assert_memory_equal(a->full, b->full, a->full_size);
	assert_true(c->full_size != a->full_size || memcmp(a->full, c->full, c->full_size) != 0);
	office_destroy(a);
	office_destroy(b);
	office_destroy(c);
}

/** Whatever people do: when all have hung up, nothing is left. */
static void nothing_is_left_behind(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct office *o = recorded(seed, seed, 400);
		office_closes(o);
		office_act(o, "wait 200"); /* machines that call machines give up */
		office_closes(o);
		if (switch_calls(o->sw))
			fail_msg("seed %d: %zu calls are left", (int)seed, switch_calls(o->sw));
		must(switch_phone_dial(o->sw, "5551234", "2004", NULL)); /* the trunks are free */
		must(switch_phone_dial(o->sw, "5555678", "3000", NULL));
		must(switch_phone_dial(o->sw, "5550000", "3000", NULL));
		office_destroy(o);
	}
}

/* ---- What the reports say is what there is ------------------------------------------------- */

/** A computing function's picture of the switch, from the reports alone. */
struct picture {
	struct {
		char call[16], device[16];
		enum cti_connection_state state;
	} conns[256];
	size_t count;
	char monitored[16][16]; /* by cross reference, "1" first */
};

static size_t picture_find(const struct picture *p, const char *call, const char *number)
{
	size_t i = 0;
	while (i < p->count &&
	       (strcmp(p->conns[i].call, call) || strcmp(p->conns[i].device, number)))
		i++;
	return i;
}

static void picture_set(struct picture *p, const struct cti_connection *c)
{
	size_t i = picture_find(p, c->call_id, c->device_id);
	if (c->state == CTI_CONNECTION_NULL) {
		if (i < p->count)
			p->conns[i] = p->conns[--p->count];
		return;
	}
	assert_true(i < 256);
	p->count += i == p->count;
	snprintf(p->conns[i].call, 16, "%s", c->call_id);
	snprintf(p->conns[i].device, 16, "%s", c->device_id);
	p->conns[i].state = c->state;
}

static void picture_forget(struct picture *p, const char *call)
{
	for (size_t i = p->count; call && i-- > 0;)
		if (!strcmp(p->conns[i].call, call))
			p->conns[i] = p->conns[--p->count];
}

static void paint(void *arg, const struct cti_event *e)
{
	struct picture *p = arg;
	const char *call = e->connection.call_id;
	if (e->item_count) { /* both old calls end here, without another word */
		picture_forget(p, e->primary_old.call_id);
		picture_forget(p, e->secondary_old.call_id);
		for (size_t i = 0; i < e->item_count; i++)
			picture_set(p, &e->items[i].new_connection);
		call = e->items[0].new_connection.call_id;
	} else if (call && e->connection.state != CTI_CONNECTION_UNKNOWN) {
		picture_set(p, &e->connection);
	}
	if (!call)
		return;
	/* localConnectionInfo agrees with what the reports have said so far. */
	const char *number = p->monitored[e->monitor[0] - '1'];
	size_t i = picture_find(p, call, number);
	enum cti_connection_state state = i < p->count ? p->conns[i].state : CTI_CONNECTION_NULL;
	if (state != e->local_state)
		fail_msg("%s at %s: localConnectionInfo is %s, known is %s",
		         cti_event_type_name(e->type), number,
		         cti_connection_state_name(e->local_state),
		         cti_connection_state_name(state));
}

static void compare(struct office *o, const struct picture *p, const char *number)
{
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_SNAPSHOT_DEVICE);
	r.device = number;
	const struct cti_reply *reply = office_ask(o, &r);
	size_t known = 0;
	for (size_t i = 0; i < p->count; i++)
		known += !strcmp(p->conns[i].device, number);
	assert_int_equal(known, reply->snapshot_count);
	for (size_t k = 0; k < reply->snapshot_count; k++) {
		const struct cti_connection *c = &reply->snapshot[k].connection;
		size_t i = picture_find(p, c->call_id, number);
		assert_true(i < p->count);
		assert_int_equal(p->conns[i].state, c->state);
	}
}

static void reports_tell_the_whole_state(void **state)
{
	(void)state;
	static const char *const all[] = {"2001", "2002", "2003", "2004", "3000", "T1", "T2", "T3"};
	static const struct switch_sink painting = {paint, NULL};
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct office *o = office_create(&(struct switch_config){0}, seed);
		struct picture p = {0};
		struct sim_client *painter = NULL;
		int code;
		must(switch_client_create(&painter, o->sw, &painting, &p, NULL));
		for (size_t i = 0; i < 8; i++) {
			struct cti_request r;
			cti_request_init(&r, CTI_SERVICE_MONITOR_START);
			r.device = all[i];
			switch_request(painter, &r, ignore_reply, &code);
			must(code);
			snprintf(p.monitored[i], 16, "%s", all[i]);
		}
		for (uint64_t round = 0; round < 40; round++) {
			scramble(o, seed * 1000 + round, 10);
			for (size_t i = 0; i < 8; i++)
				compare(o, &p, all[i]);
		}
		switch_client_destroy(&painter);
		office_destroy(o);
	}
}

/** Every allocation fails in turn, in every act of a busy day; it goes on working all the same. */
static void every_allocation_fails(void **state)
{
	(void)state;
	static const char *const acts[] = {"2001 agent loggedOn 7001",
	                                   "2001 agent ready",
	                                   "5551234 dials 3000",
	                                   "2001 answers",
	                                   "2001 consults 2002",
	                                   "2002 answers",
	                                   "2001 conferences",
	                                   "2003 joins 2001 silently",
	                                   "2002 hangs-up",
	                                   "2001 transfers-to 2004",
	                                   "2003 picks-up 2004",
	                                   "5551234 hangs-up",
	                                   "2004 dials 5550000",
	                                   "5550000 answers",
	                                   "2004 make 2001",
	                                   "2004 consults 2003",
	                                   "2004 transfers",
	                                   "2003 deflects 2002",
	                                   "wait 200",
	                                   "2003 dials 2001",
	                                   "2004 dials 2003",
	                                   "ask CamponCall camponConnection=@2004",
	                                   "2003 hangs-up",
	                                   "2003 answers",
	                                   "ask ParkCall parking=@2003 parkTo=2950",
	                                   "2001 picks-up 2950",
	                                   "2002 dials 2001",
	                                   "ask IntrudeCall intrude=@2002",
	                                   "ask JoinCall activeCall=@2001 joiningDevice=2003",
	                                   "ask AssociateData existingCall=@2001 correlatorData='1",
	                                   "ask GenerateDigits connectionToSendDigits=@2001 "
	                                   "charactersToSend='1",
	                                   "2004 hangs-up",
	                                   "2004 dials 2001",
	                                   "ask CallBack callbackConnection=@2004",
	                                   "2001 hangs-up",
	                                   "2004 hangs-up",
	                                   "wait 200",
	                                   "2003 dials 2910",
	                                   "wait 45",
	                                   "2003 hangs-up",
	                                   "2003 dials 2913",
	                                   "2002 answers",
	                                   "2003 hangs-up",
	                                   "2003 make 20;",
	                                   "ask DialDigits diallingConnection=@2003 "
	                                   "diallingSequence=04",
	                                   "2003 hangs-up",
	                                   "ask MakeConnection initiatingDevice=2003",
	                                   "2003 hangs-up",
	                                   "ask MakePredictiveCall callingDevice=3000 "
	                                   "calledDirectoryNumber=5550000",
	                                   "5550000 answers",
	                                   "5555678 dials 3000",
	                                   "wait 200"};
	long runs = 0;
	for (bool failed = true; failed; runs++) {
		struct office *o = office_create(&(struct switch_config){0}, 1);
		struct cti_request r;
		must(office_monitor(o, "2001")->code);
		must(office_monitor(o, "T1")->code);
		cti_request_init(&r, CTI_SERVICE_MONITOR_START);
		r.device = "2001";
		r.call_type = true;
		must(office_monitor_as(o, &r, "call")->code);
		o->plainly = true;
		nomem_after(runs, false);
		for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
			o->log[0] = 0;
			office_act(o, acts[i]);
		}
		failed = nomem_failed();
		nomem_after(-1, false);
		o->plainly = false;
		office_closes(o);
		assert_int_equal(switch_calls(o->sw), 0);
		o->log[0] = 0;
		must(switch_phone_dial(o->sw, "2003", "2001", NULL));
		assert_non_null(strstr(o->log, "2001 DE 2001(newCall)[a]"));
		office_destroy(o);
	}
	assert_true(runs > 40);
}

/** Ten thousand stations, thousands of calls at once; ids stay apart. */
static void a_large_switch(void **state)
{
	(void)state;
	enum { STATIONS = 10000 };
	struct office *o = office_create(&(struct switch_config){0}, 1);
	char a[16], b[16];
	must(switch_queue(o->sw, "390000", NULL));
	for (int i = 0; i < STATIONS; i++) {
		snprintf(a, sizeof a, "%d", 100000 + i);
		must(switch_extension(o->sw, a, NULL, NULL));
		struct cti_request r;
		cti_request_init(&r, CTI_SERVICE_MONITOR_START);
		r.device = a;
		must(office_ask(o, &r)->code);
	}
	for (int i = 0; i < STATIONS; i += 2) {
		snprintf(a, sizeof a, "%d", 100000 + i);
		snprintf(b, sizeof b, "%d", 100001 + i);
		o->log[0] = 0;
		must(switch_phone_dial(o->sw, a, i % 4 ? b : "390000", NULL));
	}
	assert_int_equal(switch_calls(o->sw), STATIONS / 2);
	for (int i = 0; i < STATIONS; i += 2) {
		snprintf(a, sizeof a, "%d", 100000 + i);
		o->log[0] = 0;
		must(switch_phone_hangup(o->sw, a, NULL));
	}
	assert_int_equal(switch_calls(o->sw), 0);
	office_destroy(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(requests_from_within_events),
	        cmocka_unit_test(lost_facts),
	        cmocka_unit_test(the_same_seed_gives_the_same_bytes),
	        cmocka_unit_test(nothing_is_left_behind),
	        cmocka_unit_test(reports_tell_the_whole_state),
	        cmocka_unit_test(every_allocation_fails),
	        cmocka_unit_test(a_large_switch),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

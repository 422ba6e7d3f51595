/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/model/fsm.h"
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

/* The standard's picture once more, drawn the other way: for each event the states it may come
 * from, by their first letters (n i a c h q f), and the one state it leads to. */
struct picture {
	enum cti_event_type event;
	const char *from;
	char to;
};

static const struct picture connection[] = {
        {CTI_EVENT_CALL_SERVICE_INITIATED, "ni", 'i'},
        {CTI_EVENT_CALL_ORIGINATED, "nic", 'c'},
        {CTI_EVENT_CALL_DIGITS_DIALED, "ni", 'i'},
        {CTI_EVENT_CALL_DIGITS_DIALED, "c", 'c'},
        {CTI_EVENT_CALL_OFFERED, "n", 'a'},
        {CTI_EVENT_CALL_DELIVERED, "nachq", 'a'},
        {CTI_EVENT_CALL_ESTABLISHED, "niacqf", 'c'},
        {CTI_EVENT_CALL_HELD, "c", 'h'},
        {CTI_EVENT_CALL_RETRIEVED, "h", 'c'},
        {CTI_EVENT_CALL_QUEUED, "nachqf", 'q'},
        {CTI_EVENT_CALL_DIVERTED, "achqf", 'n'},
        {CTI_EVENT_CALL_TRANSFERRED, "ch", 'n'},
        {CTI_EVENT_CALL_CONFERENCED, "niachqf", 'c'},
        {CTI_EVENT_CALL_CONNECTION_CLEARED, "iachqf", 'n'},
        {CTI_EVENT_CALL_CLEARED, "iachqf", 'n'},
        {CTI_EVENT_CALL_FAILED, "niachq", 'f'},
        {CTI_EVENT_CALL_NETWORK_REACHED, "nac", 'c'},
};

/* n notReady, 0 null, r ready, b busy, w working after call */
static const struct picture agent[] = {
        {CTI_EVENT_AGENT_LOGGED_ON, "0n", 'n'},    {CTI_EVENT_AGENT_LOGGED_OFF, "nrbw", '0'},
        {CTI_EVENT_AGENT_NOT_READY, "0nrbw", 'n'}, {CTI_EVENT_AGENT_READY, "0nbw", 'r'},
        {CTI_EVENT_AGENT_BUSY, "nrw", 'b'},        {CTI_EVENT_AGENT_WORKING_AFTER_CALL, "nrb", 'w'},
};

static bool drawn(const struct picture *pictures, size_t count, enum cti_event_type event,
                  char from, char to)
{
	for (size_t i = 0; i < count; i++)
		if (pictures[i].event == event && pictures[i].to == to &&
		    strchr(pictures[i].from, from))
			return true;
	return false;
}

static void connection_all_triples(void **state)
{
	(void)state;
	static const char letters[] = "niachqf";
	size_t known = 0, rows;
	for (int event = 0; event < CTI_EVENT_TYPES; event++)
		for (int from = 0; from < CTI_CONNECTION_STATES_COUNT; from++)
			for (int to = 0; to < CTI_CONNECTION_STATES_COUNT; to++) {
				bool knows = fsm_connection_knows(from, event, to);
				bool expected =
				        drawn(connection, sizeof connection / sizeof *connection,
				              event, letters[from], letters[to]);
				if (knows != expected)
					fail_msg("%s: %s -> %s: table %d, picture %d",
					         cti_event_type_name(event),
					         cti_connection_state_name(from),
					         cti_connection_state_name(to), knows, expected);
				known += knows;
			}
	fsm_connection_rows(&rows);
	assert_int_equal(known, rows); /* no row stands twice */
}

static void agent_all_triples(void **state)
{
	(void)state;
	static const char letters[] = "n0rbw";
	size_t known = 0, rows;
	for (int event = 0; event < CTI_EVENT_TYPES; event++)
		for (int from = 0; from < CTI_AGENT_STATES_COUNT; from++)
			for (int to = 0; to < CTI_AGENT_STATES_COUNT; to++) {
				bool knows = fsm_agent_knows(from, event, to);
				if (knows != drawn(agent, sizeof agent / sizeof *agent, event,
				                   letters[from], letters[to]))
					fail_msg("%s: %s -> %s: table %d",
					         cti_event_type_name(event),
					         cti_agent_state_name(from),
					         cti_agent_state_name(to), knows);
				known += knows;
			}
	fsm_agent_rows(&rows);
	assert_int_equal(known, rows);
}

static void out_of_range_is_unknown(void **state)
{
	(void)state;
	assert_false(fsm_connection_knows(CTI_CONNECTION_UNKNOWN, CTI_EVENT_CALL_HELD,
	                                  CTI_CONNECTION_HOLD));
	assert_false(fsm_connection_knows(CTI_CONNECTION_CONNECTED, CTI_EVENT_TYPES,
	                                  CTI_CONNECTION_HOLD));
	assert_false(fsm_agent_knows(CTI_AGENT_UNKNOWN, CTI_EVENT_AGENT_READY, CTI_AGENT_READY));
}

static void every_event_has_its_target(void **state)
{
	(void)state;
	assert_int_equal(fsm_connection_target(CTI_EVENT_CALL_DELIVERED), CTI_CONNECTION_ALERTING);
	assert_int_equal(fsm_connection_target(CTI_EVENT_CALL_INFORMATION), CTI_CONNECTION_UNKNOWN);
	assert_int_equal(fsm_connection_target(CTI_EVENT_AGENT_READY), CTI_CONNECTION_UNKNOWN);
	assert_int_equal(fsm_agent_target(CTI_EVENT_AGENT_BUSY), CTI_AGENT_BUSY);
	assert_int_equal(fsm_agent_target(CTI_EVENT_CALL_HELD), CTI_AGENT_UNKNOWN);
}

static void prints_every_row(void **state)
{
	(void)state;
	static const char *const machines[] = {"connection", "agent"};
	for (int m = 0; m < 2; m++) {
		char *text = NULL;
		size_t length = 0, rows, lines = 0;
		FILE *out = open_memstream(&text, &length);
		assert_int_equal(fsm_dump(machines[m], out), 0);
		fclose(out);
		for (size_t i = 0; i < length; i++)
			lines += text[i] == '\n';
		if (m)
			fsm_agent_rows(&rows);
		else
			fsm_connection_rows(&rows);
		assert_int_equal(lines, rows + 1); /* and a heading */
		assert_non_null(strstr(text, m ? "agent.busy" : "call.held"));
		free(text);
	}
	assert_int_equal(fsm_dump("nothing", stdout), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(connection_all_triples),
	        cmocka_unit_test(agent_all_triples),
	        cmocka_unit_test(out_of_range_is_unknown),
	        cmocka_unit_test(every_event_has_its_target),
	        cmocka_unit_test(prints_every_row),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("fsm", tests, NULL, NULL);
}

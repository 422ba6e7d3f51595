/* SPDX-License-Identifier: Apache-2.0 */
#include "pbx-adapters/host/options.h"
#include "pbx-adapters/host/range.h"
#include "pbx-adapters/simulator/simulator.h"
#include "pbx-adapters/simulator/switch.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct cti_option simulator_options[] = {
        {.name = "extensions",
         .type = CTI_OPTION_LIST,
         .fallback = "2001-2020",
         .help = "Extensions: numbers and ranges."},
        {.name = "trunks",
         .type = CTI_OPTION_INT,
         .fallback = "8",
         .max = 10000,
         .help = "Trunk lines, named T1, T2, ..."},
        {.name = "queues", .type = CTI_OPTION_LIST, .fallback = "3000", .help = "ACD queues."},
        {.name = "park_slots",
         .type = CTI_OPTION_LIST,
         .fallback = "",
         .help = "Park slots: numbers and ranges."},
        {.name = "places",
         .type = CTI_OPTION_GROUP,
         .optional = true,
         .help = "Numbers without people: ( { number = \"3500\"; is = \"route\" (default_route), "
                 "\"announcement\" (plays) or \"recorder\"; }, ... )."},
        {.name = "agents",
         .type = CTI_OPTION_GROUP,
         .optional = true,
         .help = "Agents: ( { id = \"7001-7003\"; device = \"2001-2003\"; queues = [ \"3000\" ]; "
                 "password; wrap_up; state = \"off\", \"notReady\" or \"ready\"; }, ... )."},
        {.name = "pickup_groups",
         .type = CTI_OPTION_GROUP,
         .optional = true,
         .help = "Pickup groups: ( { id = \"2900\"; members = [ \"2001-2004\" ]; }, ... )."},
        {.name = "hunt_groups",
         .type = CTI_OPTION_GROUP,
         .optional = true,
         .help = "Hunt groups: ( { number = \"2910\"; members = [ \"2001-2004\" ]; order = "
                 "\"sequential\", \"circular\", \"longestIdle\" or \"parallel\"; hidden; "
                 "overflow; }, ... )."},
        {.name = "phones",
         .type = CTI_OPTION_GROUP,
         .optional = true,
         .help = "How extensions behave: ( { number = \"2001-2004\"; forward_no_answer = \"2005\"; "
                 "forward_busy; forward_immediate; do_not_disturb; call_waiting; hands_free; "
                 "offered = 5000; }, "
                 "... )."},
        {.name = "hands_free",
         .type = CTI_OPTION_BOOL,
         .fallback = "false",
         .help = "MakeCall: phones go off-hook by themselves instead of prompting."},
        {.name = "no_answer",
         .type = CTI_OPTION_DURATION,
         .fallback = "20s",
         .min = 1,
         .max = 3600000,
         .help = "After this a ring is forwarded, or goes back to its queue."},
        {.name = "ring_limit",
         .type = CTI_OPTION_DURATION,
         .fallback = "3m",
         .min = 1,
         .max = 3600000,
         .help = "After this a ring that goes nowhere is cleared."},
        {.name = "prompt",
         .type = CTI_OPTION_DURATION,
         .fallback = "30s",
         .min = 1,
         .max = 3600000,
         .help = "A phone that prompts is to be lifted within this."},
        {.name = "wrap_up",
         .type = CTI_OPTION_DURATION,
         .fallback = "0",
         .max = 3600000,
         .help = "Agents work after a call for so long; 0: ready at once."},
        {.name = "park_recall",
         .type = CTI_OPTION_DURATION,
         .fallback = "60s",
         .min = 1,
         .max = 3600000,
         .help = "A parked call goes back to who parked it."},
        {.name = "hold_recall",
         .type = CTI_OPTION_DURATION,
         .fallback = "0",
         .max = 3600000,
         .help = "A held call rings at who holds it; 0: never."},
        {.name = "transfer_recall",
         .type = CTI_OPTION_DURATION,
         .fallback = "0",
         .max = 3600000,
         .help = "A transferred call that nobody answers goes back; 0: never."},
        {.name = "intrude",
         .type = CTI_OPTION_ENUM,
         .fallback = "conference",
         .words = "conference alternate",
         .help = "IntrudeCall joins the call that is there, or has it held."},
        {.name = "outside_prefix",
         .type = CTI_OPTION_STRING,
         .fallback = "",
         .help = "Digits dialled to get a line."},
        {.name = "outside_answer",
         .type = CTI_OPTION_DURATION,
         .fallback = "0",
         .max = 3600000,
         .help = "Outside parties answer after this; 0: when told."},
        {.name = "diverted",
         .type = CTI_OPTION_ENUM,
         .fallback = "all",
         .words = "all own",
         .help = "Diverted is reported to all devices of the call, or to the diverting one."},
        {.name = "auto_hold",
         .type = CTI_OPTION_BOOL,
         .fallback = "true",
         .help = "A second call that is answered holds the first."},
        {.name = "seed",
         .type = CTI_OPTION_INT,
         .fallback = "0",
         .help = "Of everything random; 0: the host's."},
        {.name = "response_delay",
         .type = CTI_OPTION_DURATION,
         .fallback = "0",
         .max = 3600000,
         .help = "Fault: answers come so much later."},
        {.name = "listen",
         .type = CTI_OPTION_LIST,
         .fallback = "",
         .help = "CSTA links on loopback: \"xml:8765\", \"ber:8766\"; port 0: any."},
        {.name = "traffic",
         .type = CTI_OPTION_GROUP,
         .optional = true,
         .help = "People who call and answer: { calls_per_minute; to; staff; answer; talk; "
                 "patience; }."},
        {0},
};

static const struct cti_option agent_options[] = {
        {.name = "id", .type = CTI_OPTION_STRING, .help = "Agent id, or a range."},
        {.name = "device",
         .type = CTI_OPTION_STRING,
         .optional = true,
         .help = "Extension, or a range of as many."},
        {.name = "queues", .type = CTI_OPTION_LIST, .fallback = "", .help = "Queues served."},
        {.name = "password", .type = CTI_OPTION_SECRET, .optional = true, .help = "Password."},
        {.name = "wrap_up",
         .type = CTI_OPTION_DURATION,
         .fallback = "0",
         .max = 3600000,
         .help = "Instead of the switch's."},
        {.name = "state",
         .type = CTI_OPTION_ENUM,
         .fallback = "off",
         .words = "off notReady ready",
         .help = "State at the beginning."},
        {0},
};

static const struct cti_option group_options[] = {
        {.name = "id", .type = CTI_OPTION_STRING, .help = "Name of the pickup group."},
        {.name = "members", .type = CTI_OPTION_LIST, .help = "Extensions: numbers and ranges."},
        {0},
};

static const struct cti_option hunt_options[] = {
        {.name = "number", .type = CTI_OPTION_STRING, .help = "Number of the hunt group."},
        {.name = "members", .type = CTI_OPTION_LIST, .help = "Extensions: numbers and ranges."},
        {.name = "order",
         .type = CTI_OPTION_ENUM,
         .fallback = "sequential",
         .words = "sequential circular longestIdle parallel",
         .help = "Who rings next."},
        {.name = "hidden",
         .type = CTI_OPTION_BOOL,
         .fallback = "false",
         .help = "The group shows as the called device only."},
        {.name = "overflow",
         .type = CTI_OPTION_STRING,
         .optional = true,
         .help = "Where calls go that nobody takes."},
        {0},
};

static const struct cti_option phone_options[] = {
        {.name = "number", .type = CTI_OPTION_STRING, .help = "Extension, or a range."},
        {.name = "forward_immediate", .type = CTI_OPTION_STRING, .optional = true},
        {.name = "forward_busy", .type = CTI_OPTION_STRING, .optional = true},
        {.name = "forward_no_answer", .type = CTI_OPTION_STRING, .optional = true},
        {.name = "do_not_disturb", .type = CTI_OPTION_BOOL, .fallback = "false"},
        {.name = "call_waiting", .type = CTI_OPTION_BOOL, .fallback = "false"},
        {.name = "hands_free", .type = CTI_OPTION_BOOL, .optional = true},
        {.name = "offered", .type = CTI_OPTION_DURATION, .fallback = "0", .max = 3600000},
        {0},
};

static const struct cti_option place_options[] = {
        {.name = "number", .type = CTI_OPTION_STRING, .help = "Number, or a range."},
        {.name = "is",
         .type = CTI_OPTION_ENUM,
         .fallback = "route",
         .words = "route announcement recorder",
         .help = "A route point, or a voice unit that plays or listens."},
        {.name = "default_route",
         .type = CTI_OPTION_STRING,
         .optional = true,
         .help = "Where a route point sends what nobody routes."},
        {.name = "plays",
         .type = CTI_OPTION_DURATION,
         .fallback = "10s",
         .min = 1,
         .max = 3600000,
         .help = "An announcement's length; then it leaves."},
        {0},
};

/* ---- One thing of the options after the other ---------------------------------------------- */

struct setup {
	struct sim_switch *sw;
	struct cti_error *error;
	struct switch_extension plain;
	const struct cti_options *item; /* of the structured option that is being read */
	config_setting_t *where;
	const char *group;
};

static uint64_t duration(const struct cti_options *o, const char *name)
{
	return (uint64_t)cti_options_int(o, name) * 1000;
}

static int add_extension(void *arg, const char *number, size_t index)
{
	struct setup *s = arg;
	(void)index;
	return switch_extension(s->sw, number, &s->plain, s->error);
}

static int add_queue(void *arg, const char *number, size_t index)
{
	struct setup *s = arg;
	(void)index;
	return switch_queue(s->sw, number, s->error);
}

static int add_park(void *arg, const char *number, size_t index)
{
	struct setup *s = arg;
	(void)index;
	return switch_park(s->sw, number, s->error);
}

static int add_place(void *arg, const char *number, size_t index)
{
	struct setup *s = arg;
	const char *is = cti_options_string(s->item, "is");
	(void)index;
	if (!strcmp(is, "route"))
		return switch_route_point(s->sw, number,
		                          cti_options_string(s->item, "default_route"), s->error);
	return switch_voice_unit(s->sw, number, *is == 'a' ? duration(s->item, "plays") : 0,
	                         s->error);
}

static int each_of(struct setup *s, const struct cti_options *o, const char *name,
                   int (*each)(void *, const char *, size_t))
{
	int code = 0;
	for (size_t i = 0; !code && i < cti_options_count(o, name); i++)
		code = range_each(cti_options_item(o, name, i), each, s, s->error);
	return code;
}

/** Every { } of a structured option, checked against its table. */
static int each_group(struct setup *s, const struct cti_options *o, const char *name,
                      const struct cti_option *table, int (*each)(struct setup *))
{
	config_setting_t *list = cti_options_group(o, name);
	int code = 0;
	if (list && config_setting_is_group(list))
		return cti_error_set(s->error, CTI_E_CONFIG, "%s: '%s' must be a list ( { }, { } )",
		                     options_where(list), name);
	for (int i = 0; list && !code && i < config_setting_length(list); i++) {
		struct cti_options *item = NULL;
		s->where = config_setting_get_elem(list, (unsigned)i);
		code = options_read(&item, s->where, table, NULL, s->error);
		s->item = item;
		if (!code)
			code = each(s);
		options_destroy(&item);
	}
	return code;
}

/** The place in the file stands before what the switch says. */
static int placed(struct setup *s, int code)
{
	if (code && s->error) {
		char text[CTI_ERROR_TEXT];
		strcpy(text, s->error->text);
		cti_error_set(s->error, CTI_E_CONFIG, "%s: %s", options_where(s->where), text);
	}
	return code ? CTI_E_CONFIG : 0;
}

static int set_phone(void *arg, const char *number, size_t index)
{
	struct setup *s = arg;
	const struct cti_options *o = s->item;
	struct switch_extension how = s->plain;
	(void)index;
	how.forward_immediate = cti_options_string(o, "forward_immediate");
	how.forward_busy = cti_options_string(o, "forward_busy");
	how.forward_no_answer = cti_options_string(o, "forward_no_answer");
	how.do_not_disturb = cti_options_int(o, "do_not_disturb");
	how.call_waiting = cti_options_int(o, "call_waiting");
	how.offer_us = duration(o, "offered");
	if (config_setting_get_member(s->where, "hands_free"))
		how.must_lift = !cti_options_int(o, "hands_free");
	return switch_extension(s->sw, number, &how, s->error);
}

static int set_phones(struct setup *s)
{
	return placed(s, range_each(cti_options_string(s->item, "number"), set_phone, s, s->error));
}

static int add_places(struct setup *s)
{
	return placed(s, range_each(cti_options_string(s->item, "number"), add_place, s, s->error));
}

static int join_group(void *arg, const char *number, size_t index)
{
	struct setup *s = arg;
	(void)index;
	return switch_pickup_group(s->sw, number, s->group, s->error);
}

static int set_group(struct setup *s)
{
	s->group = cti_options_string(s->item, "id");
	return placed(s, each_of(s, s->item, "members", join_group));
}

/** Members of a hunt group, gathered from ranges. */
struct gathered {
	char numbers[SWITCH_HUNT_MEMBERS][SWITCH_ID_SIZE];
	const char *members[SWITCH_HUNT_MEMBERS];
	size_t count;
	struct cti_error *error;
};

static int gather(void *arg, const char *number, size_t index)
{
	struct gathered *g = arg;
	(void)index;
	if (g->count == SWITCH_HUNT_MEMBERS)
		return cti_error_set(g->error, CTI_E_CONFIG, "a hunt group has at most %d members",
		                     SWITCH_HUNT_MEMBERS);
	snprintf(g->numbers[g->count], SWITCH_ID_SIZE, "%s", number);
	g->members[g->count] = g->numbers[g->count];
	g->count++;
	return 0;
}

static int add_hunt(struct setup *s)
{
	const struct cti_options *o = s->item;
	struct gathered g = {.error = s->error};
	const char *order = cti_options_string(o, "order");
	int code = 0;
	for (size_t i = 0; !code && i < cti_options_count(o, "members"); i++)
		code = range_each(cti_options_item(o, "members", i), gather, &g, s->error);
	struct switch_hunt_group how = {
	        .order = *order == 's'   ? SWITCH_HUNT_SEQUENTIAL
	                 : *order == 'c' ? SWITCH_HUNT_CIRCULAR
	                 : *order == 'l' ? SWITCH_HUNT_LONGEST_IDLE
	                                 : SWITCH_HUNT_PARALLEL,
	        .hidden = cti_options_int(o, "hidden"),
	        .members = g.members,
	        .count = g.count,
	        .overflow = cti_options_string(o, "overflow"),
	};
	if (!code)
		code = switch_hunt_group(s->sw, cti_options_string(o, "number"), &how, s->error);
	return placed(s, code);
}

static int add_agent(void *arg, const char *id, size_t index)
{
	struct setup *s = arg;
	const struct cti_options *o = s->item;
	char device[SWITCH_ID_SIZE];
	const char *range = cti_options_string(o, "device"),
	           *state = cti_options_string(o, "state");
	struct switch_agent agent = {
	        .id = id,
	        .password = cti_options_string(o, "password"),
	        .wrap_up_us = (uint64_t)cti_options_int(o, "wrap_up") * 1000,
	};
	if (range && !range_at(range, index, device))
		return cti_error_set(s->error, CTI_E_CONFIG, "agent %s: no device in '%s'", id,
		                     range);
	agent.device = range ? device : NULL;
	if (cti_options_count(o, "queues") > SWITCH_AGENT_QUEUES)
		return cti_error_set(s->error, CTI_E_CONFIG, "agent %s: at most %d queues", id,
		                     SWITCH_AGENT_QUEUES);
	for (size_t i = 0; i < cti_options_count(o, "queues"); i++)
		agent.queues[i] = cti_options_item(o, "queues", i);
	int code = switch_agent(s->sw, &agent, s->error);
	if (code || !strcmp(state, "off"))
		return code;
	if (!range)
		return cti_error_set(s->error, CTI_E_CONFIG, "agent %s: no device to log on at",
		                     id);
	code = switch_phone_agent(s->sw, device, CTI_REQUEST_LOGGED_ON, id, agent.password,
	                          s->error);
	if (!code && !strcmp(state, "ready"))
		code = switch_phone_agent(s->sw, device, CTI_REQUEST_READY, id, NULL, s->error);
	return code;
}

static int add_agents(struct setup *s)
{
	return placed(s, range_each(cti_options_string(s->item, "id"), add_agent, s, s->error));
}

static int add_trunks(struct setup *s, long count)
{
	int code = 0;
	for (long i = 1; !code && i <= count; i++) {
		char name[24];
		snprintf(name, sizeof name, "T%ld", i);
		code = switch_trunk(s->sw, name, s->error);
	}
	return code;
}

int simulator_setup(struct sim_switch **out, const struct cti_host *host,
                    const struct cti_options *o, struct cti_error *error)
{
	struct switch_config config = {
	        .host = host,
	        .seed = (uint64_t)cti_options_int(o, "seed"),
	        .no_answer_us = duration(o, "no_answer"),
	        .ring_limit_us = duration(o, "ring_limit"),
	        .prompt_us = duration(o, "prompt"),
	        .wrap_up_us = duration(o, "wrap_up"),
	        .park_recall_us = duration(o, "park_recall"),
	        .hold_recall_us = duration(o, "hold_recall"),
	        .transfer_recall_us = duration(o, "transfer_recall"),
	        .intrude_alternates = !strcmp(cti_options_string(o, "intrude"), "alternate"),
	        .outside_prefix = cti_options_string(o, "outside_prefix"),
	        .outside_answer_us = duration(o, "outside_answer"),
	        .diverted_to_own = !strcmp(cti_options_string(o, "diverted"), "own"),
	        .no_auto_hold = !cti_options_int(o, "auto_hold"),
	};
	struct cti_error ignored = {0};
	struct setup s = {.error = error ? error : &ignored,
	                  .plain.must_lift = !cti_options_int(o, "hands_free")};
	int code = switch_create(&s.sw, &config, s.error);
	if (!code)
		code = each_of(&s, o, "extensions", add_extension);
	if (!code)
		code = each_of(&s, o, "queues", add_queue);
	if (!code)
		code = each_of(&s, o, "park_slots", add_park);
	if (!code)
		code = each_group(&s, o, "places", place_options, add_places);
	if (!code)
		code = add_trunks(&s, cti_options_int(o, "trunks"));
	if (!code)
		code = each_group(&s, o, "phones", phone_options, set_phones);
	if (!code)
		code = each_group(&s, o, "pickup_groups", group_options, set_group);
	if (!code)
		code = each_group(&s, o, "hunt_groups", hunt_options, add_hunt);
	if (!code)
		code = each_group(&s, o, "agents", agent_options, add_agents);
	if (code)
		switch_destroy(&s.sw);
	else
		*out = s.sw;
	return code;
}

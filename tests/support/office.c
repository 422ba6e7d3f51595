/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/office.h"

#include <stdlib.h>
#include <string.h>

static const char *const codes[CTI_EVENT_TYPES] = {
        [CTI_EVENT_CALL_SERVICE_INITIATED] = "SI",
        [CTI_EVENT_CALL_ORIGINATED] = "OR",
        [CTI_EVENT_CALL_DIGITS_DIALED] = "DD",
        [CTI_EVENT_CALL_OFFERED] = "OF",
        [CTI_EVENT_CALL_INFORMATION] = "CI",
        [CTI_EVENT_CALL_DELIVERED] = "DE",
        [CTI_EVENT_CALL_ESTABLISHED] = "ES",
        [CTI_EVENT_CALL_HELD] = "HE",
        [CTI_EVENT_CALL_RETRIEVED] = "RE",
        [CTI_EVENT_CALL_QUEUED] = "QU",
        [CTI_EVENT_CALL_DIVERTED] = "DV",
        [CTI_EVENT_CALL_TRANSFERRED] = "TR",
        [CTI_EVENT_CALL_CONFERENCED] = "CF",
        [CTI_EVENT_CALL_CONNECTION_CLEARED] = "CC",
        [CTI_EVENT_CALL_CLEARED] = "CALL",
        [CTI_EVENT_CALL_FAILED] = "FA",
        [CTI_EVENT_CALL_NETWORK_REACHED] = "NR",
        [CTI_EVENT_AGENT_LOGGED_ON] = "AL",
        [CTI_EVENT_AGENT_LOGGED_OFF] = "AO",
        [CTI_EVENT_AGENT_NOT_READY] = "AN",
        [CTI_EVENT_AGENT_READY] = "AR",
        [CTI_EVENT_AGENT_BUSY] = "AB",
        [CTI_EVENT_AGENT_WORKING_AFTER_CALL] = "AW",
        [CTI_EVENT_DEVICE_OUT_OF_SERVICE] = "OOS",
        [CTI_EVENT_DEVICE_BACK_IN_SERVICE] = "BIS",
};

/* ---- An office of four phones, two agents, three trunks ------------------------------------ */

static const char *name_of(const struct office *o, const char *xref)
{
	for (size_t i = 0; i < o->monitor_count; i++)
		if (!strcmp(o->monitors[i].xref, xref))
			return o->monitors[i].name;
	return "?";
}

const char *office_device(const struct cti_device *d)
{
	switch (d->status) {
	case CTI_DEVICE_NUMBER:
		return d->number;
	case CTI_DEVICE_RESTRICTED:
		return "restricted";
	case CTI_DEVICE_NOT_KNOWN:
		return "notKnown";
	case CTI_DEVICE_NOT_REQUIRED:
		return "-";
	case CTI_DEVICE_NOT_SPECIFIED:
		return "notSpecified";
	case CTI_DEVICE_ABSENT:
		break;
	}
	return "";
}

/** Events without a type of their own: call backs are set or cancelled. */
static const char *code_of(const struct cti_event *e)
{
	static const struct {
		const char *element, *code, *off;
	} others[] = {
	        {"CallBackEvent", "CB+", "CB-"},
	        {"CallBackMessageEvent", "CM+", "CM-"},
	        {"DigitsGeneratedEvent", "DG", "DG"},
	        {"TelephonyTonesGeneratedEvent", "TT", "TT"},
	};
	if (e->type != CTI_EVENT_CSTA)
		return codes[e->type];
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (!strcmp(others[i].element, e->element))
			return strstr(e->message, ":false") ? others[i].off : others[i].code;
	return e->element;
}

static void on_event(void *arg, const struct cti_event *e)
{
	struct office *o = arg;
	size_t n = strlen(o->log);
	char lcs[4] = "";
	if (e->local_state != CTI_CONNECTION_UNKNOWN)
		snprintf(lcs, sizeof lcs, "[%c]", "niachqf"[e->local_state]);
	n += (size_t)snprintf(o->log + n, OFFICE_LOG - n, "%s%s %s %s%s%s%s%s%s%s", n ? "; " : "",
	                      name_of(o, e->monitor), code_of(e), office_device(&e->subject),
	                      e->digits ? ":" : "", e->digits ? e->digits : "", e->cause ? "(" : "",
	                      e->cause ? e->cause : "", e->cause ? ")" : "", lcs);
	assert_true(n < OFFICE_LOG);
	if (!o->full_file)
		return;
	fprintf(o->full_file, "%lld %s %d %s/%s %s>%s last %s other %s nid %s %s\n",
	        (long long)e->time_us, code_of(e), (int)e->connection.state,
	        e->connection.call_id ? e->connection.call_id : "",
	        e->connection.device_id ? e->connection.device_id : "", office_device(&e->calling),
	        office_device(&e->called), office_device(&e->last_redirection),
	        office_device(&e->other), office_device(&e->associated_calling),
	        office_device(&e->associated_called));
	for (size_t i = 0; i < e->global_call.length; i++)
		fprintf(o->full_file, "%02x%02x", e->global_call.data[i], e->thread.data[i]);
}

static void on_stopped(void *arg, const char *monitor, const char *why)
{
	struct office *o = arg;
	size_t n = strlen(o->log);
	assert_non_null(why);
	snprintf(o->log + n, OFFICE_LOG - n, "%s%s STOPPED", n ? "; " : "", name_of(o, monitor));
}

static const struct switch_sink sink = {on_event, on_stopped};

static void on_reply(void *arg, const struct cti_reply *reply)
{
	struct office *o = arg;
	free(o->reply);
	o->reply = cti_reply_copy(reply);
	assert_non_null(o->reply);
}

static void on_plain_reply(void *arg, const struct cti_reply *reply)
{
	(void)arg;
	assert_true(!reply->code || reply->text);
}

const struct cti_reply *office_ask(struct office *o, const struct cti_request *r)
{
	static const struct cti_reply nothing;
	if (o->plainly) {
		switch_request(o->client, r, on_plain_reply, o);
		return &nothing;
	}
	free(o->reply);
	o->reply = NULL;
	switch_request(o->client, r, on_reply, o);
	assert_non_null(o->reply);
	return o->reply;
}

const struct cti_reply *office_monitor_as(struct office *o, const struct cti_request *r,
                                          const char *name)
{
	const struct cti_reply *reply = office_ask(o, r);
	if (!reply->code) {
		assert_true(o->monitor_count < OFFICE_MONITORS);
		snprintf(o->monitors[o->monitor_count].xref, 8, "%s", reply->monitor);
		snprintf(o->monitors[o->monitor_count++].name, 16, "%s", name);
		assert_true(strlen(reply->monitor) <= 4); /* ECMA-285 */
		assert_true(reply->monitor_existing_calls);
	}
	return reply;
}

const struct cti_reply *office_monitor(struct office *o, const char *number)
{
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_MONITOR_START);
	r.device = number;
	return office_monitor_as(o, &r, number);
}

struct office *office_create(const struct switch_config *how, uint64_t seed)
{
	static const struct switch_agent agents[] = {
	        {.id = "7001", .device = "2001", .queues = {"3000"}, .wrap_up_us = 10000000},
	        {.id = "7002", .device = "2002", .queues = {"3000"}, .password = "secret"},
	};
	struct office *o = calloc(1, sizeof *o);
	struct switch_config config = *how;
	char number[16];
	assert_int_equal(clock_create_virtual(&o->clock, 1000000, NULL), 0);
	host_init(&o->host, "hq", NULL, o->clock, seed);
	config.host = &o->host.cti;
	assert_int_equal(switch_create(&o->sw, &config, NULL), 0);
	for (int i = 1; i <= 4; i++) {
		snprintf(number, sizeof number, "200%d", i);
		struct switch_extension e = {.pickup_group = "2900"};
		assert_int_equal(switch_extension(o->sw, number, &e, NULL), 0);
		snprintf(number, sizeof number, "T%d", i);
		assert_int_equal(i == 4 ? 0 : switch_trunk(o->sw, number, NULL), 0);
	}
	assert_int_equal(switch_queue(o->sw, "3000", NULL), 0);
	assert_int_equal(switch_park(o->sw, "2950", NULL), 0);
	assert_int_equal(switch_voice_unit(o->sw, "2960", 10000000, NULL), 0);
	assert_int_equal(switch_voice_unit(o->sw, "2970", 0, NULL), 0);
	assert_int_equal(switch_route_point(o->sw, "2980", "2004", NULL), 0);
	static const char *const pair[] = {"2002", "2003"};
	for (int i = 0; i < 4; i++) {
		struct switch_hunt_group g = {.order = (enum switch_hunt_order)i,
		                              .hidden = i == 1,
		                              .members = pair,
		                              .count = 2,
		                              .overflow = i ? NULL : "2960"};
		snprintf(number, sizeof number, "291%d", i);
		assert_int_equal(switch_hunt_group(o->sw, number, &g, NULL), 0);
	}
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(switch_agent(o->sw, &agents[i], NULL), 0);
	assert_int_equal(switch_client_create(&o->client, o->sw, &sink, o, NULL), 0);
	return o;
}

void office_destroy(struct office *o)
{
	switch_client_destroy(&o->client);
	switch_destroy(&o->sw);
	clock_destroy(&o->clock);
	if (o->full_file)
		fclose(o->full_file);
	free(o->full);
	free(o->reply);
	free(o);
}

/* ---- Steps --------------------------------------------------------------------------------- */

static int agent_key(struct office *o, const char *phone, const char *what, const char *id)
{
	int state = cti_requested_agent_state_parse(what);
	assert_true(state >= 0);
	return switch_phone_agent(o->sw, phone, (enum cti_requested_agent_state)state, id,
	                          id && !strcmp(id, "7002") ? "secret" : NULL, NULL);
}

static int press(struct office *o, const char *phone, const char *verb, const char *number)
{
	static const struct {
		const char *verb;
		int (*key)(struct sim_switch *, const char *, struct cti_error *);
		int (*key_number)(struct sim_switch *, const char *, const char *,
		                  struct cti_error *);
	} keys[] = {
	        {"dials", NULL, switch_phone_dial},
	        {"answers", switch_phone_answer, NULL},
	        {"lifts", switch_phone_lift, NULL},
	        {"hangs-up", switch_phone_hangup, NULL},
	        {"holds", switch_phone_hold, NULL},
	        {"retrieves", switch_phone_retrieve, NULL},
	        {"alternates", switch_phone_alternate, NULL},
	        {"reconnects", switch_phone_reconnect, NULL},
	        {"consults", NULL, switch_phone_consult},
	        {"transfers", switch_phone_transfer, NULL},
	        {"conferences", switch_phone_conference, NULL},
	        {"transfers-to", NULL, switch_phone_blind_transfer},
	        {"deflects", NULL, switch_phone_deflect},
	        {"picks-up", NULL, switch_phone_pickup},
	};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (strcmp(keys[i].verb, verb))
			continue;
		return keys[i].key
		               ? keys[i].key(o->sw, phone, NULL)
		               : keys[i].key_number(o->sw, phone, *number ? number : NULL, NULL);
	}
	fail_msg("no verb '%s'", verb);
	return -1;
}

/** A member of the message: device 2001, its connection @2001, 'text. */
static void add_member(char *message, size_t size, const char *name, const char *value)
{
	static const char device[] = "{\"deviceIdentifier\":{\"dialingNumber\":\"%s\"}}";
	char text[160];
	size_t n = strlen(message);
	if (*value == '+')
		snprintf(text, sizeof text, "%s", value + 1);
	else
		snprintf(text, sizeof text, *value == '\'' ? "\"%s\"" : device,
		         value + (*value == '@' || *value == '\''));
	n += (size_t)snprintf(message + n, size - n,
	                      *value == '@' ? "%s\"%s\":{\"deviceID\":{\"staticID\":%s}}"
	                                    : "%s\"%s\":%s",
	                      n > 1 ? "," : "", name, text);
	assert_true(n < size);
}

const struct cti_reply *office_service(struct office *o, const char *text)
{
	char copy[256], message[1024] = "{", *save, *word;
	struct cti_request r;
	snprintf(copy, sizeof copy, "%s", text);
	cti_request_init(&r, CTI_SERVICE_OTHER);
	r.element = strtok_r(copy, " ", &save);
	while ((word = strtok_r(NULL, " ", &save))) {
		char *value = strchr(word, '=');
		assert_non_null(value);
		*value++ = 0;
		add_member(message, sizeof message - 1, word, value);
	}
	strcat(message, "}");
	r.message = message;
	return office_ask(o, &r);
}

void office_form(char *out, size_t size, size_t which, const char *phone, const char *number,
                 unsigned data)
{
	static const struct {
		const char *before, *between;
	} forms[] = {
	        {"CamponCall camponConnection=@", NULL},
	        {"CamponCall camponConnection=@", NULL},
	        {"IntrudeCall intrude=@", NULL},
	        {"CallBack callbackConnection=@", NULL},
	        {"CallBackNonCallRelated originatingDevice=", " targetDevice="},
	        {"CancelCallBack originatingDevice=", " targetDevice="},
	        {"ParkCall parking=@", " parkTo="},
	        {"ParkCall parkTo=2950 parking=@", NULL},
	        {"JoinCall activeCall=@", " joiningDevice="},
	        {"MakeConnection initiatingDevice=", NULL},
	        {"DialDigits diallingConnection=@", " diallingSequence="},
	        {"MakePredictiveCall callingDevice=", " calledDirectoryNumber="},
	        {"MakePredictiveCall callingDevice=3000 calledDirectoryNumber=", NULL},
	        {"AcceptCall callToBeAccepted=@", NULL},
	        {"AssociateData existingCall=@", " correlatorData='"},
	        {"SendUserInformation existingCall=@", " userData='"},
	        {"GenerateDigits connectionToSendDigits=@", " charactersToSend='"},
	        {"GenerateTelephonyTones toneToSend='beep connectionToSendTone=@", NULL},
	};
	char news[24];
	which %= sizeof forms / sizeof *forms;
	const char *between = forms[which].between;
	snprintf(news, sizeof news, "%u", data);
	snprintf(out, size, "ask %s%s%s%s", forms[which].before, phone, between ? between : "",
	         !between                ? ""
	         : strchr(between, '\'') ? news
	                                 : number);
}

/** "2001 dials 2002", "wait 20", "2001 agent ready 7001", "2002 make 2001". */
int office_act(struct office *o, const char *text)
{
	char who[32] = "", verb[32] = "", what[32] = "", more[32] = "";
	if (!strncmp(text, "ask ", 4))
		return office_service(o, text + 4)->code;
	sscanf(text, "%31s %31s %31s %31s", who, verb, what, more);
	if (!strcmp(who, "wait")) {
		clock_advance(o->clock, clock_now(o->clock) + strtoull(verb, NULL, 10) * 1000000,
		              NULL, NULL);
		return 0;
	}
	if (!strcmp(verb, "agent"))
		return agent_key(o, who, what, *more ? more : NULL);
	if (!strcmp(verb, "fails") || !strcmp(verb, "works"))
		return switch_fault_service(o->sw, who, *verb == 'f');
	if (!strcmp(verb, "make") || !strcmp(verb, "make-at-once")) {
		struct cti_request r;
		cti_request_init(&r, CTI_SERVICE_MAKE_CALL);
		r.device = who;
		r.destination = what;
		r.do_not_prompt = verb[4] != 0;
		return office_ask(o, &r)->code;
	}
	if (!strcmp(verb, "joins")) { /* 2004 joins 2001 silently */
		struct cti_request r;
		cti_request_init(&r, CTI_SERVICE_SINGLE_STEP_CONFERENCE_CALL);
		r.connection.device_id = what;
		r.destination = who;
		r.participation =
		        *more == 's' ? CTI_PARTICIPATION_SILENT : CTI_PARTICIPATION_ACTIVE;
		return office_ask(o, &r)->code;
	}
	return press(o, who, verb, what);
}

const char *office_code(enum cti_event_type type)
{
	return codes[type];
}

void must(int code)
{
	assert_int_equal(code, 0);
}

void office_closes(struct office *o)
{
	static const char *const all[] = {"2001",    "2002",    "2003",   "2004",
	                                  "5551234", "5555678", "5550000"};
	for (int i = 0; i < 200 && switch_calls(o->sw); i++)
		switch_phone_hangup(o->sw, all[i % 7], NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* One interaction from first ring to last hang-up. */
#include "tests/unit/model_play.h"

static const char *const three[] = {"2001", "2002", "2003", NULL};

/* 5551234 talks to 2001, who consults 2002: flow F9 up to the answer. */
static void consulted(struct play *p)
{
	says(p, "2001: delivered c1/2001 calling=5551234 called=2001");
	says(p, "2001: established c1/2001 calling=5551234 called=2001");
	says(p, "2001: held c1/2001 cause=consultation local=hold");
	says(p, "2001: service-initiated c2/2001 cause=consultation local=initiated");
	says(p, "2001: originated c2/2001 calling=2001 called=2002 local=connected");
	says(p, "2001: delivered c2/2002 calling=2001 called=2002 local=connected");
	says(p, "2002: delivered c2/2002 calling=2001 called=2002 local=alerting");
	says(p, "2002: established c2/2002 calling=2001 called=2002 local=connected");
	says(p, "2001: established c2/2002 calling=2001 called=2002 local=connected");
}

static void consultation_has_a_parent(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	consulted(p);
	heard(p, "delivered c1/2001 alerting i1\n"
	         "established c1/2001 connected i1\n"
	         "held c1/2001 hold i1\n"
	         "service-initiated c2/2001 initiated i2<i1\n"
	         "originated c2/2001 connected i2<i1\n"
	         "delivered c2/2002 alerting i2<i1\n"
	         "established c2/2002 connected i2<i1");
	/* Given up: it ends by itself, the customer's goes on. */
	says(p, "2001: connection-cleared c2/2002");
	says(p, "2001: connection-cleared c2/2001");
	says(p, "2002: connection-cleared c2/2002");
	says(p, "2001: retrieved c1/2001");
	heard(p, "connection-cleared c2/2002 null i2<i1\n"
	         "connection-cleared c2/2001 null i2<i1\n"
	         "cleared c2/ = i2<i1\n"
	         "interaction.ended i2<i1\n"
	         "retrieved c1/2001 connected i1");
	play_end(&p);
}

#define TRANSFER                                                                                   \
	"transferred old=c1/2001 second=c2/2001 subject=2001 to=2002 cause=transfer "              \
	"item=c3/5551234 item=c3/2002<c2/2002 "

static void transfer_keeps_the_older(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	consulted(p);
	forget_heard(p);
	says(p, "2001: " TRANSFER "local=null");
	heard(p, "interaction.merged i2>i1<i1\n"
	         "transferred c1/2001 null i1\n"
	         "cleared c1/ = i1\n"
	         "cleared c2/ = i1");
	says(p, "2002: " TRANSFER "local=connected");
	heard(p, "");
	/* Late words about the old calls. */
	says(p, "2002: established c2/2002 calling=2001 called=2002 local=connected");
	says(p, "2002: failed c2/2002");
	heard(p, "");
	state_has(p, "device/2002", "\"callID\":\"c3\",\"state\":\"connected\"");
	state_has(p, "device/2002", "\"callingDevice\":{\"number\":\"5551234\"}");
	state_has(p, "device/2002", "\"partners\":[{\"callID\":\"c3\",\"deviceID\":\"5551234\"");
	state_has(p, "device/2001", "\"calls\":[]");
	/* The old id leads to the new call for a while. */
	assert_string_equal(model_call_follow(p->model, "c2"), "c3");
	says(p, "2002: connection-cleared c3/5551234");
	says(p, "2002: connection-cleared c3/2002");
	heard(p, "connection-cleared c3/5551234 null i1\n"
	         "connection-cleared c3/2002 null i1\n"
	         "cleared c3/ = i1\n"
	         "interaction.ended i1");
	assert_int_equal(p->model->stats.anomalies, 0);
	wait_us(p, MODEL_LINGER_US);
	model_over_purge(p->model);
	assert_string_equal(model_call_follow(p->model, "c2"), "c2");
	play_end(&p);
}

/* The original caller is in the event that the receiver of the transfer gets. */
static void transfer_shows_the_caller(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	consulted(p);
	says(p, "2001: transferred old=c1/2001 second=c2/2001 subject=2001 to=2002 "
	        "item=c3/5551234 item=c3/2002");
	/* call.transferred came before the ends of the old calls: look at the next event. */
	says(p, "2002: held c3/2002");
	assert_non_null(strstr(p->last_json, "\"callingDevice\":{\"number\":\"5551234\"}"));
	assert_non_null(strstr(p->last_json, "\"calledDevice\":{\"number\":\"2002\"}"));
	assert_null(strstr(p->last_json, "originalCallingDevice"));
	/* A switch that names the one who transferred does not hide the customer. */
	says(p, "2002: retrieved c3/2002 calling=2001");
	assert_non_null(strstr(p->last_json, "\"originalCallingDevice\":{\"number\":\"5551234\"}"));
	play_end(&p);
}

/* Who called out and hands the call over: the far side is the caller for the new one. */
static void transfer_of_an_outgoing_call(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	says(p, "2001: originated c1/2001 calling=2001 called=5551234");
	says(p, "2001: delivered c1/T1 subject=5551234 calling=2001 called=5551234");
	says(p, "2001: established c1/T1 subject=5551234 calling=2001 called=5551234");
	says(p, "2001: held c1/2001");
	says(p, "2001: originated c2/2001 calling=2001 called=2002");
	says(p, "2001: delivered c2/2002 calling=2001 called=2002");
	says(p, "2001: transferred old=c1/2001 second=c2/2001 subject=2001 to=2002 "
	        "item=c3/T1<c1/T1 item=c3/2002<c2/2002");
	says(p, "2002: established c3/2002");
	assert_non_null(strstr(p->last_json, "\"callingDevice\":{\"number\":\"5551234\"}"));
	state_has(p, "device/2002", "\"originalCallingDevice\":{\"number\":\"2001\"}");
	play_end(&p);
}

/* Transfer before the answer: who rings goes on ringing (F10). */
static void transfer_before_the_answer(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	says(p, "2001: established c1/2001 calling=5551234 called=2001");
	says(p, "2001: held c1/2001");
	says(p, "2001: originated c2/2001 calling=2001 called=2002");
	says(p, "2002: delivered c2/2002 calling=2001 called=2002 local=alerting");
	forget_heard(p);
	says(p, "2002: transferred old=c1/2001 second=c2/2001 subject=2001 to=2002 "
	        "item=c3/5551234 item=c3/2002<c2/2002 local=alerting");
	state_has(p, "device/2002", "\"state\":\"alerting\"");
	forget_heard(p);
	says(p, "2002: established c3/2002 calling=5551234");
	heard(p, "established c3/2002 connected i1");
	assert_int_equal(p->model->stats.anomalies, 0);
	play_end(&p);
}

/* Local view (17.2.18 FR1): each monitor names only the old call that its device knew. */
static void local_view_is_put_together(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	says(p, "2001: originated c1/2001 calling=2001 called=2003");
	says(p, "2003: delivered c1/2003 calling=2001 called=2003");
	says(p, "2003: established c1/2003");
	says(p, "2001: held c1/2001");
	says(p, "2001: originated c2/2001 calling=2001 called=2002");
	says(p, "2002: delivered c2/2002 calling=2001 called=2002");
	says(p, "2002: established c2/2002");
	forget_heard(p);
	says(p, "2002: transferred old=c2/2001 subject=2001 to=2002 item=c3/2002<c2/2002");
	heard(p, "transferred c2/2001 null i2<i1\ncleared c2/ = i2<i1");
	says(p, "2003: transferred old=c1/2001 subject=2001 to=2002 item=c3/2003<c1/2003");
	heard(p, "interaction.merged i2>i1<i1\ncleared c1/ = i1");
	says(p, "2001: transferred old=c1/2001 second=c2/2001 subject=2001 to=2002 "
	        "item=c3/2003<c1/2003 item=c3/2002<c2/2002");
	heard(p, "");
	state_has(p, "device/2002", "\"deviceID\":\"2003\",\"state\":\"connected\"");
	play_end(&p);
}

/* The result keeps the id of an old call (TSAPI). */
static void result_with_an_old_id(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	consulted(p);
	forget_heard(p);
	says(p, "2001: transferred old=c1/2001 second=c2/2001 subject=2001 to=2002 "
	        "item=c1/5551234<c1/5551234 item=c1/2002<c2/2002");
	says(p, "2002: transferred old=c1/2001 second=c2/2001 subject=2001 to=2002 "
	        "item=c1/5551234<c1/5551234 item=c1/2002<c2/2002");
	heard(p, "interaction.merged i2>i1<i1\n"
	         "transferred c1/2001 null i1\n"
	         "cleared c2/ = i1");
	state_has(p, "device/2001", "\"calls\":[]");
	state_has(p, "device/2002", "\"callID\":\"c1\"");
	says(p, "2002: connection-cleared c1/2002");
	heard(p, "connection-cleared c1/2002 null i1\ncleared c1/ = i1\ninteraction.ended i1");
	play_end(&p);
}

static void conference_and_drop(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	consulted(p);
	forget_heard(p);
	const char *report = "conferenced old=c1/2001 second=c2/2001 subject=2001 to=2002 "
	                     "item=c3/5551234 item=c3/2001 item=c3/2002";
	char line[256];
	snprintf(line, sizeof line, "2001: %s", report);
	says(p, line);
	snprintf(line, sizeof line, "2002: %s", report);
	says(p, line);
	heard(p, "interaction.merged i2>i1<i1\n"
	         "conferenced c3/2001 connected i1\n"
	         "cleared c1/ = i1\n"
	         "cleared c2/ = i1");
	state_has(p, "device/2001", "\"callID\":\"c3\",\"state\":\"connected\"");
	state_has(p, "device/2002",
	          "\"callingDevice\":{\"number\":\"5551234\"},"
	          "\"calledDevice\":{\"number\":\"2001\"}");
	says(p, "2001: connection-cleared c3/2001");
	says(p, "2002: connection-cleared c3/2001");
	says(p, "2002: connection-cleared c3/5551234");
	says(p, "2002: connection-cleared c3/2002");
	heard(p, "connection-cleared c3/2001 null i1\n"
	         "connection-cleared c3/5551234 null i1\n"
	         "connection-cleared c3/2002 null i1\n"
	         "cleared c3/ = i1\n"
	         "interaction.ended i1");
	assert_int_equal(p->model->stats.anomalies, 0);
	play_end(&p);
}

/* Blind transfer: the ring may come before Transferred (an open question of the standard). */
static void blind_transfer_in_either_order(void **state)
{
	(void)state;
	static const char *const reports[] = {
	        "2001: transferred old=c1/2001 subject=2001 to=2002 cause=singleStepTransfer "
	        "item=c3/5551234 local=null",
	        "2002: delivered c3/2002 calling=5551234 called=2002 redirected=2001 "
	        "cause=singleStepTransfer local=alerting",
	};
	for (int first = 0; first < 2; first++) {
		struct play *p = play_begin(three);
		says(p, "2001: established c1/2001 calling=5551234 called=2001");
		forget_heard(p);
		says(p, reports[first]);
		says(p, reports[!first]);
		heard(p, first ? "delivered c3/2002 alerting i1\n"
		                 "transferred c1/2001 null i1\n"
		                 "cleared c1/ = i1"
		               : "transferred c1/2001 null i1\n"
		                 "cleared c1/ = i1\n"
		                 "delivered c3/2002 alerting i1");
		says(p, "2002: established c3/2002 calling=5551234 called=2002");
		says(p, "2002: connection-cleared c3/5551234");
		says(p, "2002: connection-cleared c3/2002");
		heard(p, "established c3/2002 connected i1\n"
		         "connection-cleared c3/5551234 null i1\n"
		         "connection-cleared c3/2002 null i1\n"
		         "cleared c3/ = i1\n"
		         "interaction.ended i1");
		play_end(&p);
	}
}

static void pickup_deflect_and_queue_keep_it(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	says(p, "2001: delivered c1/2001 calling=5551234 called=2001");
	says(p, "2001: diverted c1/2001 to=2002 cause=redirected local=null");
	says(p, "2002: delivered c1/2002 calling=5551234 called=2001 redirected=2001");
	says(p, "2002: diverted c1/2002 to=2003 cause=callPickup local=null");
	says(p, "2003: established c1/2003 calling=5551234 called=2001 cause=callPickup");
	says(p, "2003: connection-cleared c1/2003");
	heard(p, "delivered c1/2001 alerting i1\n"
	         "diverted c1/2001 null i1\n"
	         "delivered c1/2002 alerting i1\n"
	         "diverted c1/2002 null i1\n"
	         "established c1/2003 connected i1\n"
	         "connection-cleared c1/2003 null i1\n"
	         "cleared c1/ = i1\n"
	         "interaction.ended i1");
	assert_int_equal(p->model->stats.anomalies, 0);
	play_end(&p);
}

/* Attached data goes where the interaction goes. */
static void attached_data_follows(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	struct cti_error error = {0};
	consulted(p);
	const struct cti_pair customer[] = {{"customer", "4711"}, {"ticket", "A 17"}};
	const struct cti_pair note[] = {{"note", "rings back"}, {"customer", "0815"}};
	assert_int_equal(model_attach(p->model, p->interaction[0], customer, 2, &error), 0);
	assert_int_equal(model_attach(p->model, p->interaction[1], note, 2, &error), 0);
	state_has(p, "device/2002", "\"attached\":{\"note\":\"rings back\",\"customer\":\"0815\"}");
	says(p, "2001: " TRANSFER);
	/* The older contact's word stands where both have one. */
	state_has(p, "device/2002",
	          "\"attached\":{\"customer\":\"4711\",\"ticket\":\"A 17\","
	          "\"note\":\"rings back\"}");
	says(p, "2002: held c3/2002");
	assert_non_null(strstr(p->last_json, "\"customer\":\"4711\""));
	const struct cti_pair gone[] = {{"note", NULL}, {"ticket", ""}};
	assert_int_equal(model_attach(p->model, p->interaction[0], gone, 2, &error), 0);
	state_has(p, "device/2002", "\"attached\":{\"customer\":\"4711\"}");
	assert_int_equal(model_attach(p->model, p->interaction[1], gone, 2, &error),
	                 CTI_E_NOTFOUND);
	play_end(&p);
}

static void attached_data_has_a_limit(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	struct cti_error error = {0};
	says(p, "2001: delivered c1/2001 calling=5551234");
	char *value = malloc(CTI_WIRE_ATTACHED_MAX);
	memset(value, 'x', CTI_WIRE_ATTACHED_MAX);
	value[CTI_WIRE_ATTACHED_MAX - 1] = '\0';
	struct cti_pair pair = {"k", value};
	assert_int_equal(model_attach(p->model, p->interaction[0], &pair, 1, &error), 0);
	struct cti_pair more = {"l", ""}, again = {"m", "x"};
	assert_int_equal(model_attach(p->model, p->interaction[0], &more, 1, &error), 0);
	assert_int_equal(model_attach(p->model, p->interaction[0], &again, 1, &error), CTI_E_LIMIT);
	assert_non_null(strstr(error.text, "16386 octets, at most 16384"));
	/* What was there stays there. */
	state_has(p, "device/2001", "\"attached\":{\"k\":\"xxx");
	struct cti_pair nameless = {"", "x"};
	assert_int_equal(model_attach(p->model, p->interaction[0], &nameless, 1, &error),
	                 CTI_E_INVALID);
	free(value);
	play_end(&p);
}

/* The same call linkage data on two switches of a tenant: one contact (ECMA-269 6.1.2.7). */
static void linkage_crosses_switches(void **state)
{
	(void)state;
	struct play *p = play_begin(three), *q = p;
	struct model *hq = p->model, *branch = NULL;
	struct bus_stream *stream = bus_stream(p->bus, "acme", "branch");
	assert_int_equal(model_create(&branch, "branch", stream, p->clock, &p->dialplan,
	                              p->interactions, NULL, 42, 0),
	                 0);
	says(p, "-: delivered c1/2001 calling=5551234 linkage=G1");
	const char *first = p->interaction[0];
	p->sequence = 0;
	p->model = branch;
	says(p, "-: delivered c77/4001 calling=5551234 linkage=G1");
	says(p, "-: delivered c78/4002 calling=5559999 linkage=G2");
	heard(p, "delivered c1/2001 alerting i1\ndelivered c77/4001 alerting i1\n"
	         "delivered c78/4002 alerting i2");
	/* It ends when the last call does, on whichever switch. */
	says(p, "-: connection-cleared c77/4001");
	heard(p, "connection-cleared c77/4001 null i1\ncleared c77/ = i1");
	p->model = hq;
	p->sequence = 1;
	says(p, "-: connection-cleared c1/2001");
	heard(p, "connection-cleared c1/2001 null i1\ncleared c1/ = i1\ninteraction.ended i1");
	assert_int_equal(strlen(first), INTERACTION_ID - 1);
	model_destroy(&branch);
	play_end(&q);
}

static void same_seed_same_ids(void **state)
{
	(void)state;
	char ids[2][INTERACTION_ID];
	for (int run = 0; run < 2; run++) {
		struct play *p = play_begin(three);
		says(p, "2001: delivered c1/2001 calling=5551234");
		snprintf(ids[run], INTERACTION_ID, "%s", p->interaction[0]);
		play_end(&p);
	}
	assert_string_equal(ids[0], ids[1]);
	/* 2023-11-14T22:13:20Z in a ULID's first ten letters. */
	assert_memory_equal(ids[0], "01HF7YAT00", 10);
	char ulid[INTERACTION_ID];
	interaction_ulid(ulid, 1469918176385000, 0, 0);
	assert_string_equal(ulid, "01ARYZ6S410000000000000000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(consultation_has_a_parent),
	        cmocka_unit_test(transfer_keeps_the_older),
	        cmocka_unit_test(transfer_shows_the_caller),
	        cmocka_unit_test(transfer_of_an_outgoing_call),
	        cmocka_unit_test(transfer_before_the_answer),
	        cmocka_unit_test(local_view_is_put_together),
	        cmocka_unit_test(result_with_an_old_id),
	        cmocka_unit_test(conference_and_drop),
	        cmocka_unit_test(blind_transfer_in_either_order),
	        cmocka_unit_test(pickup_deflect_and_queue_keep_it),
	        cmocka_unit_test(attached_data_follows),
	        cmocka_unit_test(attached_data_has_a_limit),
	        cmocka_unit_test(linkage_crosses_switches),
	        cmocka_unit_test(same_seed_same_ids),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("interaction", tests, NULL, NULL);
}

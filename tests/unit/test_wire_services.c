/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of what each service needs and reads (sdk/wire_fields.h), which describes requests to
 * clients, against what of a request reaches a switch.
 */
#include "csta/event.h"
#include "sdk/names.h"
#include "sdk/wire_fields.h"
#include "test.h"

#include <stdio.h>

static struct csta_codec *codec;

static int set_up(void **state)
{
	(void)state;
	return csta_init(NULL) || csta_codec_create(&codec, NULL, NULL) ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	csta_codec_destroy(&codec);
	return 0;
}

static const struct {
	enum cti_service service;
	const char *needs, *reads;
} services[] = {
#define X(name, needs, reads) {CTI_SERVICE_##name, needs, reads},
        WIRE_SERVICES(X)
#undef X
};

static bool has_word(const char *words, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = words; (at = strstr(at, word)); at += length)
		if ((at == words || at[-1] == ' ') && (!at[length] || at[length] == ' '))
			return true;
	return false;
}

/* Private data stays out: it goes with every service, and a reason travels in it. */
static struct cti_request full_request(enum cti_service service)
{
	static const uint8_t octets[] = {1, 2};
	struct cti_request request;
	cti_request_init(&request, service);
	request.device = "2001";
	request.destination = "2002";
	request.group = "3000";
	request.agent_id = "7001";
	request.password = "secret";
	request.reason = "lunch";
	request.monitor = "17";
	request.connection = (struct cti_connection){.call_id = "1", .device_id = "2001"};
	request.held = (struct cti_connection){.call_id = "2", .device_id = "2001"};
	request.agent_state = CTI_REQUEST_READY;
	request.participation = CTI_PARTICIPATION_SILENT;
	request.do_not_prompt = true;
	request.call_type = true;
	request.monitor_filter = UINT64_C(1) << CTI_EVENT_CALL_HELD;
	if (service == CTI_SERVICE_ESCAPE)
		request.private_data = "0500";
	request.correlator = request.user_data = (struct cti_octets){octets, sizeof octets};
	return request;
}

/* Members of the request that come back from a message, as words behind those in @p words. */
static void words_add(char *words, size_t size, const struct cti_request *back)
{
	const struct {
		const char *name;
		bool there;
	} members[] = {
#define X(field, name) {name, back->field},
	        WIRE_REQUEST_STRINGS(X) WIRE_REQUEST_TRUTHS(X)
#undef X
#define X(field, name) {name, back->field.call_id},
	                WIRE_REQUEST_CONNECTIONS(X)
#undef X
#define X(field, name) {name, back->field.data},
	                        WIRE_OCTETS(X)
#undef X
	                                {"monitorFilter", back->monitor_filter},
	        {"participationType", back->participation == CTI_PARTICIPATION_SILENT},
	        {"requestedAgentState", back->agent_state == CTI_REQUEST_READY},
	};
	for (size_t i = 0; i < COUNT(members); i++) {
		size_t length = strlen(words);
		if (members[i].there && !has_word(words, members[i].name))
			snprintf(words + length, size - length, "%s%s", length ? " " : "",
			         members[i].name);
	}
}

static void sent_and_read(const struct cti_request *request, char *words, size_t size)
{
	struct csta_message *message = NULL;
	struct cti_request back;
	struct cti_error error = {0};
	if (csta_request_write(&message, codec, request, &error) ||
	    csta_request_read(message, &back, &error))
		fail_msg("%s: %s", cti_service_name(request->service), error.text);
	words_add(words, size, &back);
	csta_message_destroy(&message);
}

/* Words of @p one that are not in @p other. */
static bool words_differ(const char *service, const char *one, const char *other)
{
	char copy[512], *save = NULL;
	bool differ = false;
	snprintf(copy, sizeof copy, "%s", one);
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		if (!has_word(other, word) && strcmp(word, "privateData") != 0) {
			print_message("# %s: %s is not in: %s\n", service, word, other);
			differ = true;
		}
	return differ;
}

static void services_are_described_as_they_are_sent(void **state)
{
	unsigned wrong = 0;
	(void)state;
	assert_int_equal(COUNT(services), CTI_SERVICES_COUNT);
	for (size_t i = 0; i < COUNT(services); i++) {
		const char *name = cti_service_name(services[i].service);
		struct cti_request request = full_request(services[i].service);
		char sent[512] = "", described[512];
		sent_and_read(&request, sent, sizeof sent);
		if (request.service == CTI_SERVICE_MONITOR_START) { /* of a device, or of a call */
			request.device = NULL;
			sent_and_read(&request, sent, sizeof sent);
		}
		snprintf(described, sizeof described, "%s%s%s", services[i].needs,
		         *services[i].needs ? " " : "", services[i].reads);
		wrong += words_differ(name, described, sent) || words_differ(name, sent, described);
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(services_are_described_as_they_are_sent),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("services", tests, set_up, tear_down);
}

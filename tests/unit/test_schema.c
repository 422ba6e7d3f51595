/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON Schemas of messages against what is written and read: a validator of somebody else's
 * (tests/support/validate.py) judges generated messages of every row, and the same with something
 * changed, where it must say what the decoder says.
 */
#include "csta/codec.h"
#include "csta/schema.h"
#include "test.h"
#include "tests/support/generate.h"
#include "tests/support/messages.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROUNDS  3 /* messages of each row and manner */
#define CHANGES 2 /* changed ones of each */

static char folder[] = "/tmp/schema-XXXXXX";

/* ---- the schemas, as `csta schema --all` writes them ---------------------------------------- */

static void file_write(const char *how, const char *name, const struct csta_buffer *text)
{
	char path[256];
	FILE *file;
	snprintf(path, sizeof path, "%s/%s/%s.json", folder, how, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text->data, 1, text->length, file), text->length);
	assert_int_equal(fclose(file), 0);
}

static void folder_write(const char *name, unsigned how)
{
	struct csta_buffer text = {0};
	struct cti_error error = {0};
	char path[256];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_int_equal(mkdir(path, 0700), 0);
	if (csta_schema_types(how, &text, &error))
		fail_msg("%s", error.text);
	file_write(name, "types", &text);
	for (size_t i = 0; i < csta_type_count; i++) {
		csta_buffer_clear(&text);
		if (csta_schema_message(&csta_types[i], how | CSTA_SCHEMA_APART, &text, &error))
			fail_msg("%s", error.text);
		file_write(name, csta_types[i].element, &text);
	}
	csta_buffer_free(&text);
}

static int set_up(void **state)
{
	if (codec_setup(state) || !mkdtemp(folder))
		return -1;
	folder_write("any", 0);
	folder_write("strict", CSTA_SCHEMA_STRICT);
	return 0;
}

static int tear_down(void **state)
{
	char command[64];
	codec_teardown(state);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command);
}

/* ---- the validator -------------------------------------------------------------------------- */

static FILE *validator_open(void)
{
	const char *source = getenv("CTI_SOURCE");
	char command[512];
	snprintf(command, sizeof command, "/usr/bin/python3 %s/tests/support/validate.py %s >&2",
	         source ? source : ".", folder);
	FILE *validator = popen(command, "w");
	assert_non_null(validator);
	return validator;
}

static void judge(FILE *validator, const char *how, const struct csta_type *type, bool valid,
                  const char *text)
{
	fprintf(validator, "%s %s %s %s\n", how, type->element, valid ? "valid" : "wrong", text);
}

static char *text_of(const struct csta_message *message)
{
	struct csta_buffer text = {0};
	assert_int_equal(csta_encode_json(codec, message, &text, NULL), 0);
	assert_int_equal(csta_buffer_append(&text, "", 1), 0);
	return (char *)text.data;
}

/* ---- something changed ----------------------------------------------------------------------- */

static json_t *another_value(struct generator *generator)
{
	switch (generate_below(generator, 10)) {
	case 0:
		return json_null();
	case 1:
		return json_true();
	case 2:
		return json_integer(7);
	case 3:
		return json_real(1.5);
	case 4:
		return json_string("x");
	case 5:
		return json_array();
	case 6:
		return json_object();
	case 7:
		return json_pack("{ss}", "hex", "040"); /* not whole octets */
	case 8:
		return json_pack("{ss}", "hex", "0400");
	default:
		return json_pack("[s]", "x");
	}
}

/* Somewhere below @p json, which is an object or an array, one thing is otherwise. */
static void change(struct generator *generator, json_t *json)
{
	size_t count = json_is_object(json) ? json_object_size(json) : json_array_size(json);
	size_t place = count ? generate_below(generator, (unsigned)count) : 0;
	void *iter = json_is_object(json) ? json_object_iter(json) : NULL;
	for (size_t i = 0; iter && i < place; i++)
		iter = json_object_iter_next(json, iter);
	json_t *inner = iter ? json_object_iter_value(iter) : json_array_get(json, place);
	if ((json_is_object(inner) || json_is_array(inner)) && generate_below(generator, 4)) {
		change(generator, inner);
		return;
	}
	switch (generate_below(generator, 4)) {
	case 0:
		if (json_is_object(json))
			json_object_set_new(json, "noSuchMember", another_value(generator));
		else
			json_array_append_new(json, another_value(generator));
		return;
	case 1:
		if (iter)
			json_object_del(json, json_object_iter_key(iter));
		else
			json_array_remove(json, place);
		return;
	default:
		if (iter)
			json_object_iter_set_new(json, iter, another_value(generator));
		else
			json_array_set_new(json, place, another_value(generator));
	}
}

static void changed_judge(FILE *validator, struct generator *generator,
                          const struct csta_type *type, const char *text)
{
	json_t *json = json_loads(text, 0, NULL);
	struct csta_message *message = NULL;
	assert_non_null(json);
	change(generator, json);
	char *changed = json_dumps(json, JSON_COMPACT);
	bool valid = !csta_decode_json(&message, codec, changed, strlen(changed), NULL);
	judge(validator, "any", type, valid, changed);
	csta_message_destroy(&message);
	free(changed);
	json_decref(json);
}

/* ---- tests ------------------------------------------------------------------------------------
 */

static void generated_judge(FILE *validator, struct generator *generator,
                            const struct csta_type *type)
{
	struct csta_message *message = NULL;
	assert_int_equal(generate_message(&message, generator, codec, type), 0);
	char *text = text_of(message);
	judge(validator, "any", type, true, text);
	if (generator->standard)
		judge(validator, "strict", type, true, text);
	for (int i = 0; i < CHANGES; i++)
		changed_judge(validator, generator, type, text);
	free(text);
	csta_message_destroy(&message);
}

static void schemas_say_what_the_codec_does(void **state)
{
	struct generator generator = {.state = 20261122};
	FILE *validator = validator_open();
	(void)state;
	for (size_t i = 0; i < csta_type_count; i++)
		for (int round = 0; round < ROUNDS; round++)
			for (int standard = 0; standard < 2; standard++) {
				generator.standard = standard;
				generator.how = round == 0   ? GENERATE_LEAST
				                : round == 1 ? GENERATE_ALL
				                             : GENERATE_SOME;
				generated_judge(validator, &generator, &csta_types[i]);
			}
	assert_int_equal(pclose(validator), 0);
}

/* What a wire may carry and the standard does not have: a reader wants to know. */
static void strict_schemas_refuse_what_the_standard_lacks(void **state)
{
	static const struct {
		const char *element, *text;
		bool valid, standard;
	} cases[] = {
	        {"SystemStatus", "{\"SystemStatus\":{\"systemStatus\":\"normal\"}}", true, true},
	        {"SystemStatus", "{\"SystemStatus\":{\"systemStatus\":77}}", true, false},
	        {"SystemStatus", "{\"SystemStatus\":{\"systemStatus\":\"fine\"}}", false, false},
	        {"SystemStatus", "{\"SystemStatus\":{}}", false, false},
	        {"HoldCall", "{\"HoldCall\":{\"callToBeHeld\":{\"callID\":\"17\"}}}", true, true},
	        {"HoldCall", "{\"HoldCall\":{\"callToBeHeld\":{}}}", true, false},
	        {"HoldCall", "{\"HoldCall\":{\"callToBeHeld\":{\"callID\":17}}}", false, false},
	        {"HoldCall", "{\"HoldCall\":null,\"invokeID\":4294967295}", false, false},
	        {"HoldCall", "{\"HoldCall\":null,\"monitorCrossRefID\":\"1\"}", false, false},
	        {"AARQ", "{\"AARQ\":null}", false, false},
	        {"CallClearedEvent",
	         "{\"CallClearedEvent\":{\"clearedCall\":{\"callID\":\"17\"},\"cause\":\"newCall\"}"
	         "}",
	         false, false}, /* no monitor */
	        {"MonitorStart",
	         "{\"MonitorStart\":{\"monitorObject\":{\"deviceObject\":{\"deviceIdentifier\":"
	         "{\"dialingNumber\":\"1\"}}},\"requestedMonitorFilter\":{\"callcontrol\":{\"30\":"
	         "true}}}}",
	         true, false},
	};
	FILE *validator = validator_open();
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct csta_type *type =
		        csta_type_of_element(cases[i].element, strlen(cases[i].element));
		struct csta_message *message = NULL;
		bool valid = !csta_decode_json(&message, codec, cases[i].text,
		                               strlen(cases[i].text), NULL);
		if (valid != cases[i].valid)
			fail_msg("%s is %s", cases[i].text, valid ? "taken" : "refused");
		csta_message_destroy(&message);
		judge(validator, "any", type, cases[i].valid, cases[i].text);
		judge(validator, "strict", type, cases[i].standard, cases[i].text);
	}
	assert_int_equal(pclose(validator), 0);
}

/* One document by itself and the one that refers to types.json have the same types. */
static void a_schema_alone_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < csta_type_count; i++) {
		struct csta_buffer text = {0};
		assert_int_equal(csta_schema_message(&csta_types[i], 0, &text, NULL), 0);
		json_t *schema = json_loadb((char *)text.data, text.length, 0, NULL);
		json_t *defs = json_object_get(schema, "$defs");
		char *whole = json_dumps(schema, JSON_COMPACT);
		assert_true(json_object_size(defs) > 0);
		assert_null(strstr(whole, CSTA_SCHEMA_TYPES));
		for (const char *at = whole; (at = strstr(at, "\"#/$defs/"));) {
			char name[128];
			assert_int_equal(sscanf(at, "\"#/$defs/%127[^\"]", name), 1);
			assert_non_null(json_object_get(defs, name));
			at++;
		}
		free(whole);
		json_decref(schema);
		csta_buffer_free(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(schemas_say_what_the_codec_does),
	        cmocka_unit_test(strict_schemas_refuse_what_the_standard_lacks),
	        cmocka_unit_test(a_schema_alone_is_whole),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("JSON Schema", tests, set_up, tear_down);
}

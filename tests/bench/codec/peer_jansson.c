/* SPDX-License-Identifier: Apache-2.0 */
#include "codec.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *pattern;
static char *out;
static size_t out_size;

static json_t *build(const json_t *from)
{
	const char *key;
	json_t *to, *value;
	size_t i;

	switch (json_typeof(from)) {
	case JSON_OBJECT:
		to = json_object();
		json_object_foreach ((json_t *)(uintptr_t)from, key, value)
			json_object_set_new_nocheck(to, key, build(value));
		return to;
	case JSON_ARRAY:
		to = json_array();
		json_array_foreach (from, i, value)
			json_array_append_new(to, build(value));
		return to;
	case JSON_STRING:
		return json_stringn_nocheck(json_string_value(from), json_string_length(from));
	case JSON_INTEGER:
		return json_integer(json_integer_value(from));
	case JSON_REAL:
		return json_real(json_real_value(from));
	case JSON_TRUE:
		return json_true();
	case JSON_FALSE:
		return json_false();
	case JSON_NULL:
		break;
	}
	return json_null();
}

void peer_jansson_encode(void)
{
	json_t *tree = build(pattern);

	if (json_dumpb(tree, out, out_size, JSON_COMPACT) > out_size)
		abort();
	json_decref(tree);
}

bool peer_jansson_prepare(struct sample json)
{
	pattern = json_loadb((const char *)json.data, json.length, 0, NULL);
	out_size = json.length + 1;
	out = malloc(out_size);
	if (!pattern || !out)
		return false;
	peer_jansson_encode();
	return !memcmp(out, json.data, json.length);
}

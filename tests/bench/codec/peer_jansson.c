/* SPDX-License-Identifier: Apache-2.0 */
#include "codec.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *pattern;
static char *out;
static size_t out_size;

static json_t *build(const json_t *from);

static json_t *build_object(json_t *from)
{
	json_t *to = json_object();

	for (void *at = json_object_iter(from); at; at = json_object_iter_next(from, at))
		json_object_set_new_nocheck(to, json_object_iter_key(at),
		                            build(json_object_iter_value(at)));
	return to;
}

static json_t *build_array(const json_t *from)
{
	json_t *to = json_array();

	for (size_t i = 0; i < json_array_size(from); i++)
		json_array_append_new(to, build(json_array_get(from, i)));
	return to;
}

static json_t *build(const json_t *from)
{
	switch (json_typeof(from)) {
	case JSON_OBJECT:
		return build_object((json_t *)(uintptr_t)from);
	case JSON_ARRAY:
		return build_array(from);
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

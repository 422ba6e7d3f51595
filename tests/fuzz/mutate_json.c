/* SPDX-License-Identifier: Apache-2.0 */
/* JSON changed as values: members gone, renamed, moved, given another value. */
#include "csta/xml.h"
#include "tests/fuzz/fuzz.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define VALUES       512
#define COUNT(array) (unsigned)(sizeof(array) / sizeof((array)[0]))

/* A value and where it stands. */
struct place {
	json_t *value, *parent;
	const char *key; /* NULL: an item */
	size_t index;
};

static struct place places[VALUES];

static unsigned collect(json_t *value, json_t *parent, const char *key, size_t index,
                        unsigned count)
{
	json_t *member;

	if (count == VALUES)
		return count;
	places[count++] = (struct place){value, parent, key, index};
	json_object_foreach (value, key, member)
		count = collect(member, value, key, 0, count);
	if (json_is_array(value))
		json_array_foreach (value, index, member)
			count = collect(member, value, NULL, index, count);
	return count;
}

static json_t *another(struct generator *chance)
{
	static const json_int_t numbers[] = {0,
	                                     1,
	                                     -1,
	                                     127,
	                                     255,
	                                     65536,
	                                     2147483647,
	                                     4294967295,
	                                     -9223372036854775807 - 1,
	                                     9223372036854775807};
	static const char *const strings[] = {
	        "",        "2001",         "\\",   "ü",
	        "a\nb",    "1.3.12.0.218", "00ff", "2026-11-22T07:00:00.000001Z",
	        "newCall", "%2f",          "\x7f"};

	switch (generate_below(chance, 9)) {
	case 0:
		return json_null();
	case 1:
		return json_boolean(generate_below(chance, 2));
	case 2:
		return json_integer(numbers[generate_below(chance, COUNT(numbers))]);
	case 3:
		return json_real(1.5e300);
	case 4:
		return json_object();
	case 5:
		return json_array();
	case 6:
		return json_pack("{s:s}", "hex", "0403616263");
	case 7:
		return json_string(strings[generate_below(chance, COUNT(strings))]);
	default:
		return json_string(xml_names[generate_below(chance, (unsigned)xml_name_count)]);
	}
}

static json_t *spelt(const json_t *string)
{
	static uint8_t text[4096];
	size_t length = json_string_length(string);
	json_t *made;

	if (length > sizeof(text) / 2)
		return NULL;
	memcpy(text, json_string_value(string), length);
	length = fuzz_mutate_octets(text, length, sizeof(text));
	made = json_stringn((char *)text, length);
	return made ? made : json_stringn_nocheck("", 0);
}

static void put(const struct place *place, const char *key, json_t *value)
{
	if (json_is_object(place->parent))
		json_object_set_new(place->parent, key, value);
	else
		json_array_set_new(place->parent, place->index, value);
}

static void change(unsigned count, struct generator *chance)
{
	const struct place *place = &places[generate_below(chance, count)];
	const struct place *other = &places[generate_below(chance, count)];
	const char *name = xml_names[generate_below(chance, (unsigned)xml_name_count)];

	if (json_is_array(place->value) && !generate_below(chance, 3))
		json_array_append_new(place->value, another(chance));
	if (!place->parent)
		return;
	switch (generate_below(chance, 6)) {
	case 0:
		if (place->key)
			json_object_del(place->parent, place->key);
		else
			json_array_remove(place->parent, place->index);
		break;
	case 1:
		put(place, place->key, another(chance));
		break;
	case 2:
		put(place, place->key, json_deep_copy(other->value));
		break;
	case 3:
		if (place->key)
			json_object_set_new(place->parent, name, json_deep_copy(other->value));
		break;
	case 4:
		if (place->key) {
			json_t *value = json_incref(place->value);

			json_object_del(place->parent, place->key);
			json_object_set_new(place->parent, name, value);
		}
		break;
	default:
		if (json_is_string(place->value))
			put(place, place->key, spelt(place->value));
	}
}

size_t mutate_json(uint8_t *data, size_t length, size_t size, struct generator *chance)
{
	json_t *root = json_loadb((char *)data, length, 0, NULL);
	size_t written;

	if (!root || !generate_below(chance, 10)) {
		json_decref(root);
		return 0;
	}
	change(collect(root, NULL, NULL, 0, 0), chance);
	written = json_dumpb(root, (char *)data, size, JSON_COMPACT);
	json_decref(root);
	return written <= size ? written : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BER changed as a tree of elements, so that lengths stay right and what is changed lies deep
 * inside: elements deleted, doubled, swapped, put elsewhere, given other tags, contents and forms
 * of length.
 */
#include "csta/tlv.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define NODES        1024
#define DEPTH        40
#define COUNT(array) (unsigned)(sizeof(array) / sizeof((array)[0]))

enum form { SHORTEST, LONG, INDEFINITE };

struct node {
	const uint8_t *tag, *content; /* content of a primitive one */
	size_t tag_length, length;
	unsigned child, next; /* 0: none */
	enum form form;
};

struct tree {
	struct node nodes[NODES];
	unsigned count; /* nodes[0] holds what stands at the top */
};

struct output {
	uint8_t *data;
	size_t length, size;
};

static unsigned add_node(struct tree *tree)
{
	if (tree->count == NODES)
		return 0;
	tree->nodes[tree->count] = (struct node){0};
	return tree->count++;
}

static bool parse(struct tree *tree, unsigned parent, struct tlv_reader reader, unsigned depth)
{
	unsigned last = 0;
	struct tlv tlv;

	while (tlv_read(&reader, &tlv)) {
		unsigned index = add_node(tree);
		struct node *node = &tree->nodes[index];

		if (!index)
			return false;
		*(last ? &tree->nodes[last].next : &tree->nodes[parent].child) = index;
		last = index;
		node->tag = tlv.start;
		node->tag_length = 1;
		if ((*tlv.start & 0x1f) == 0x1f)
			while (tlv.start[node->tag_length++] & 0x80)
				;
		node->form = tlv.constructed && tlv.total - tlv.length >= node->tag_length + 3 &&
		                             tlv.start[node->tag_length] == 0x80
		                     ? INDEFINITE
		                     : SHORTEST;
		node->content = tlv.content;
		node->length = tlv.length;
		if (tlv.constructed && depth < DEPTH &&
		    !parse(tree, index, tlv_inside(&tlv), depth + 1))
			return false;
	}
	return reader.next == reader.end;
}

/* Octets are put from the end of the room to its start: then lengths are known. */
static bool put(struct output *out, const void *data, size_t length)
{
	if (length > out->size - out->length)
		return false;
	out->length += length;
	if (length)
		memcpy(out->data + out->size - out->length, data, length);
	return true;
}

static bool put_length(struct output *out, enum form form, size_t length)
{
	uint8_t octets[5];
	size_t more = length > 0xffff ? 3 : length > 0xff ? 2 : 1;

	if (form == LONG)
		more = 4;
	if (form == SHORTEST && length < 0x80) {
		octets[0] = (uint8_t)length;
		return put(out, octets, 1);
	}
	octets[0] = (uint8_t)(0x80 | more);
	for (size_t i = 0; i < more; i++)
		octets[1 + i] = (uint8_t)(length >> 8 * (more - 1 - i));
	return put(out, octets, more + 1);
}

static bool put_siblings(struct output *out, const struct tree *tree, unsigned index,
                         unsigned depth);

static bool put_node(struct output *out, const struct tree *tree, unsigned index, unsigned depth)
{
	const struct node *node = &tree->nodes[index];
	size_t before;

	if (node->form == INDEFINITE && !put(out, "\0", 2))
		return false;
	before = out->length;
	if (node->child ? !put_siblings(out, tree, node->child, depth + 1)
	                : !put(out, node->content, *node->tag & 0x20 ? 0 : node->length))
		return false;
	return (node->form == INDEFINITE ? put(out, "\x80", 1)
	                                 : put_length(out, node->form, out->length - before)) &&
	       put(out, node->tag, node->tag_length);
}

static bool put_siblings(struct output *out, const struct tree *tree, unsigned index,
                         unsigned depth)
{
	unsigned list[NODES / 4], count = 0;

	if (depth > 2 * DEPTH)
		return false;
	for (; index && count < COUNT(list); index = tree->nodes[index].next)
		list[count++] = index;
	while (count)
		if (!put_node(out, tree, list[--count], depth))
			return false;
	return true;
}

/* ---- changing ------------------------------------------------------------------------------- */

/* Of what is at *place, a pointer to it: of the parent, or of the one before. */
static unsigned *place_of(struct tree *tree, unsigned index)
{
	for (unsigned i = 0; i < tree->count; i++) {
		if (tree->nodes[i].child == index)
			return &tree->nodes[i].child;
		if (tree->nodes[i].next == index)
			return &tree->nodes[i].next;
	}
	return NULL;
}

/* Without what stands behind it; 0: no room. */
static unsigned copy(struct tree *tree, const struct tree *from, unsigned index)
{
	unsigned made = add_node(tree), last = 0;

	if (!made)
		return 0;
	tree->nodes[made] = from->nodes[index];
	tree->nodes[made].next = tree->nodes[made].child = 0;
	for (unsigned i = from->nodes[index].child; i; i = from->nodes[i].next) {
		unsigned child = copy(tree, from, i);

		if (!child)
			return 0;
		*(last ? &tree->nodes[last].next : &tree->nodes[made].child) = child;
		last = child;
	}
	return made;
}

static const uint8_t tags[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x16, 0x17,
                               0x18, 0x30, 0x31, 0x24, 0x23, 0x41, 0x55, 0x61, 0x63, 0x6b,
                               0x7e, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x87, 0xa0, 0xa1,
                               0xa2, 0xa3, 0xa4, 0xa5, 0xa9, 0xac, 0xb0, 0xe0, 0x00, 0x20};
static uint8_t room[4096]; /* of changed contents */

static void change_content(struct node *node, struct generator *chance)
{
	static const char *const contents[] = {"",
	                                       "\xff",
	                                       "\x7f\xff\xff\xff",
	                                       "\x80\0\0\0",
	                                       "\x08",
	                                       "2001",
	                                       "\xff\xff\xff\xff\xff\xff\xff\xff\xff"};
	size_t length = node->length < sizeof(room) / 2 ? node->length : sizeof(room) / 2;
	const char *chosen = contents[generate_below(chance, COUNT(contents))];

	if (generate_below(chance, 4)) {
		if (length)
			memcpy(room, node->content, length);
		node->length = fuzz_mutate_octets(room, length, sizeof(room));
		node->content = room;
	} else {
		node->content = (const uint8_t *)chosen;
		node->length = strlen(chosen);
	}
}

/* A string, or anything, in segments of its own tag. */
static void split(struct tree *tree, struct node *node, struct generator *chance)
{
	static uint8_t constructed[8];
	unsigned one = add_node(tree), two = add_node(tree);
	size_t at = generate_below(chance, (unsigned)node->length + 1);

	if (!one || !two || node->tag_length > sizeof(constructed))
		return;
	tree->nodes[one] = tree->nodes[two] = *node;
	tree->nodes[one].next = two;
	tree->nodes[two].next = 0;
	tree->nodes[one].length = at;
	tree->nodes[two].content += at;
	tree->nodes[two].length -= at;
	memcpy(constructed, node->tag, node->tag_length);
	constructed[0] |= 0x20;
	node->tag = constructed;
	node->child = one;
}

static void change(struct tree *tree, struct generator *chance)
{
	unsigned index = 1 + generate_below(chance, tree->count - 1);
	unsigned other = 1 + generate_below(chance, tree->count - 1), made;
	unsigned *place = place_of(tree, index);
	struct node *node = &tree->nodes[index], kept = *node;

	if (!place)
		return;
	switch (generate_below(chance, 9)) {
	case 0: /* gone */
		*place = node->next;
		break;
	case 1: /* twice, or some more */
		for (unsigned n = generate_below(chance, 8) ? 1 : 30; n; n--) {
			made = copy(tree, tree, index);
			if (!made)
				break;
			tree->nodes[made].next = node->next;
			node->next = made;
		}
		break;
	case 2: /* another's content, under its own tag or the other's */
		made = copy(tree, tree, other);
		if (!made)
			break;
		if (generate_below(chance, 2)) {
			tree->nodes[made].tag = node->tag;
			tree->nodes[made].tag_length = node->tag_length;
		}
		tree->nodes[made].next = node->next;
		*place = made;
		break;
	case 3: /* swapped with the next */
		if (node->next) {
			*place = kept.next;
			node->next = tree->nodes[kept.next].next;
			tree->nodes[kept.next].next = index;
		}
		break;
	case 4:
		node->tag = &tags[generate_below(chance, COUNT(tags))];
		node->tag_length = 1;
		break;
	case 5:
		node->form = (enum form)generate_below(chance, 3);
		break;
	case 6: /* within another */
		made = add_node(tree);
		if (!made)
			break;
		tree->nodes[made].tag = &tags[generate_below(chance, COUNT(tags))];
		tree->nodes[made].tag_length = 1;
		tree->nodes[made].child = index;
		tree->nodes[made].next = node->next;
		node->next = 0;
		*place = made;
		break;
	case 7:
		if (!node->child)
			split(tree, node, chance);
		break;
	default:
		if (!node->child)
			change_content(node, chance);
	}
}

static bool read_tree(struct tree *tree, const uint8_t *data, size_t length)
{
	tree->count = 0;
	add_node(tree);
	return parse(tree, 0, (struct tlv_reader){data, data + length}, 0) && tree->count > 1;
}

static size_t write_tree(const struct tree *tree, uint8_t *out, size_t size)
{
	static uint8_t all[1 << 17];
	struct output output = {all, 0, size < sizeof(all) ? size : sizeof(all)};

	if (!put_siblings(&output, tree, tree->nodes[0].child, 0))
		return 0;
	memcpy(out, all + output.size - output.length, output.length);
	return output.length;
}

static struct tree one, two;

size_t mutate_ber(uint8_t *data, size_t length, size_t size, struct generator *chance)
{
	if (!read_tree(&one, data, length) || !generate_below(chance, 10))
		return 0;
	for (unsigned n = 1 + generate_below(chance, 3); n; n--)
		change(&one, chance);
	return write_tree(&one, data, size);
}

size_t cross_ber(const uint8_t *data, size_t length, const uint8_t *other, size_t other_length,
                 uint8_t *out, size_t size, struct generator *chance)
{
	unsigned index, made, *place;

	if (!read_tree(&one, data, length) || !read_tree(&two, other, other_length))
		return 0;
	index = 1 + generate_below(chance, one.count - 1);
	made = copy(&one, &two, 1 + generate_below(chance, two.count - 1));
	place = place_of(&one, index);
	if (!made || !place)
		return 0;
	one.nodes[made].next = generate_below(chance, 2) ? index : one.nodes[index].next;
	*place = made;
	return write_tree(&one, out, size);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A value said as one alternative of a CHOICE: see dialect_copy.c.
 */
#include "csta/dialect_copy.h"

#include <string.h>

/* How many of a SEQUENCE's fields that are there an alternative has a place for. */
static unsigned score(const struct csta_copy *c, const struct csta_layout *from, const void *value,
                      const struct csta_field *alternative)
{
	unsigned count = 0;
	struct dialect_found found;

	if (!alternative->flat)
		return dialect_find(from, value, alternative->name, &found) ||
		       (c->out && dialect_is_deep(alternative->name) &&
		        dialect_find_deep(from, value, alternative->name, &found, NULL));
	for (unsigned i = 0; i < from->field_count; i++)
		count += csta_field_get(&from->fields[i], value) && &from->fields[i] != c->skip &&
		         dialect_takes(alternative->layout, from->fields[i].name);
	return count;
}

/* The first field that is there, without its SEQUENCE. */
bool dialect_unwrap(struct csta_copy *c, const struct csta_layout *from, const void *value,
                    const struct csta_layout *to, void *out)
{
	unsigned first = 0;

	while (first < from->field_count && !csta_field_get(&from->fields[first], value))
		first++;
	if (first == from->field_count ||
	    !dialect_copy(c, from->fields[first].layout,
	                  csta_field_get(&from->fields[first], value), to, out))
		return false;
	while (++first < from->field_count)
		if (csta_field_get(&from->fields[first], value))
			dialect_drop(c, from->type, from->fields[first].name);
	return true;
}

/* The alternative of a result that says nothing; what was to be said is lost. */
static bool no_data(struct csta_copy *c, const struct csta_layout *to, void *out,
                    const char *instead_of)
{
	for (unsigned i = 0; i < to->field_count; i++)
		if (to->fields[i].layout->shape == CSTA_NULL &&
		    !strcmp(to->fields[i].name, "noData")) {
			if (instead_of)
				dialect_lose(c, instead_of);
			return csta_choice_make(c->arena, to, i, out);
		}
	return false;
}

static bool sequence_to_choice(struct csta_copy *c, const struct csta_layout *from,
                               const void *value, const struct csta_layout *to, void *out)
{
	unsigned best = to->field_count, most = 0;
	uint64_t set = 0;

	for (unsigned i = 0; i < to->field_count; i++) {
		unsigned count = dialect_lacking(c, to->type, to->fields[i].name, 0)
		                         ? 0
		                         : score(c, from, value, &to->fields[i]);

		if (count > most) {
			most = count;
			best = i;
		}
	}
	if (best == to->field_count) {
		struct dialect_attempt attempt = dialect_attempt(c);

		if (no_data(c, to, out, NULL))
			return dialect_leftovers(c, from, value, to, out, &set);
		if (dialect_attempt_end(c, attempt, dialect_unwrap(c, from, value, to, out)))
			return true;
		/* Nothing of it is there: the alternative that is a SEQUENCE may be empty too. */
		for (best = 0; best < to->field_count; best++)
			if (to->fields[best].flat &&
			    !dialect_lacking(c, to->type, to->fields[best].name, 0))
				break;
		void *empty =
		        best < to->field_count ? csta_choice_make(c->arena, to, best, out) : NULL;

		return empty && dialect_copy_same(c, from, value, to->fields[best].layout, empty);
	}
	const struct csta_field *field = &to->fields[best];
	void *made = csta_choice_make(c->arena, to, best, out);

	if (!made)
		return false;
	if (field->flat)
		return dialect_copy_same(c, from, value, field->layout, made);
	/* As one field of a SEQUENCE, with the others left over. */
	struct csta_field only = *field;
	struct csta_layout single = *to;

	single.fields = &only;
	single.field_count = 1;
	dialect_fill_field(c, from, value, &single, out, 0, &set);
	return (set & 1 || no_data(c, to, out, NULL)) &&
	       dialect_leftovers(c, from, value, &single, out, &set);
}

static bool copy_choice(struct csta_copy *c, const struct csta_layout *from, const void *value,
                        const struct csta_layout *to, void *out)
{
	int present = csta_choice_get(from, value);

	if (present < 0)
		return false;
	const struct csta_field *field = &from->fields[present];
	const void *inner = csta_field_get(field, value);
	const char *names[] = {field->name, dialect_other_name(from->type, field->name)};

	for (unsigned n = 0; n < 2 && inner; n++)
		for (unsigned i = 0; i < to->field_count; i++) {
			const char *name = to->fields[i].name;

			if (strcmp(name, names[n]) || dialect_lacking(c, to->type, name, 0))
				continue;
			if (n)
				dialect_lose(c, field->name);
			void *made = csta_choice_make(c->arena, to, i, out);

			struct dialect_attempt attempt = dialect_attempt(c);

			return (made &&
			        dialect_attempt_end(c, attempt,
			                            to->fields[i].layout->shape == CSTA_NULL ||
			                                    dialect_copy(c, field->layout, inner,
			                                                 to->fields[i].layout,
			                                                 made))) ||
			       no_data(c, to, out, field->name);
		}
	if (!inner || field->layout->shape == CSTA_NULL)
		return false;
	struct dialect_attempt attempt = dialect_attempt(c);

	if (dialect_attempt_end(c, attempt, dialect_copy(c, field->layout, inner, to, out))) {
		/* A number that became one of another kind. */
		if (field->layout->field_count == 0)
			dialect_lose(c, field->name);
		return true;
	}
	for (unsigned i = 0; i < to->field_count; i++) {
		if (dialect_lacking(c, to->type, to->fields[i].name, 0))
			continue;
		void *made = csta_choice_make(c->arena, to, i, out);

		if (made && dialect_attempt_end(
		                    c, attempt,
		                    dialect_copy_same(c, from, value, to->fields[i].layout, made)))
			return true;
	}
	return no_data(c, to, out, field->name);
}

bool dialect_to_choice(struct csta_copy *c, const struct csta_layout *from, const void *value,
                       const struct csta_layout *to, void *out)
{
	struct dialect_attempt attempt = dialect_attempt(c);

	if (from->shape == CSTA_CHOICE)
		return copy_choice(c, from, value, to, out);
	if (from->shape == CSTA_SEQUENCE)
		return sequence_to_choice(c, from, value, to, out);
	for (unsigned i = 0; from->shape != CSTA_NULL && i < to->field_count; i++) {
		if (dialect_lacking(c, to->type, to->fields[i].name, 0))
			continue;
		void *made = csta_choice_make(c->arena, to, i, out);

		if (made && dialect_attempt_end(
		                    c, attempt,
		                    dialect_copy_same(c, from, value, to->fields[i].layout, made)))
			return true;
	}
	return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/model/model_facts.h"

#include <stdlib.h>
#include <string.h>

void facts_init(struct facts *f)
{
	*f = (struct facts){.room = FACTS_INLINE, .mark_room = FACTS_INLINE};
	f->ring = f->own;
	f->marks = f->own_marks;
}

static struct fact *fact_at(const struct facts *f, uint32_t index)
{
	return &f->ring[index % f->room];
}

void facts_free(struct names *names, struct facts *f)
{
	for (uint32_t i = f->first; i < f->count; i++)
		name_put(names, &fact_at(f, i)->subject);
	for (uint32_t i = 0; i < f->mark_count; i++)
		name_put(names, &f->marks[i].monitor);
	if (f->ring != f->own)
		free(f->ring);
	if (f->marks != f->own_marks)
		free(f->marks);
	facts_init(f);
}

static struct facts_mark *mark_find(const struct facts *f, const struct name *monitor)
{
	for (uint32_t i = 0; monitor && i < f->mark_count; i++)
		if (f->marks[i].monitor == monitor)
			return &f->marks[i];
	return NULL;
}

static uint32_t seen_by(const struct facts *f, const struct facts_source *source)
{
	const struct facts_mark *mark = mark_find(f, source->monitor);
	if (mark)
		return mark->seen;
	/* Without monitors nothing is told twice by design: all that is known lies behind. */
	return source->monitor ? source->joined : f->count;
}

static bool has_told(const struct facts *f, const struct facts_mark *mark, const struct fact *fact)
{
	return mark && fact->told & UINT64_C(1) << (mark - f->marks);
}

static bool make_mark_room(struct facts *f)
{
	if (f->mark_count < f->mark_room)
		return true;
	struct facts_mark *more =
	        f->mark_count < FACTS_MONITORS ? malloc(2 * f->mark_room * sizeof *more) : NULL;
	if (!more)
		return false;
	memcpy(more, f->marks, f->mark_count * sizeof *more);
	if (f->marks != f->own_marks)
		free(f->marks);
	f->marks = more;
	f->mark_room *= 2;
	return true;
}

/* The mark of the source. NULL: it has none; its next report then starts where its device
 * joined, and finds there what it told already. */
static struct facts_mark *mark_get(struct facts *f, const struct facts_source *source)
{
	struct facts_mark *mark = mark_find(f, source->monitor);
	if (mark || !source->monitor || !make_mark_room(f))
		return mark;
	mark = &f->marks[f->mark_count++];
	*mark = (struct facts_mark){name_ref(source->monitor), source->joined};
	return mark;
}

static void tell(struct facts *f, const struct facts_source *source, uint32_t index)
{
	struct facts_mark *mark = mark_get(f, source);
	if (mark)
		fact_at(f, index)->told |= UINT64_C(1) << (mark - f->marks);
}

static bool same(const struct fact *a, const struct fact *b)
{
	return a->verb == b->verb && a->subject == b->subject &&
	       a->distribution == b->distribution && (!b->strict || a->content == b->content);
}

/* The latest fact of a subject; f->count if there is none. */
static uint32_t latest(const struct facts *f, const struct name *subject)
{
	for (uint32_t i = f->count; i-- > f->first;)
		if (fact_at(f, i)->subject == subject)
			return i;
	return f->count;
}

static uint32_t unseen(const struct facts *f, const struct facts_source *source)
{
	uint32_t from = seen_by(f, source);
	return from > f->first ? from : f->first;
}

/* Where facts of this subject may lie that the source has not told. */
static uint32_t ahead(const struct facts *f, const struct facts_source *source,
                      const struct name *subject)
{
	const struct facts_mark *mark = mark_find(f, source->monitor);
	uint32_t from = unseen(f, source);
	for (uint32_t i = f->count; i-- > from;)
		if (fact_at(f, i)->subject == subject && has_told(f, mark, fact_at(f, i)))
			return i + 1;
	return from;
}

bool facts_known(struct facts *f, const struct fact *fact, const struct facts_source *source,
                 uint64_t window)
{
	const struct facts_mark *teller = mark_find(f, source->monitor);
	uint32_t last = latest(f, fact->subject), from = ahead(f, source, fact->subject);
	for (uint32_t i = unseen(f, source); i < f->count; i++) {
		const struct fact *told = fact_at(f, i);
		if (told->at < source->since || !same(told, fact) || has_told(f, teller, told) ||
		    (i < from && !told->early))
			continue;
		if (i != last && source->now - told->at > window)
			continue;
		tell(f, source, i);
		struct facts_mark *mark = mark_find(f, source->monitor);
		if (mark && mark->seen <= i)
			mark->seen = i + 1;
		return true;
	}
	/* The switch repeats itself: nothing happened in between, nothing new is said. */
	return !source->moved && last < f->count && same(fact_at(f, last), fact) &&
	       fact_at(f, last)->content == fact->content;
}

bool facts_passed(const struct facts *f, const struct facts_source *source,
                  const struct name *subject)
{
	uint32_t last = latest(f, subject);
	return last == f->count || last < ahead(f, source, subject);
}

/* Room for one more: a larger ring, or the oldest fact goes. */
static void make_room(struct names *names, struct facts *f)
{
	if (f->count - f->first < f->room)
		return;
	struct fact *more = f->room < FACTS_MAX ? malloc(2 * f->room * sizeof *more) : NULL;
	if (!more) {
		name_put(names, &fact_at(f, f->first++)->subject);
		return;
	}
	for (uint32_t i = f->first; i < f->count; i++)
		more[i % (2 * f->room)] = *fact_at(f, i);
	if (f->ring != f->own)
		free(f->ring);
	f->ring = more;
	f->room *= 2;
}

void facts_add(struct facts *f, struct names *names, const struct fact *fact,
               const struct facts_source *source)
{
	make_room(names, f);
	struct fact *to = fact_at(f, f->count);
	*to = *fact;
	to->at = source->now;
	to->told = 0;
	if (to->subject)
		name_ref(to->subject);
	tell(f, source, f->count++);
}

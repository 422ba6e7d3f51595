/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of Phases I and II in BER: the envelope of X.880 is the same (ber.c), what is in it goes
 * through asn1c's struct of the dialect. The event report:
 *
 *   I   30 1b  55 01 12  80 01 67                 30 13 63 ..      7d ..
 *              monitor   number 103               event            private data
 *   II  30 4f  55 04 ..  a0 1e  a2 1c             30 1a 6b ..      7e ..
 *              monitor   calls  ConnectionCleared event            security, private data
 */
#include "csta/ber.h"
#include "csta/ber_value.h"
#include "csta/dialect.h"
#include "csta/explain.h"

#include <P1Extensions.h>
#include <stdio.h>
#include <string.h>

#define SEQUENCE TLV_TAG(TLV_UNIVERSAL, 16)

static const char *phase_name(enum csta_phase phase)
{
	return phase == CSTA_PHASE_1 ? "I" : "II";
}

/* ---- decoding -------------------------------------------------------------------------------- */

/* One element as a struct of a type; NULL: it is none, or no memory. */
static void *value_read(struct csta_message *message, const asn_TYPE_descriptor_t *type,
                        const struct tlv *tlv)
{
	const struct csta_layout *layout = csta_layout_of(type);
	void *value = csta_arena_alloc(message->arena, layout->size);

	return value && csta_value_read(message->arena, layout, tlv, false, value) ? value : NULL;
}

/* Why a value was refused, in the words of the dialect's type. */
static int refused(const struct decoding *decoding, const struct dialect_row *row,
                   const struct tlv *tlv)
{
	struct csta_type type = *row->type;

	type.value = row->layout;
	return csta_ber_explain(&type, tlv, false, (size_t)(tlv->start - decoding->data),
	                        decoding->error);
}

static struct csta_copy copy_begin(const struct csta_message *message, struct csta_codec *codec,
                                   bool out)
{
	return (struct csta_copy){.phase = codec->phase,
	                          .out = out,
	                          .arena = message->arena,
	                          .codec = codec,
	                          .type = message->type};
}

static const void *field_value(const struct csta_layout *layout, const void *value,
                               const char *name, const struct csta_field **out)
{
	for (unsigned i = 0; layout->shape == CSTA_SEQUENCE && i < layout->field_count; i++)
		if (!strcmp(layout->fields[i].name, name)) {
			*out = &layout->fields[i];
			return csta_field_get(&layout->fields[i], value);
		}
	return NULL;
}

/* Whether the row's constant is there, as in QUERY(). */
static bool constant_fits(const struct dialect_row *row, const void *value)
{
	const struct csta_field *field = NULL;
	const void *found;

	if (!row->field)
		return true;
	found = field_value(csta_layout_of(row->layout), value, row->field, &field);
	if (!found)
		return false;
	const char *name = csta_name_of(field->layout, *(const long *)found);
	return name && !strcmp(name, row->value);
}

/* The message of a row, of one element. */
static int row_read(const struct decoding *decoding, const struct dialect_row *row,
                    struct csta_message **message, int32_t invoke_id, const struct tlv *tlv)
{
	int failure = ber_message_begin(decoding, message, row->type, invoke_id);
	const struct csta_layout *layout = csta_layout_of(row->layout);

	if (failure)
		return failure;
	const void *value = value_read(*message, row->layout, tlv);

	if (!value)
		return (*message)->arena->failed ? csta_message_nomem(*message, decoding->error)
		                                 : refused(decoding, row, tlv);
	if (!constant_fits(row, value))
		return cti_error_set(decoding->error, CTI_E_UNSUPPORTED,
		                     "%s: another %s than %s is not known in CSTA Phase %s",
		                     row->element, row->field, row->value,
		                     phase_name(decoding->codec->phase));
	struct csta_copy copy = copy_begin(*message, decoding->codec, false);

	failure = csta_copy_value(&copy, layout, value, csta_layout_of_type(row->type),
	                          (*message)->value);
	if ((*message)->arena->failed)
		return csta_message_nomem(*message, decoding->error);
	if (failure)
		return cti_error_set(decoding->error, CTI_E_INVALID, "%s: %s%s", row->type->element,
		                     copy.where[0] ? copy.where : "it",
		                     copy.where[0] ? " is missing"
		                                   : " has no meaning in Phase III");
	return 0;
}

/* The rows of an operation, one after the other; the error is that of the first. */
static int rows_read(const struct decoding *decoding, struct csta_message **message,
                     struct tlv_reader *reader, int32_t invoke_id, enum csta_kind kind,
                     int operation, const struct csta_type *only)
{
	const struct dialect_row *any = NULL;
	struct tlv_reader before = *reader;
	struct cti_error first = {0};
	struct tlv tlv;
	bool there = tlv_read(reader, &tlv);

	if (there && reader->next != reader->end)
		return ber_unexpected(decoding, reader, "nothing more");
	for (size_t i = 0; i < csta_dialect_row_count; i++) {
		const struct dialect_row *row = &csta_dialect_rows[i];
		int failure;

		if (row->phase != (int)decoding->codec->phase || row->kind != kind ||
		    !row->layout || (kind != CSTA_ERROR && row->operation != operation) ||
		    (only && row->type != only))
			continue;
		if (!there) {
			if (kind != CSTA_RESPONSE)
				return ber_unexpected(decoding, &before, row->layout->name);
			failure = ber_message_begin(decoding, message, row->type, invoke_id);
			if (!failure)
				(*message)->value = NULL;
			return failure;
		}
		decoding->codec->lost[0] = '\0';
		failure = row_read(decoding, row, message, invoke_id, &tlv);
		if (!failure)
			return 0;
		if (!any && decoding->error)
			first = *decoding->error;
		any = row;
		csta_message_destroy(message);
		if (failure == CTI_E_NOMEM || failure == CTI_E_LIMIT)
			return failure;
	}
	if (!any)
		return cti_error_set(decoding->error, CTI_E_UNSUPPORTED,
		                     "operation %d not known in CSTA Phase %s", operation,
		                     phase_name(decoding->codec->phase));
	return cti_error_set(decoding->error, first.code ? first.code : CTI_E_INVALID, "%s",
	                     first.text);
}

int dialect_read_request(const struct decoding *decoding, struct csta_message **message,
                         struct tlv_reader *reader, int32_t invoke_id, int operation)
{
	return rows_read(decoding, message, reader, invoke_id, CSTA_REQUEST, operation, NULL);
}

int dialect_read_result(const struct decoding *decoding, struct csta_message **message,
                        struct tlv_reader *reader, int32_t invoke_id, int operation,
                        const struct csta_type *request)
{
	const struct dialect_row *asked =
	        request ? dialect_row_of_type(decoding->codec->phase, request) : NULL;

	if (asked && asked->operation != operation)
		return cti_error_set(decoding->error, CTI_E_INVALID,
		                     "result %d is of operation %d, the request was %s (%d)",
		                     invoke_id, operation, asked->element, asked->operation);
	return rows_read(decoding, message, reader, invoke_id, CSTA_RESPONSE, operation,
	                 asked ? csta_type_of_response(request) : NULL);
}

int dialect_read_error(const struct decoding *decoding, struct csta_message **message,
                       struct tlv_reader *reader, int32_t invoke_id)
{
	return rows_read(decoding, message, reader, invoke_id, CSTA_ERROR, -1, NULL);
}

/* ---- events -------------------------------------------------------------------------------- */

static bool is_known(const struct csta_layout *layout, uint32_t tag)
{
	for (unsigned i = 0; i < layout->field_count; i++)
		if (csta_element_fits(layout, &layout->fields[i], tag, false))
			return true;
	return false;
}

/*
 * An event without the elements that its type does not describe: Phase II has optional ones of
 * which nothing is known. They are noted as lost. @p out: where the rest is, if anything was.
 */
static int strip(const struct decoding *decoding, const asn_TYPE_descriptor_t *layout,
                 const struct tlv *event, struct csta_buffer *out)
{
	struct tlv_reader inside = tlv_inside(event);
	char *lost = decoding->codec->lost;
	struct tlv tlv;
	int failure = csta_buffer_append(out, "\x30\x84\0\0\0\0", 6);

	while (!failure && tlv_read(&inside, &tlv)) {
		size_t length = strlen(lost);
		char tag[32];

		if (is_known(csta_layout_of(layout), tlv.tag))
			failure = csta_buffer_append(out, tlv.start, tlv.total);
		else
			snprintf(lost + length, sizeof(decoding->codec->lost) - length, "%s%s",
			         length ? ", " : "", tlv_tag_text(tlv.tag, tag, sizeof(tag)));
	}
	if (failure)
		return cti_error_set(decoding->error, CTI_E_NOMEM, "no memory for an event");
	for (unsigned i = 0; i < 4; i++)
		out->data[2 + i] = (uint8_t)((out->length - 6) >> (24 - 8 * i));
	return 0;
}

/* What stands behind the event becomes its extensions. */
static int extensions_read(const struct decoding *decoding, struct csta_message *message,
                           const struct tlv *tlv)
{
	const struct csta_field *field = NULL;
	const struct csta_layout *layout = csta_layout_of_type(message->type);
	struct csta_copy copy = copy_begin(message, decoding->codec, false);
	const void *value = value_read(message, &asn_DEF_P1Extensions, tlv);
	void *made;

	if (!value)
		return message->arena->failed
		               ? csta_message_nomem(message, decoding->error)
		               : cti_error_set(decoding->error, CTI_E_INVALID,
		                               "octet %zu: no extensions of a CSTA Phase %s event",
		                               (size_t)(tlv->start - decoding->data),
		                               phase_name(decoding->codec->phase));
	field_value(layout, message->value, "extensions", &field);
	made = field ? csta_field_make(message->arena, field, message->value) : NULL;
	if (made)
		csta_copy_value(&copy, csta_layout_of(&asn_DEF_P1Extensions), value, field->layout,
		                made);
	return message->arena->failed ? csta_message_nomem(message, decoding->error) : 0;
}

static int event_read(const struct decoding *decoding, const struct dialect_row *row,
                      struct csta_message **message, int32_t invoke_id, const struct tlv *event)
{
	struct decoding within = *decoding;
	struct csta_buffer rest = {0};
	struct tlv tlv = *event;
	int failure;

	if (tlv.tag != SEQUENCE || !tlv.constructed)
		return refused(decoding, row, &tlv);
	failure = strip(decoding, row->layout, &tlv, &rest);
	if (!failure && decoding->codec->lost[0]) {
		struct tlv_reader reader = {rest.data, rest.data + rest.length};

		tlv_read(&reader, &tlv);
		within.data = rest.data;
	}
	failure = failure ? failure : row_read(&within, row, message, invoke_id, &tlv);
	csta_buffer_free(&rest);
	return failure;
}

static const struct dialect_row *row_of_event(enum csta_phase phase, int category, int number)
{
	for (size_t i = 0; i < csta_dialect_row_count; i++) {
		const struct dialect_row *row = &csta_dialect_rows[i];

		if (row->kind == CSTA_EVENT && row->layout && row->phase == (int)phase &&
		    row->category == category && row->number == number)
			return row;
	}
	return NULL;
}

/* I: [0] number, event. II: [category] { [number] { event } }. */
static int event_find(const struct decoding *decoding, struct tlv_reader *inside,
                      const struct dialect_row **row, struct tlv *event)
{
	struct tlv_reader before = *inside, within;
	struct tlv outer, inner;
	int32_t number = 0, category = -1;

	if (!tlv_read(inside, &outer) || (outer.tag & 3) != TLV_CONTEXT)
		return ber_unexpected(decoding, &before, "the kind of an event");
	if (decoding->codec->phase == CSTA_PHASE_1) {
		before = *inside;
		if (outer.tag != TLV_TAG(TLV_CONTEXT, 0) || !tlv_integer(&outer, &number) ||
		    outer.constructed || !tlv_read(inside, event))
			return ber_unexpected(decoding, &before,
			                      "the number of an event, and the event");
	} else {
		within = tlv_inside(&outer);
		if (!outer.constructed || !tlv_read(&within, &inner) ||
		    (inner.tag & 3) != TLV_CONTEXT || !inner.constructed ||
		    within.next != within.end)
			return ber_unexpected(decoding, &before, "a category and an event in it");
		category = (int32_t)(outer.tag >> 2);
		number = (int32_t)(inner.tag >> 2);
		within = tlv_inside(&inner);
		before = within;
		if (!tlv_read(&within, event) || within.next != within.end)
			return ber_unexpected(decoding, &before, "one event");
	}
	*row = row_of_event(decoding->codec->phase, category, number);
	if (*row)
		return 0;
	return cti_error_set(decoding->error, CTI_E_UNSUPPORTED,
	                     category < 0 ? "event %d not known in CSTA Phase I"
	                                  : "event [%2$d] %1$d not known in CSTA Phase II",
	                     number, category);
}

int dialect_read_event(const struct decoding *decoding, struct csta_message **message,
                       struct tlv_reader *reader, int32_t invoke_id)
{
	const struct dialect_row *row = NULL;
	struct tlv argument, monitor, event, extensions;
	struct tlv_reader inside = *reader;
	int failure;

	if (!tlv_read(reader, &argument) || argument.tag != SEQUENCE || !argument.constructed)
		return ber_unexpected(decoding, &inside, "the SEQUENCE of an event report");
	inside = tlv_inside(&argument);
	failure = ber_read_monitor(decoding, &inside, &monitor);
	failure = failure ? failure : event_find(decoding, &inside, &row, &event);
	if (failure)
		return failure;
	bool more = tlv_read(&inside, &extensions);

	if (inside.next != inside.end)
		return ber_unexpected(decoding, &inside, "nothing behind the extensions");
	failure = event_read(decoding, row, message, invoke_id, &event);
	if (failure)
		return failure;
	memcpy((*message)->monitor, monitor.content, monitor.length);
	(*message)->monitor_length = monitor.length;
	return more ? extensions_read(decoding, *message, &extensions) : 0;
}

/* ---- encoding ------------------------------------------------------------------------------ */

static int constant_set(struct csta_copy *copy, const struct dialect_row *row, void *value)
{
	const struct csta_field *field = NULL;

	if (!row->field)
		return 0;
	field_value(csta_layout_of(row->layout), value, row->field, &field);
	long *made = csta_field_make(copy->arena, field, value);

	return made && csta_value_of(field->layout, row->value, strlen(row->value), made)
	               ? 0
	               : CTI_E_NOMEM;
}

/* The message's value in the dialect, in front of what was written. */
static int value_write(struct csta_copy *copy, const struct dialect_row *row,
                       const struct csta_message *message, struct tlv_writer *writer,
                       struct cti_error *error)
{
	const struct csta_layout *layout = csta_layout_of(row->layout), *incomplete;
	void *value = csta_arena_alloc(copy->arena, layout->size);

	copy->given = row->field;
	int failure = value ? csta_copy_value(copy, csta_layout_of_type(message->type),
	                                      message->value, layout, value)
	                    : CTI_E_NOMEM;

	if (!failure && !(copy->dropped && message->type->kind == CSTA_REQUEST))
		failure = constant_set(copy, row, value);
	else if (!failure)
		failure = CTI_E_UNSUPPORTED;
	if (copy->arena->failed || failure == CTI_E_NOMEM)
		return cti_error_set(error, CTI_E_NOMEM, "%s: no memory", message->type->element);
	if (failure)
		return cti_error_set(error, CTI_E_UNSUPPORTED, "%s%s%s: not in CSTA Phase %s",
		                     message->type->element, copy->where[0] ? " " : "", copy->where,
		                     phase_name(copy->phase));
	incomplete = csta_value_write(writer, layout, CSTA_NO_TAG, value);
	return incomplete ? cti_error_set(error, CTI_E_INVALID, "%s: %s is incomplete",
	                                  message->type->element, incomplete->type->name)
	                  : 0;
}

/* An event's extensions, which stand behind it; nothing if there are none. */
static int extensions_write(struct csta_copy *copy, const struct csta_message *message,
                            struct tlv_writer *writer, struct cti_error *error)
{
	const struct csta_layout *layout = csta_layout_of(&asn_DEF_P1Extensions);
	const void *from = field_value(csta_layout_of_type(message->type), message->value,
	                               "extensions", &copy->skip);
	void *value;

	if (!from)
		return 0;
	value = csta_arena_alloc(copy->arena, layout->size);
	if (value && !csta_copy_value(copy, copy->skip->layout, from, layout, value))
		csta_value_write(writer, layout, CSTA_NO_TAG, value);
	else
		dialect_lose(copy, "extensions");
	return copy->arena->failed
	               ? cti_error_set(error, CTI_E_NOMEM, "%s: no memory", message->type->element)
	               : 0;
}

static int event_write(struct csta_copy *copy, const struct dialect_row *row,
                       const struct csta_message *message, struct tlv_writer *writer,
                       struct cti_error *error)
{
	int failure = extensions_write(copy, message, writer, error);
	size_t behind = tlv_written(writer);

	failure = failure ? failure : value_write(copy, row, message, writer, error);
	if (failure)
		return failure;
	if (row->category < 0) {
		tlv_write_integer(writer, TLV_TAG(TLV_CONTEXT, 0), row->number);
	} else {
		tlv_write_header(writer, TLV_TAG(TLV_CONTEXT, row->number), true,
		                 tlv_written(writer) - behind);
		tlv_write_header(writer, TLV_TAG(TLV_CONTEXT, row->category), true,
		                 tlv_written(writer) - behind);
	}
	ber_write_monitor(writer, message);
	return 0;
}

int dialect_write(struct csta_codec *codec, struct tlv_writer *writer,
                  const struct csta_message *message, int *operation, struct cti_error *error)
{
	const struct dialect_row *row = dialect_row_of_type(codec->phase, message->type);
	struct csta_message *scratch = NULL; /* its arena is what we want */
	int failure;

	if (!row)
		return cti_error_set(error, CTI_E_UNSUPPORTED, "%s: not in CSTA Phase %s",
		                     message->type->element, phase_name(codec->phase));
	*operation = row->operation;
	if (!message->value)
		return 0;
	failure = csta_message_create(&scratch, codec, message->type, error);
	if (failure)
		return failure;
	struct csta_copy copy = copy_begin(scratch, codec, true);

	failure = message->type->kind == CSTA_EVENT
	                  ? event_write(&copy, row, message, writer, error)
	                  : value_write(&copy, row, message, writer, error);
	csta_message_destroy(&scratch);
	return failure;
}

/* ---- which phase --------------------------------------------------------------------------- */

int csta_decode_ber_any(struct csta_message **out, struct csta_codec *codec, const void *data,
                        size_t length, size_t *used, csta_pending *pending, void *pending_arg,
                        enum csta_phase *phase, struct cti_error *error)
{
	static const enum csta_phase others[] = {CSTA_PHASE_2, CSTA_PHASE_1};
	enum csta_phase own = codec->phase;
	struct csta_message *found = NULL, *message = NULL;
	struct cti_error own_error = {0};
	bool unsure = false;
	int code;

	codec->phase = *phase = CSTA_PHASE_3;
	code = csta_decode_ber(out, codec, data, length, used, pending, pending_arg, &own_error);
	for (size_t i = 0; i < 2 && (code == CTI_E_INVALID || code == CTI_E_UNSUPPORTED) && !unsure;
	     i++) {
		codec->phase = others[i];
		if (csta_decode_ber(&message, codec, data, length, used, pending, pending_arg,
		                    NULL))
			continue;
		if (!found) {
			found = message;
			*phase = others[i];
		} else {
			unsure = !csta_message_equal(found, message);
			csta_message_destroy(&message);
		}
		message = NULL;
	}
	codec->phase = own;
	if (unsure)
		csta_message_destroy(&found);
	if (found) {
		*out = found;
		return 0;
	}
	if (!code)
		return 0;
	*phase = CSTA_PHASE_3;
	return cti_error_set(error, code, "%s", own_error.text);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the scripts of this folder ask of libcsta:
 *   dump            every row, layout and XML type, as JSON
 *   vectors         generated messages in BER: "number element hex"
 *   compare FILE    "number hex", what another encoder made of them: the same values?
 *   again FILE      "number element hex", what another encoder made up: "number hex", as we write
 * it read FILE       an XML document a line: "deviations document", as we write it, or "! why not"
 */
#include "interop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct csta_codec *interop_codec;

/* Octets of a line's hexadecimal; 0: none. */
static size_t hex_read(FILE *file, uint8_t *data, size_t size)
{
	size_t length = 0;
	unsigned octet;

	while (length < size && fscanf(file, "%2x", &octet) == 1) {
		int next = fgetc(file);

		data[length++] = (uint8_t)octet;
		if (next == '\n' || next == EOF)
			break;
		ungetc(next, file);
	}
	return length;
}

static void hex_write(const struct csta_buffer *out)
{
	for (size_t i = 0; i < out->length; i++)
		printf("%02x", out->data[i]);
	printf("\n");
}

/* ---- our messages, read by others ------------------------------------------------------------ */

#define VECTORS 8 /* of each row */

/* Call @p each with every message that has a BER form, the same ones whenever it is called. */
static int each_vector(int (*each_one)(void *arg, unsigned number, const struct csta_message *),
                       void *arg)
{
	struct generator generator = {.state = 285, .standard = true, .strict = true};
	unsigned number = 0;
	int failure = 0;

	for (size_t row = 0; row < csta_type_count; row++)
		for (unsigned i = 0; i < VECTORS && !failure; i++) {
			struct csta_message *message = NULL;

			if (!(csta_types[row].encodings & CSTA_IN_BER))
				break;
			generator.how = i == 0  ? GENERATE_LEAST
			                : i < 3 ? GENERATE_ALL
			                        : GENERATE_SOME;
			if (generate_message(&message, &generator, interop_codec, &csta_types[row]))
				return 1;
			failure = each_one(arg, number++, message);
			csta_message_destroy(&message);
		}
	return failure;
}

/* "17 MakeCall a1..." */
static int vector_write(void *arg, unsigned number, const struct csta_message *message)
{
	struct csta_buffer out = {0};

	(void)arg;
	if (csta_encode_ber(interop_codec, message, &out, NULL))
		return 1;
	printf("%u %s ", number, message->type->element);
	hex_write(&out);
	csta_buffer_free(&out);
	return 0;
}

struct returned {
	FILE *file;
	unsigned number; /* of the line that comes next, or UINT32_MAX */
	unsigned compared;
};

/* Lines "17 a1...": what another encoder made of the vector of that number. */
static int vector_compare(void *arg, unsigned number, const struct csta_message *message)
{
	static uint8_t data[65536];
	struct returned *returned = arg;
	struct csta_message *again = NULL;
	struct cti_error error = {0};
	size_t length, used;
	int same;

	if (returned->number == UINT32_MAX && fscanf(returned->file, "%u", &returned->number) != 1)
		return 0;
	if (returned->number != number)
		return 0; /* this one was not asked of the other */
	length = hex_read(returned->file, data, sizeof(data));
	returned->number = UINT32_MAX;
	same = !csta_decode_ber(&again, interop_codec, data, length, &used, NULL, NULL, &error) &&
	       csta_message_equal(message, again);
	csta_message_destroy(&again);
	if (!same)
		fprintf(stderr, "vector %u, %s: %s\n", number, message->type->element,
		        error.code ? error.text : "comes back as another value");
	returned->compared += (unsigned)same;
	return !same;
}

static int vectors(FILE *file)
{
	(void)file;
	return each_vector(vector_write, NULL);
}

static int compare(FILE *file)
{
	struct returned returned = {.file = file, .number = UINT32_MAX};
	int failure = each_vector(vector_compare, &returned);

	printf("%u\n", returned.compared);
	return failure;
}

/* ---- others' messages, read by us --------------------------------------------------------------
 */

static int again(FILE *file)
{
	static uint8_t data[65536];
	char number[24], element[80];
	int failure = 0;

	while (fscanf(file, "%23s %79s ", number, element) == 2) {
		struct csta_message *message = NULL;
		struct csta_buffer out = {0};
		struct cti_error error = {0};
		size_t length = hex_read(file, data, sizeof(data)), used;
		const char *why = NULL;

		if (csta_decode_ber(&message, interop_codec, data, length, &used, NULL, NULL,
		                    &error) ||
		    csta_encode_ber(interop_codec, message, &out, &error))
			why = error.text;
		else if (used != length)
			why = "not all of it is read";
		else if (strcmp(message->type->element, element) != 0)
			why = message->type->element;
		if (why) {
			fprintf(stderr, "%s %s: %s\n", number, element, why);
			failure = 1;
		} else {
			printf("%s ", number);
			hex_write(&out);
		}
		csta_message_destroy(&message);
		csta_buffer_free(&out);
	}
	return failure;
}

static void deviations_write(unsigned deviations)
{
	const char *comma = "";

	for (unsigned bit = 0; csta_deviation_name(bit); bit++)
		if (deviations & 1u << bit) {
			printf("%s%s", comma, csta_deviation_name(bit));
			comma = ",";
		}
	printf("%s ", *comma ? "" : "-");
}

static int read_documents(FILE *file)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	while ((length = getline(&line, &size, file)) > 0) {
		struct csta_message *message = NULL;
		struct csta_buffer out = {0};
		struct cti_error error = {0};
		unsigned edition = 0, deviations;

		length -= line[length - 1] == '\n';
		if (csta_decode_xml(&message, interop_codec, line, (size_t)length, &edition,
		                    &error)) {
			printf("! %s\n", error.text);
			continue;
		}
		deviations = csta_codec_deviations(interop_codec);
		if (csta_encode_xml(interop_codec, message, edition ? edition : CSTA_ED6, &out,
		                    &error)) {
			printf("! %s\n", error.text);
		} else {
			deviations_write(deviations);
			printf("%.*s\n", (int)out.length, (char *)out.data);
		}
		csta_buffer_free(&out);
		csta_message_destroy(&message);
	}
	free(line);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int arguments;
		int (*run)(FILE *);
	} verbs[] = {{"dump", 0, interop_dump},
	             {"vectors", 0, vectors},
	             {"compare", 1, compare},
	             {"again", 1, again},
	             {"read", 1, read_documents}};
	/* All that a switch can do, said at once, is more than a frame holds. */
	const struct csta_limits limits = {.pdu = 1 << 20};
	struct cti_error error = {0};
	FILE *file = argc == 3 ? fopen(argv[2], "r") : NULL;
	int failure = 2;

	if (csta_init(&error) || csta_codec_create(&interop_codec, &limits, &error)) {
		fprintf(stderr, "%s\n", error.text);
		return 2;
	}
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (argc > 1 && !strcmp(argv[1], verbs[i].name) && argc == 2 + verbs[i].arguments &&
		    (file || !verbs[i].arguments))
			failure = verbs[i].run(file);
	if (failure == 2)
		fprintf(stderr, "usage: dump | vectors | compare FILE | again FILE | read FILE\n");
	if (file)
		fclose(file);
	csta_codec_destroy(&interop_codec);
	return failure;
}

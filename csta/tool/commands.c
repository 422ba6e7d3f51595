/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/deviation.h"
#include "csta/frame.h"
#include "csta/tool/tool.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_SIZE 65536

/* What a command does with each PDU of a file. */
struct command {
	struct tool_decoder decoder;
	struct tool_input input;
	struct csta_buffer out;
	bool bad;
};

typedef int handle(struct command *, struct tool_pdu *, struct csta_message *, struct cti_error *);

static const char *frame_name(const struct tool_pdu *pdu)
{
	static const char *const encodings[] = {"?", "BER", "XML", "JSON"};
	return pdu->frame < 0 || pdu->frame == CSTA_FRAME_BARE
	               ? encodings[pdu->encoding]
	               : csta_framing_name((enum csta_framing)pdu->frame);
}

static void complain(struct command *command, const struct tool_pdu *pdu,
                     const struct cti_error *error)
{
	command->bad = true;
	fflush(stdout);
	fprintf(stderr, "csta: %s: PDU %u", command->input.name, pdu->number);
	if (pdu->body)
		fprintf(stderr, " (%s, from octet %zu)", frame_name(pdu),
		        (size_t)(pdu->body - command->input.data) < command->input.length
		                ? (size_t)(pdu->body - command->input.data)
		                : pdu->offset);
	fprintf(stderr, ": %s\n", error->text);
	if (pdu->body && pdu->deviation[0])
		fprintf(stderr, "  %s\n", pdu->deviation);
}

/* Every PDU is looked at, also behind a bad one, as long as the frames are in step. */
static int run(const struct tool_options *options, handle *each)
{
	struct command command = {0};
	struct tool_pdu pdu = {0};
	struct cti_error error = {0};
	int code = csta_init(&error);
	if (!code)
		code = tool_decoder_create(&command.decoder, options, &error);
	if (!code)
		code = tool_read(&command.input, options, &error);
	if (code) {
		fprintf(stderr, "csta: %s\n", error.text);
		tool_decoder_destroy(&command.decoder);
		return code == CTI_E_INVALID ? TOOL_BAD : TOOL_USAGE;
	}
	while (!(code = tool_next(&pdu, &command.decoder, &command.input, &error))) {
		struct csta_message *message = NULL;
		code = tool_decode(&message, &command.decoder, &pdu, &error);
		if (!code)
			code = each(&command, &pdu, message, &error);
		if (code)
			complain(&command, &pdu, &error);
		csta_message_destroy(&message);
	}
	if (code != CTI_E_NOTFOUND) {
		pdu.body = NULL;
		complain(&command, &pdu, &error);
	}
	csta_buffer_free(&command.out);
	tool_input_free(&command.input);
	tool_decoder_destroy(&command.decoder);
	if (fflush(stdout) || ferror(stdout)) {
		perror("csta: standard output");
		return TOOL_USAGE;
	}
	return command.bad ? TOOL_BAD : TOOL_OK;
}

/* Deviations of the message decoded last, one line each; returns how many. */
static unsigned deviations_print(struct command *command, const struct tool_pdu *pdu,
                                 const char *before)
{
	unsigned count = 0;
	if (pdu->deviation[0]) {
		printf("%s%s\n", before, pdu->deviation);
		count += strncmp(pdu->deviation, "guessed", 7) != 0;
	}
	unsigned set =
	        pdu->encoding == TOOL_XML ? csta_codec_deviations(command->decoder.codec) : 0;
	static const char *const meanings[] = {
#define X(name, text, meaning) meaning,
	        CSTA_DEVIATIONS(X)
#undef X
	};
	for (unsigned bit = 0; bit < CSTA_DEVIATION_COUNT; bit++) {
		if (!(set & 1u << bit))
			continue;
		printf("%s%s: %s\n", before, csta_deviation_name(bit), meanings[bit]);
		count++;
	}
	return count;
}

/* ---- decode -------------------------------------------------------------------------------- */

static int decode_one(struct command *command, struct tool_pdu *pdu, struct csta_message *message,
                      struct cti_error *error)
{
	static char line[LINE_SIZE];
	const struct tool_options *options = command->decoder.options;
	if (csta_describe(message, line, sizeof line))
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	printf("%s\n", line);
	if (options->line)
		return CTI_OK;
	printf("  (%s, octets %zu to %zu", frame_name(pdu), pdu->offset,
	       pdu->offset + pdu->total - 1);
	if (command->decoder.edition)
		printf(", edition %u", command->decoder.edition);
	if (command->decoder.phase == CSTA_PHASE_1 || command->decoder.phase == CSTA_PHASE_2)
		printf(", CSTA Phase %s", command->decoder.phase == CSTA_PHASE_1 ? "I" : "II");
	printf(")\n");
	csta_buffer_clear(&command->out);
	if (csta_print_tree(message, options->secrets, &command->out))
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	fwrite(command->out.data, 1, command->out.length, stdout);
	if (command->out.length && command->out.data[command->out.length - 1] != '\n')
		putchar('\n');
	deviations_print(command, pdu, "  deviation: ");
	return CTI_OK;
}

int tool_decode_file(const struct tool_options *options)
{
	return run(options, decode_one);
}

/* ---- convert ------------------------------------------------------------------------------- */

static int convert_one(struct command *command, struct tool_pdu *pdu, struct csta_message *message,
                       struct cti_error *error)
{
	const struct tool_options *options = command->decoder.options;
	csta_buffer_clear(&command->out);
	int code = tool_encode(&command->decoder, message, &command->out, error);
	if (code)
		return code;
	(void)pdu;
	bool text = options->to != TOOL_BER && options->out_frame < 0;
	/* Octets do not belong on a terminal. */
	bool hex = options->hex_out || (options->to == TOOL_BER && isatty(STDOUT_FILENO));
	if (!hex)
		fwrite(command->out.data, 1, command->out.length, stdout);
	for (size_t i = 0; hex && i < command->out.length; i++)
		printf("%s%02x", i ? " " : "", command->out.data[i]);
	if (hex || text)
		putchar('\n');
	return CTI_OK;
}

int tool_convert_file(const struct tool_options *options)
{
	return run(options, convert_one);
}

/* ---- validate ------------------------------------------------------------------------------ */

static int validate_one(struct command *command, struct tool_pdu *pdu, struct csta_message *message,
                        struct cti_error *error)
{
	const struct tool_options *options = command->decoder.options;
	(void)error;
	if (!options->quiet)
		printf("%s: PDU %u: %s: %s\n", command->input.name, pdu->number, frame_name(pdu),
		       message->type->element);
	unsigned count = options->quiet ? pdu->deviation[0] != '\0' ||
	                                          (pdu->encoding == TOOL_XML &&
	                                           csta_codec_deviations(command->decoder.codec))
	                                : deviations_print(command, pdu, "  deviation: ");
	command->bad |= options->strict && count;
	return CTI_OK;
}

int tool_validate_file(const struct tool_options *options)
{
	return run(options, validate_one);
}

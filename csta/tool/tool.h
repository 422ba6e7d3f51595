/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tool.h
 * The `csta` command.
 *
 *     main.c      the table of subcommands, help
 *     input.c     files, hexadecimal, what is in them: where one PDU ends and the next begins
 *     message.c   one PDU to a message, and back
 *     commands.c  decode, convert, validate
 *     list.c      what messages there are
 *     schema.c    what their JSON looks like
 */
#ifndef CSTA_TOOL_H
#define CSTA_TOOL_H

#include "csta/csta.h"
#include "csta/session.h"

enum tool_encoding { TOOL_AUTO, TOOL_BER, TOOL_XML, TOOL_JSON };

/** Framing of a file: one of enum csta_framing, or these. */
enum { TOOL_FRAME_AUTO = -1, TOOL_FRAME_NONE = -2 };

/** Exit status. */
enum { TOOL_OK, TOOL_BAD, TOOL_USAGE };

struct tool_options {
	enum tool_encoding from, to;
	int frame;        /* of the input: enum csta_framing, TOOL_FRAME_AUTO, TOOL_FRAME_NONE */
	int out_frame;    /* of the output: the same, NONE if not asked for */
	int form;         /* 'h' hexadecimal, 'b' binary, 0: guess */
	unsigned edition; /* 0: as it came */
	long invoke_id;   /* -1: as it came */
	const char *operation;
	bool secrets, line, hex_out, strict, quiet;
	bool json, markdown;
	enum csta_phase phase;    /* of BER that is read; AUTO: find out */
	enum csta_phase to_phase; /* of BER that is written; AUTO: III */
	int kind;                 /* enum csta_kind; -1: all */
	unsigned chapter;         /* of ECMA-269; 0: all */
	const char *names;        /* file of names for private data, NULL: none */
	const char *vendor;       /* whose it is that does not say, NULL: nobody's */
	const char *all;          /* folder for every schema; NULL: one to standard output */
	const char *file; /* NULL, "-": standard input; of `list` a word that is looked for */
};

/** A file in memory. */
struct tool_input {
	const char *name;
	uint8_t *data;
	size_t length;
	bool hex; /* it was hexadecimal: offsets count octets, not characters */
};

/** One PDU of a file, and how it was found. */
struct tool_pdu {
	unsigned number; /* from 1 */
	size_t offset;   /* of its frame in the file */
	size_t total;    /* with its frame */
	enum tool_encoding encoding;
	int frame; /* enum csta_framing or TOOL_FRAME_NONE */
	const uint8_t *body;
	size_t length;
	uint32_t invoke_id;  /* of the frame; CSTA_NO_INVOKE_ID */
	char deviation[160]; /* what was otherwise than it should be, and taken; "" if nothing */
};

/** Decoding from PDU to PDU: what was asked before tells what an answer is. */
struct tool_decoder {
	const struct tool_options *options;
	struct csta_codec *codec;
	struct csta_private *names;
	struct csta_buffer joined; /* a message that came in pieces */
	const struct csta_type **asked;
	uint32_t *asked_ids;
	size_t asked_count;
	unsigned edition;      /* of the message decoded last, 0: none */
	enum csta_phase phase; /* of the message decoded last, if it was BER */
};

/* input.c */
/** A whole file, appended to @p out. */
int tool_file_read(const char *name, struct csta_buffer *out, struct cti_error *);
int tool_read(struct tool_input *, const struct tool_options *, struct cti_error *);
void tool_input_free(struct tool_input *);
/** The next PDU behind @p pdu (zeroed at first); CTI_E_NOTFOUND at the end. */
int tool_next(struct tool_pdu *pdu, struct tool_decoder *, const struct tool_input *,
              struct cti_error *);

/* message.c */
int tool_decoder_create(struct tool_decoder *, const struct tool_options *, struct cti_error *);
void tool_decoder_destroy(struct tool_decoder *);
int tool_decode(struct csta_message **out, struct tool_decoder *, struct tool_pdu *,
                struct cti_error *);
/** Append it to @p out in the encoding and the frame that the options ask for. */
int tool_encode(struct tool_decoder *, struct csta_message *, struct csta_buffer *out,
                struct cti_error *error);

/* commands.c: a file each; return enum above */
int tool_decode_file(const struct tool_options *);
int tool_convert_file(const struct tool_options *);
int tool_validate_file(const struct tool_options *);

/* list.c */
int tool_list(const struct tool_options *);

/* schema.c */
int tool_schema(const struct tool_options *);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/catalogue.h"
#include "csta/frame.h"
#include "csta/tool/tool.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command {
	const char *name, *arguments, *summary, *help;
	const char *options; /* the letters of those that it takes */
	int (*run)(const struct tool_options *);
} commands[] = {
        {"decode", "[FILE]", "print messages: one line each, and a tree",
         "FILE (or standard input) holds BER, XML or JSON, one message or many, framed or bare,\n"
         "binary or in hexadecimal (with blanks, and # comments): what it is, is found out.\n"
         "CSTA Phases I and II are read too, and shown as what Phase III says. Passwords are "
         "masked.\n"
         "A result in BER that does not name its operation is\n"
         "understood from the request before it in the file, or by --operation.\n",
         "igboplsNv", tool_decode_file},
        {"convert", "--to ber|xml|json [FILE]", "write messages in another encoding",
         "Lossless, except that what one encoding alone has is refused, with the reason: ACSE and\n"
         "rejects have no XML, application sessions (ECMA-354) no BER. Bare XML has no invoke id:\n"
         "events get 9999, others --invoke-id, or 1. What an earlier phase cannot say of a message "
         "is\n"
         "said on standard error.\n",
         "igbopxtePnfNv", tool_convert_file},
        {"validate", "[FILE]", "say whether messages are right, and where they are wrong",
         "Exit status 0: all are right, or deviate in a way that is known and taken (which is\n"
         "printed; --strict counts it as wrong). 1: not. The place is an octet within the PDU, or\n"
         "a line and a column, and the path of the field.\n",
         "igbopqS", tool_validate_file},
        {"list", "[WORD]", "list all messages that are known",
         "WORD: only those that have it in their name, or in their chapter's. Operation: ROSE's "
         "code,\n"
         "of events category and tag in CSTAEventReport. In: b BER, x XML, j JSON. Since: the "
         "first\n"
         "edition of the XML. Phases: of CSTA. Clause: of ECMA-269, unless it names another "
         "standard.\n"
         "Last, who does something with it: a verb of the adapter, the events of the clients, the\n"
         "session; what passes through is carried whole.\n",
         "kcjm", tool_list},
        {"schema", "MESSAGE", "print the JSON Schema of a message",
         "Of the JSON that `convert --to json` writes: draft 2020-12. It allows what a wire may "
         "carry\n"
         "beyond the standard; --strict does not. --all writes one file a message, MESSAGE.json, "
         "which\n"
         "refer to types.json.\n",
         "Sa", tool_schema},
        {"help", "[COMMAND]", "describe a command", "", "", NULL},
};

#define COMMANDS (sizeof commands / sizeof *commands)

static const struct option long_options[] = {
        {"from", required_argument, NULL, 'i'},
        {"frame", required_argument, NULL, 'f'},
        {"in-frame", required_argument, NULL, 'g'},
        {"hex", no_argument, NULL, 'h'},
        {"binary", no_argument, NULL, 'b'},
        {"operation", required_argument, NULL, 'o'},
        {"phase", required_argument, NULL, 'p'},
        {"to-phase", required_argument, NULL, 'P'},
        {"secrets", no_argument, NULL, 's'},
        {"line", no_argument, NULL, 'l'},
        {"to", required_argument, NULL, 't'},
        {"edition", required_argument, NULL, 'e'},
        {"invoke-id", required_argument, NULL, 'n'},
        {"hex-out", no_argument, NULL, 'x'},
        {"strict", no_argument, NULL, 'S'},
        {"quiet", no_argument, NULL, 'q'},
        {"kind", required_argument, NULL, 'k'},
        {"chapter", required_argument, NULL, 'c'},
        {"json", no_argument, NULL, 'j'},
        {"markdown", no_argument, NULL, 'm'},
        {"all", required_argument, NULL, 'a'},
        {"private", required_argument, NULL, 'N'},
        {"vendor", required_argument, NULL, 'v'},
        {"help", no_argument, NULL, '?'},
        {NULL, 0, NULL, 0},
};

/* One line of help for each; a command shows those that it takes. */
static const struct {
	char letter;
	const char *text;
} option_help[] = {
        {'i', "  --from ber|xml|json      what it is, instead of guessing\n"},
        {'g',
         "  --in-frame NAME          framing of FILE instead of guessing: none, xml, bare, len16,\n"
         "                           hipath26, tpkt (--frame says the same where nothing is "
         "written)\n"},
        {'f', "  --frame NAME             framing to write, of the same names; none if absent\n"},
        {'b', "  --hex, --binary          FILE is hexadecimal text, or it is not\n"},
        {'o', "  --operation ELEMENT      the request that a BER answer belongs to: MakeCall\n"},
        {'p', "  --phase auto|1|2|3       phase of CSTA that BER is of, instead of finding out\n"},
        {'s', "  --secrets                show passwords\n"},
        {'l', "  -l, --line               one line a message, no tree\n"},
        {'t', "  --to ber|xml|json        encoding to write\n"},
        {'e', "  --edition 2..6           edition of the XML to write; as it came, or 4\n"},
        {'P', "  --to-phase 1|2|3         phase of CSTA of the BER to write; 3 if absent\n"},
        {'n', "  --invoke-id N            invoke id to write\n"},
        {'x', "  --hex-out                write hexadecimal\n"},
        {'S', "  --strict                 what the standard does not have is an error\n"},
        {'a',
         "  --all DIR                the schemas of all messages, into a folder that is there\n"},
        {'N',
         "  --private FILE           names for private data (vendors.conf); in JSON beside it\n"},
        {'v', "  --vendor NAME            whose private data it is where it does not say\n"},
        {'q', "  -q, --quiet              only the exit status and errors\n"},
        {'k', "  --kind KIND              request, response, event, error, reject, association, "
              "session\n"},
        {'c', "  --chapter N              of ECMA-269: 17 is call control\n"},
        {'j', "  --json                   as an array of objects\n"},
        {'m', "  --markdown               as a table, a row a chapter\n"},
};

static int usage(FILE *out)
{
	fprintf(out, "usage: csta COMMAND [OPTIONS] [FILE]\n\n"
	             "Reads and writes messages of ECMA CSTA.\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
	fprintf(out, "\n`csta help COMMAND` tells more. Exit status: 0 good, 1 bad input, 2 wrong "
	             "use or trouble.\n");
	return out == stdout ? TOOL_OK : TOOL_USAGE;
}

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int command_help(const struct command *command)
{
	printf("usage: csta %s%s %s\n\n%s\n", command->name,
	       command->options[0] ? " [OPTIONS]" : "", command->arguments, command->help);
	for (size_t i = 0; i < sizeof option_help / sizeof *option_help; i++)
		if (strchr(command->options, option_help[i].letter))
			fputs(option_help[i].text, stdout);
	return TOOL_OK;
}

static int wrong(const struct command *command, const char *what, const char *value)
{
	fprintf(stderr, "csta %s: %s%s%s; `csta help %s` lists what there is\n", command->name,
	        what, value ? ": " : "", value ? value : "", command->name);
	return TOOL_USAGE;
}

static bool encoding_parse(const char *name, enum tool_encoding *out)
{
	static const char *const names[] = {"auto", "ber", "xml", "json"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(names[i], name))
			continue;
		*out = (enum tool_encoding)i;
		return true;
	}
	return false;
}

static bool frame_parse(const char *name, int *out)
{
	*out = !strcmp(name, "none")   ? TOOL_FRAME_NONE
	       : !strcmp(name, "auto") ? TOOL_FRAME_AUTO
	                               : csta_framing_parse(name);
	return *out >= 0 || !strcmp(name, "none") || !strcmp(name, "auto");
}

static bool number_parse(const char *text, long least, long most, long *out)
{
	char *end;
	*out = strtol(text, &end, 10);
	return *text && !*end && *out >= least && *out <= most;
}

static bool operation_known(const char *name)
{
	struct cti_error error;
	const struct csta_type *type;
	if (csta_init(&error))
		return false;
	type = csta_type_of_element(name, strlen(name));
	return type && type->kind == CSTA_REQUEST;
}

static int option_take(const struct command *command, struct tool_options *options, int letter)
{
	long number = 0;
	bool good = true;
	switch (letter) {
	case 'i':
		good = encoding_parse(optarg, &options->from);
		break;
	case 't':
		good = encoding_parse(optarg, &options->to) && options->to != TOOL_AUTO;
		break;
	case 'f':
		good = frame_parse(optarg, &options->out_frame) &&
		       options->out_frame != TOOL_FRAME_AUTO;
		break;
	case 'g':
		good = frame_parse(optarg, &options->frame);
		break;
	case 'h':
	case 'b':
		options->form = letter;
		break;
	case 'o':
		options->operation = optarg;
		good = operation_known(optarg);
		break;
	case 'e':
		good = number_parse(optarg, 2, 6, &number);
		options->edition = (unsigned)number;
		break;
	case 'p':
		good = !strcmp(optarg, "auto") || number_parse(optarg, 1, 3, &number);
		options->phase = (enum csta_phase)number;
		break;
	case 'P':
		good = number_parse(optarg, 1, 3, &number);
		options->to_phase = (enum csta_phase)number;
		break;
	case 'n':
		good = number_parse(optarg, 0, 2147483647, &options->invoke_id);
		break;
	case 's':
		options->secrets = true;
		break;
	case 'l':
		options->line = true;
		break;
	case 'x':
		options->hex_out = true;
		break;
	case 'S':
		options->strict = true;
		break;
	case 'q':
		options->quiet = true;
		break;
	case 'k':
		options->kind = csta_kind_parse(optarg);
		good = options->kind >= 0;
		break;
	case 'c':
		good = number_parse(optarg, 1, 99, &number) && csta_chapter_title((unsigned)number);
		options->chapter = (unsigned)number;
		break;
	case 'j':
		options->json = true;
		break;
	case 'm':
		options->markdown = true;
		break;
	case 'a':
		options->all = optarg;
		break;
	case 'N':
		options->names = optarg;
		break;
	case 'v':
		options->vendor = optarg;
		break;
	}
	return good ? TOOL_OK : wrong(command, "not understood", optarg);
}

static int command_run(const struct command *command, int argc, char **argv)
{
	struct tool_options options = {.to = TOOL_AUTO,
	                               .frame = TOOL_FRAME_AUTO,
	                               .out_frame = TOOL_FRAME_NONE,
	                               .invoke_id = -1,
	                               .kind = -1};
	int letter;
	opterr = 0;
	while ((letter = getopt_long(argc, argv, "lq", long_options, NULL)) != -1) {
		bool help = letter == '?' && optind > 1 && !strcmp(argv[optind - 1], "--help");
		if (help)
			return command_help(command);
		if (letter == '?')
			return wrong(command, "unknown option or one without its value",
			             argv[optind - 1]);
		/* Where nothing is written, --frame is the input's; --hex goes with --binary. */
		if (letter == 'f' && !strchr(command->options, 'f'))
			letter = 'g';
		if (!strchr(command->options, letter == 'h' ? 'b' : letter))
			return wrong(command, "this command does not take", argv[optind - 1]);
		int code = option_take(command, &options, letter);
		if (code)
			return code;
	}
	if (argc - optind > 1)
		return wrong(command, "one file at a time", argv[optind + 1]);
	options.file = argv[optind];
	if (strchr(command->options, 't') && options.to == TOOL_AUTO)
		return wrong(command, "--to is missing", NULL);
	if (options.vendor && !options.names)
		return wrong(command, "--vendor wants --private", NULL);
	return command->run(&options);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return usage(stderr);
	const char *name = argv[1];
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		return usage(stdout);
	if (!strcmp(name, "--version")) {
		printf("csta %s\n", CTI_VERSION);
		return TOOL_OK;
	}
	const struct command *command = command_find(name);
	if (!command) {
		fprintf(stderr, "csta: no command %s; `csta help` lists them\n", name);
		return TOOL_USAGE;
	}
	if (command->run)
		return command_run(command, argc - 1, argv + 1);
	if (argc < 3)
		return usage(stdout);
	command = command_find(argv[2]);
	if (command && command->run)
		return command_help(command);
	fprintf(stderr, "csta: no command %s; `csta help` lists them\n", argv[2]);
	return TOOL_USAGE;
}

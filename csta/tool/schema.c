/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/schema.h"

#include "csta/tool/tool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int file_write(const char *folder, const char *name, const struct csta_buffer *text,
                      struct cti_error *error)
{
	char path[4096];
	FILE *file;
	bool bad;
	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return cti_error_set(error, CTI_E_LIMIT, "%.80s: the path is too long", folder);
	file = fopen(path, "w");
	if (!file)
		return cti_error_set(error, CTI_E_IO, "%s: %s", path, strerror(errno));
	bad = fwrite(text->data, 1, text->length, file) != text->length;
	if (fclose(file) || bad)
		return cti_error_set(error, CTI_E_IO, "%s: %s", path, strerror(errno));
	return 0;
}

static int all_write(const char *folder, unsigned how, struct csta_buffer *text,
                     struct cti_error *error)
{
	int code = csta_schema_types(how, text, error);
	if (!code)
		code = file_write(folder, CSTA_SCHEMA_TYPES, text, error);
	for (size_t i = 0; i < csta_type_count && !code; i++) {
		char name[96];
		snprintf(name, sizeof name, "%s.json", csta_types[i].element);
		csta_buffer_clear(text);
		code = csta_schema_message(&csta_types[i], how | CSTA_SCHEMA_APART, text, error);
		if (!code)
			code = file_write(folder, name, text, error);
	}
	return code;
}

int tool_schema(const struct tool_options *options)
{
	unsigned how = options->strict ? CSTA_SCHEMA_STRICT : 0;
	struct csta_buffer text = {0};
	struct cti_error error = {0};
	int code = csta_init(&error);
	const struct csta_type *type = NULL;
	if (!options->file == !options->all) {
		fprintf(stderr, "csta schema: a message, or --all DIR\n");
		return TOOL_USAGE;
	}
	if (!code && options->file) {
		type = csta_type_of_element(options->file, strlen(options->file));
		if (!type)
			code = cti_error_set(&error, CTI_E_NOTFOUND,
			                     "no message %s; `csta list` prints all",
			                     options->file);
	}
	if (!code)
		code = type ? csta_schema_message(type, how, &text, &error)
		            : all_write(options->all, how, &text, &error);
	if (!code && type)
		fwrite(text.data, 1, text.length, stdout);
	csta_buffer_free(&text);
	if (code)
		fprintf(stderr, "csta: %s\n", error.text);
	return code || fflush(stdout) ? TOOL_BAD : TOOL_OK;
}

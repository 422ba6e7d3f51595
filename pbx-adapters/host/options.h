/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file options.h
 * From a libconfig group to the checked options of an adapter (adapter.h). The same checker
 * reads the server's own settings, so every setting has type, range, default and help in a table.
 */
#ifndef HOST_OPTIONS_H
#define HOST_OPTIONS_H

#include "pbx-adapters/adapter.h"

#include <libconfig.h>

/**
 * Check @p group against @p table (ends with name NULL). Errors name file, line, setting, what
 * was expected, and for an unknown name the nearest known one. @p ignore: names that others
 * read, ends with NULL; may be NULL. Strings live as long as @p group.
 */
int options_read(struct cti_options **out, config_setting_t *group, const struct cti_option *table,
                 const char *const *ignore, struct cti_error *);
void options_destroy(struct cti_options **);

/** The nearest of @p names (ends with NULL) to @p word by edit distance; NULL if none is near. */
const char *options_nearest(const char *word, const char *const *names);
/** "250ms", "5s", "2m", "1h" or a bare number of milliseconds; -1 if it is none of these. */
long options_duration(const char *text);
/** Where a setting stands: "file:line"; into a static thread-local buffer. */
const char *options_where(const config_setting_t *);
/** The table as a manual, one row an option. */
void options_print(const struct cti_option *table, void *stdio_file);

#endif

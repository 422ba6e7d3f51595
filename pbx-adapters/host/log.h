/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file log.h
 * Structured log: one line a fact, `time level category message key=value...`, text or JSON.
 * Category `wire` has each PDU on one line. Secrets never reach this floor: who formats masks.
 * Loop thread only, except log_write(), which any thread may call.
 */
#ifndef HOST_LOG_H
#define HOST_LOG_H

#include "pbx-adapters/adapter.h"

#include <stdarg.h>

struct clock;

enum log_format { LOG_TEXT, LOG_JSON };

struct log_options {
	enum cti_log_level level; /**< most talkative level that is written */
	enum log_format format;
	bool wire;        /**< write category `wire` */
	const char *file; /**< NULL: standard error; reopened by log_reopen() */
};

/** The program's one log; until then warnings and errors go to standard error as text. */
int log_open(const struct log_options *, const struct clock *, struct cti_error *);
void log_reopen(void);
void log_close(void);
void log_set(enum cti_log_level level, bool wire);
bool log_enabled(enum cti_log_level level);
bool log_wire_enabled(void);

/** @p category: a word, "model", "zmq", a switch's name. Control characters are escaped. */
void log_write(enum cti_log_level, const char *category, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void log_write_v(enum cti_log_level, const char *category, const char *format, va_list);
/** One PDU: `wire hq < DeliveredEvent ...`. */
void log_wire(const char *switch_name, enum cti_wire_direction, const char *line);

#define log_error(category, ...) log_write(CTI_LOG_ERROR, category, __VA_ARGS__)
#define log_warn(category, ...)  log_write(CTI_LOG_WARN, category, __VA_ARGS__)
#define log_info(category, ...)  log_write(CTI_LOG_INFO, category, __VA_ARGS__)
#define log_debug(category, ...)                                                                   \
	do {                                                                                       \
		if (log_enabled(CTI_LOG_DEBUG))                                                    \
			log_write(CTI_LOG_DEBUG, category, __VA_ARGS__);                           \
	} while (0)

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file error.h
 * Errors of every floor: one table of codes for programs, one sentence for people, and the
 * error categories and values of ECMA-269 for requests that a switch refuses.
 */
#ifndef CTI_ERROR_H
#define CTI_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Every code, with the text that cti_strerror() gives. Functions return 0 or one of these
 * (all negative). The list is closed under CTI_E_: a number is never reused.
 */
#define CTI_CODES(X)                                                                               \
	X(NOMEM, -1, "out of memory")                                                              \
	X(INVALID, -2, "invalid argument or malformed input")                                      \
	X(LIMIT, -3, "a configured limit was exceeded")                                            \
	X(UNSUPPORTED, -4, "not supported")                                                        \
	X(NOTFOUND, -5, "no such object")                                                          \
	X(EXISTS, -6, "it exists already")                                                         \
	X(STATE, -7, "not possible in this state")                                                 \
	X(TIMEOUT, -8, "timed out")                                                                \
	X(CLOSED, -9, "the connection is closed")                                                  \
	X(IO, -10, "input or output failed")                                                       \
	X(AUTH, -11, "not authenticated")                                                          \
	X(DENIED, -12, "not permitted")                                                            \
	X(REFUSED, -13, "the switch refused the request")                                          \
	X(BUSY, -14, "overloaded, try again later")                                                \
	X(TRUNCATED, -15, "input ends too early")                                                  \
	X(CONFIG, -16, "configuration error")                                                      \
	X(UNKNOWN_OUTCOME, -17, "the outcome of the request is unknown")                           \
	X(GAP, -18, "events were lost")                                                            \
	X(INTERNAL, -19, "internal error")

enum cti_code {
	CTI_OK = 0,
#define X(name, number, text) CTI_E_##name = number,
	CTI_CODES(X)
#undef X
};

/** Longest sentence that an error carries, with its NUL. */
#define CTI_ERROR_TEXT 160

/**
 * What went wrong: the code for the program, the sentence for the human, filled once where
 * the cause is known. Callers pass NULL where they need neither.
 */
struct cti_error {
	int code;                  /**< 0 or an enum cti_code */
	char text[CTI_ERROR_TEXT]; /**< one sentence, UTF-8, no newline; "" if code is 0 */
};

/**
 * Fill @p error and return @p code, so that a function can `return cti_error_set(...)`.
 * A text longer than CTI_ERROR_TEXT is cut at a character border. @p error may be NULL.
 */
int cti_error_set(struct cti_error *error, int code, const char *format, ...)
#if defined(__GNUC__)
	__attribute__((format(printf, 3, 4)))
#endif
	;

/** Text of @p code, a string constant; "unknown error" for a number not in the table. */
const char *cti_strerror(int code);

/** Name of @p code, for example "NOMEM"; "?" for a number not in the table. */
const char *cti_code_name(int code);

/**
 * Categories of a negative acknowledgement (ECMA-269 12.2.14). The value within the category
 * travels as its name ("invalidDeviceID"), spelt as in ECMA-285's error definition.
 */
#define CTI_CATEGORIES(X)                                                                          \
	X(NONE, "")                                                                                \
	X(OPERATION, "operation")                                                                  \
	X(SECURITY, "security")                                                                    \
	X(STATE_INCOMPATIBILITY, "stateIncompatibility")                                           \
	X(SYSTEM_RESOURCE, "systemResourceAvailability")                                           \
	X(SUBSCRIBED_RESOURCE, "subscribedResourceAvailability")                                   \
	X(PERFORMANCE, "performanceManagement")                                                    \
	X(PRIVATE_DATA, "privateData")                                                             \
	X(UNSPECIFIED, "unspecified")

enum cti_category {
#define X(name, text) CTI_CATEGORY_##name,
	CTI_CATEGORIES(X)
#undef X
};

/** Name of a category as ECMA-285 spells it; "" for CTI_CATEGORY_NONE. */
const char *cti_category_name(enum cti_category category);

#ifdef __cplusplus
}
#endif
#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fuzz.h
 * Fuzzers of everything that reads from a wire. One target a kind of input; each is run by
 * libFuzzer (libfuzzer.c, clang) and by a driver of our own that any compiler builds (main.c): it
 * replays what once failed, and mutates the seeds a bounded number of times.
 *
 * A target aborts, with fuzz_fail(), where a promise is broken that no sanitizer knows of: what
 * decodes must encode and decode to the same again, errors say something, memory stays within
 * 64 times the input and 64 KiB, and the number of allocations within a multiple of it.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "csta/csta.h"
#include "tests/support/generate.h"

struct fuzz_target {
	const char *name;
	/** One input. */
	void (*run)(const uint8_t *data, size_t length);
	/** Change it with regard to its structure; 0: leave it to the mutator of octets. */
	size_t (*mutate)(uint8_t *data, size_t length, size_t size, struct generator *);
	/** Put a part of @p other in it; NULL: octets will do. Result in @p out. */
	size_t (*cross)(const uint8_t *data, size_t length, const uint8_t *other,
	                size_t other_length, uint8_t *out, size_t size, struct generator *);
	/** Hand out seeds, of generated messages. */
	void (*seed)(void (*take)(void *arg, const void *data, size_t length), void *arg);
	/** Folder in tests/captures/own and $CSTA_REFERENCE/captures, and how its files end; or
	 * NULL. */
	const char *captures, *ending;
	size_t longest; /**< input */
};

extern const struct fuzz_target fuzz_targets[];
extern const size_t fuzz_target_count;
/** NULL if there is none of that name. */
const struct fuzz_target *fuzz_target_find(const char *name);

/** Once, before all: csta_init(), and whoever makes libxml2 load anything is caught. */
void fuzz_init(void);

/** Say what is wrong and abort. */
void fuzz_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
#define fuzz_assert(condition)                                                                     \
	do                                                                                         \
		if (!(condition))                                                                  \
			fuzz_fail("%s:%d: %s", __FILE__, __LINE__, #condition);                    \
	while (0)
/** A failure has its code in the error, and a sentence; success has neither checked. */
void fuzz_check_error(int code, const struct cti_error *error);

/** One codec for all inputs of a process, as a link has. */
struct csta_codec *fuzz_codec(void);
/** A number that depends on the input alone. */
uint32_t fuzz_hash(const void *data, size_t length);

/* ---- memory.c: what malloc gave since fuzz_measure() ------------------------------------------
 */

/** Begin to measure. What the codec's dictionary of names (bounded, kept) grows is not counted. */
void fuzz_measure(const struct csta_codec *);
/** Fail if more than 64 * @p length + 64 KiB were held at once, or allocations were too many. */
void fuzz_measured(const char *what, size_t length);
/** Blocks that are allocated now. */
size_t fuzz_blocks(void);

/* ---- check.c: what holds for every message that was decoded ------------------------------------
 */

/** All encodings and back, the line and the tree, the plain structs and back. */
void fuzz_check_message(struct csta_codec *, const struct csta_message *);

/* ---- mutators -----------------------------------------------------------------------------------
 */

/** libFuzzer's, or the driver's: some octets otherwise. */
size_t fuzz_mutate_octets(uint8_t *data, size_t length, size_t size);

size_t mutate_ber(uint8_t *data, size_t length, size_t size, struct generator *);
size_t cross_ber(const uint8_t *data, size_t length, const uint8_t *other, size_t other_length,
                 uint8_t *out, size_t size, struct generator *);
size_t mutate_xml(uint8_t *data, size_t length, size_t size, struct generator *);
size_t cross_xml(const uint8_t *data, size_t length, const uint8_t *other, size_t other_length,
                 uint8_t *out, size_t size, struct generator *);
size_t mutate_json(uint8_t *data, size_t length, size_t size, struct generator *);

#endif

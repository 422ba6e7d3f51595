/* SPDX-License-Identifier: Apache-2.0 */
/** @file targets.h The targets' functions, for the table in targets.c. */
#ifndef TESTS_FUZZ_TARGETS_H
#define TESTS_FUZZ_TARGETS_H

#include "tests/fuzz/fuzz.h"

void run_frame(const uint8_t *data, size_t length);
void run_ber(const uint8_t *data, size_t length);
void run_xml(const uint8_t *data, size_t length);
void run_json(const uint8_t *data, size_t length);
void run_dialect(const uint8_t *data, size_t length);
void run_private(const uint8_t *data, size_t length);
void run_session(const uint8_t *data, size_t length);
void run_wire(const uint8_t *data, size_t length);
void run_topic(const uint8_t *data, size_t length);

size_t mutate_private(uint8_t *data, size_t length, size_t size, struct generator *);
size_t mutate_session(uint8_t *data, size_t length, size_t size, struct generator *);
void seed_private(void (*take)(void *, const void *, size_t), void *arg);
void seed_session(void (*take)(void *, const void *, size_t), void *arg);
void seed_dialect(void (*take)(void *, const void *, size_t), void *arg);
void seed_frame(void (*take)(void *, const void *, size_t), void *arg);
void seed_ber(void (*take)(void *, const void *, size_t), void *arg);
void seed_xml(void (*take)(void *, const void *, size_t), void *arg);
void seed_json(void (*take)(void *, const void *, size_t), void *arg);
void seed_wire(void (*take)(void *, const void *, size_t), void *arg);
void seed_topic(void (*take)(void *, const void *, size_t), void *arg);

#endif

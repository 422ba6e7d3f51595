/* SPDX-License-Identifier: Apache-2.0 */
/** @file suite.h The tests of each door, gathered by main.c into one run. */
#ifndef HOSTILE_SUITE_H
#define HOSTILE_SUITE_H

#include "tests/unit/test.h"

extern const struct CMUnitTest link_tests[], session_tests[], mqtt_tests[], mutation_tests[];
extern const size_t link_test_count, session_test_count, mqtt_test_count, mutation_test_count;

#endif

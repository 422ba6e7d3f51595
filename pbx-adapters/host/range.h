/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file range.h
 * Ranges of numbers as people write them: "2001", "2001-2010", "+8675588880001-+8675588880020".
 * Both ends have the same number of digits; leading zeros count. What is no range of digits is
 * taken as one name ("front-desk" is a device, not a range).
 */
#ifndef HOST_RANGE_H
#define HOST_RANGE_H

#include <cti/error.h>
#include <stdbool.h>
#include <stddef.h>

/** Most numbers that one range may stand for. */
#define RANGE_MAX 100000
/** Longest number of a range, with its NUL. */
#define RANGE_NUMBER_MAX 24

/**
 * Call @p each for every number of @p range, with its index from 0. What @p each returns other
 * than 0 ends it and is returned. CTI_E_CONFIG: the ends differ in length, are in the wrong
 * order, or stand for more than RANGE_MAX numbers.
 */
int range_each(const char *range, int (*each)(void *arg, const char *number, size_t index),
               void *arg, struct cti_error *);
/** How many numbers: 1 for a name; CTI_E_CONFIG as range_each(). */
long range_count(const char *range, struct cti_error *);
/** Copy number @p index of @p range to @p out; false if it has not so many. */
bool range_at(const char *range, size_t index, char out[RANGE_NUMBER_MAX]);
/** True if @p number is @p range itself or lies within it. */
bool range_has(const char *range, const char *number);

#endif

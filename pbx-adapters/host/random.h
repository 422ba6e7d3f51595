/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file random.h
 * splitmix64: small, and the same everywhere, so that a seed gives the same run. For waits, ids of a
 * simulation and the people in it; nothing that must be hard to guess.
 */
#ifndef HOST_RANDOM_H
#define HOST_RANDOM_H

#include <stdint.h>

/** One step without a state: every input, however alike, gives another output. */
static inline uint64_t random_mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/** The next of the stream that @p state, any seed, stands for. */
static inline uint64_t random_next(uint64_t *state)
{
	uint64_t x = random_mix(*state);
	*state += UINT64_C(0x9e3779b97f4a7c15);
	return x;
}

#endif

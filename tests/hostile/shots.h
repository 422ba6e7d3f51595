/* SPDX-License-Identifier: Apache-2.0 */
/** @file shots.h What attackers of CSTA links send. */
#ifndef HOSTILE_SHOTS_H
#define HOSTILE_SHOTS_H

#include "tests/hostile/hostile.h"

#define SHOTS_MAX 64

/** Fill @p s (SHOTS_MAX of them); returns how many. XML in ECMA-323's frames, BER in len16. */
size_t shots_xml(struct shot *s);
size_t shots_ber(struct shot *s);
void shots_free(struct shot *s, size_t count);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file interop.h
 * The program that the scripts of this folder share (main.c, dump.c).
 */
#ifndef TESTS_INTEROP_H
#define TESTS_INTEROP_H

#include "csta/deviation.h"
#include "csta/xml.h"
#include "tests/support/generate.h"

#include <stdio.h>

extern struct csta_codec *interop_codec;

/**
 * All that csta_init() made, as JSON: {"rows": [...], "layouts": {id: ...}, "xml": {id: ...}}.
 * A layout or XML type is named by an id, which is good for this output only.
 */
int interop_dump(FILE *unused);

#endif

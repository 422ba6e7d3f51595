/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file nomem.h
 * Allocations that fail when a test wants them to. Unit tests are linked with --wrap, so that every
 * malloc, calloc, realloc and strdup of the project's own code asks here first; those of
 * shared libraries do not. Only the thread that called nomem_after() is meant.
 */
#ifndef TESTS_SUPPORT_NOMEM_H
#define TESTS_SUPPORT_NOMEM_H

#include <stdbool.h>

/** The next @p count allocations succeed, then one fails (or, @p all, every one). -1: off. */
void nomem_after(long count, bool all);
/** Has one failed since? A loop over 0, 1, 2, ... ends when none does any more. */
bool nomem_failed(void);

#endif

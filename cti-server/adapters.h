/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file adapters.h
 * Where adapters come from: the table of those built in, and shared objects by path.
 * Loop thread only.
 */
#ifndef SERVER_ADAPTERS_H
#define SERVER_ADAPTERS_H

#include "pbx-adapters/adapter.h"

/**
 * The adapter of this name ("simulator", "csta"), or of this shared object when @p name has a
 * slash ("/usr/lib/cti/mypbx.so"). A shared object stays loaded until the program ends: its
 * code may be on the stack. Refused with CTI_E_NOTFOUND, CTI_E_IO (the loader's words), or
 * CTI_E_UNSUPPORTED when it was built against another ABI or lacks a mandatory function.
 */
int adapter_find(const struct cti_adapter **out, const char *name, struct cti_error *);

/** Is this adapter fit to be called: ABI, size, name, the functions that every adapter has. */
int adapter_check(const struct cti_adapter *, const char *where, struct cti_error *);

/** The adapters built in; ends with NULL. */
const struct cti_adapter *const *adapters_builtin(void);

#endif

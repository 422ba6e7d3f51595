/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/adapters.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

extern const struct cti_adapter cti_adapter_simulator;
extern const struct cti_adapter cti_adapter_csta;

static const struct cti_adapter *const builtin[] = {
        &cti_adapter_simulator,
        &cti_adapter_csta,
        NULL,
};

const struct cti_adapter *const *adapters_builtin(void)
{
	return builtin;
}

int adapter_check(const struct cti_adapter *a, const char *where, struct cti_error *error)
{
	if (a->abi != CTI_ADAPTER_ABI)
		return cti_error_set(error, CTI_E_UNSUPPORTED,
		                     "%s: built for adapter ABI %u, this server has %u", where,
		                     (unsigned)a->abi, (unsigned)CTI_ADAPTER_ABI);
	/* What is only added grows the struct: a smaller one lacks verbs that we would call. */
	if (a->size < sizeof *a)
		return cti_error_set(
		        error, CTI_E_UNSUPPORTED,
		        "%s: built against an older adapter.h (%u octets, expected %zu)", where,
		        (unsigned)a->size, sizeof *a);
	if (!a->name || !a->options || !a->create || !a->start || !a->stop || !a->destroy)
		return cti_error_set(error, CTI_E_UNSUPPORTED,
		                     "%s: lacks one of name, options, create, start, stop, destroy",
		                     where);
	return 0;
}

static int load(const struct cti_adapter **out, const char *path, struct cti_error *error)
{
	void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!object)
		return cti_error_set(error, CTI_E_IO, "%s", dlerror());
	const struct cti_adapter *a = dlsym(object, "cti_adapter");
	int code = a ? adapter_check(a, path, error)
	             : cti_error_set(error, CTI_E_UNSUPPORTED,
	                             "%s: no adapter, it exports no symbol 'cti_adapter'", path);
	if (code) {
		dlclose(object);
		return code;
	}
	*out = a;
	return 0;
}

int adapter_find(const struct cti_adapter **out, const char *name, struct cti_error *error)
{
	if (strchr(name, '/'))
		return load(out, name, error);
	char known[CTI_ERROR_TEXT] = "";
	for (size_t i = 0; builtin[i]; i++) {
		if (!strcmp(builtin[i]->name, name)) {
			*out = builtin[i];
			return 0;
		}
		size_t used = strlen(known);
		snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "",
		         builtin[i]->name);
	}
	return cti_error_set(error, CTI_E_NOTFOUND,
	                     "adapter '%s' is not built in (known: %s); a shared object has a '/'",
	                     name, known);
}

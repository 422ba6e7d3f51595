/* SPDX-License-Identifier: Apache-2.0 */
/* Where adapters come from: built in, and a shared object made from the same source. */
#include "cti-server/adapters.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void built_in(void **state)
{
	(void)state;
	const struct cti_adapter *a = NULL;
	struct cti_error error = {0};
	for (const struct cti_adapter *const *known = adapters_builtin(); *known; known++) {
		assert_int_equal(adapter_check(*known, (*known)->name, &error), 0);
		assert_int_equal(adapter_find(&a, (*known)->name, &error), 0);
		assert_ptr_equal(a, *known);
	}
	a = NULL;
	assert_int_equal(adapter_find(&a, "avaja", &error), CTI_E_NOTFOUND);
	assert_null(a);
	assert_non_null(strstr(error.text, "adapter 'avaja' is not built in (known: simulator"));
}

static void unfit(void **state)
{
	(void)state;
	struct cti_error error = {0};
	struct cti_adapter a = *adapters_builtin()[0];
	a.abi = CTI_ADAPTER_ABI + 1;
	assert_int_equal(adapter_check(&a, "x.so", &error), CTI_E_UNSUPPORTED);
	assert_string_equal(error.text, "x.so: built for adapter ABI 2, this server has 1");
	a = *adapters_builtin()[0];
	a.size -= sizeof(void *);
	assert_int_equal(adapter_check(&a, "x.so", &error), CTI_E_UNSUPPORTED);
	assert_non_null(strstr(error.text, "older adapter.h"));
	a = *adapters_builtin()[0];
	a.stop = NULL;
	assert_int_equal(adapter_check(&a, "x.so", &error), CTI_E_UNSUPPORTED);
}

static const char source[] =
        "#include \"pbx-adapters/adapter.h\"\n"
        "static const struct cti_option options[] = {{.name = 0}};\n"
        "static int create(struct cti_adapter_instance **o, const struct cti_host *h,\n"
        "                  const struct cti_options *p, struct cti_error *e)\n"
        "{ (void)o, (void)h, (void)p, (void)e; return CTI_E_UNSUPPORTED; }\n"
        "static int start(struct cti_adapter_instance *i, struct cti_error *e)\n"
        "{ (void)i, (void)e; return 0; }\n"
        "static void stop(struct cti_adapter_instance *i) { (void)i; }\n"
        "static void destroy(struct cti_adapter_instance **i) { *i = 0; }\n"
        "const struct cti_adapter cti_adapter = { CTI_ADAPTER_HEAD, .name = \"mypbx\",\n"
        "  .options = options, .create = create, .start = start, .stop = stop,\n"
        "  .destroy = destroy };\n";

/* Compile @p text to a shared object in the directory. */
static void compile(const char *directory, const char *name, const char *text)
{
	char path[256], command[1024];
	snprintf(path, sizeof path, "%s/%s.c", directory, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	snprintf(command, sizeof command,
	         "cc -shared -fPIC -std=c11 -I. -Isdk/include -o %s/%s.so %s/%s.c", directory, name,
	         directory, name);
	assert_int_equal(system(command), 0);
}

static void shared_object(void **state)
{
	(void)state;
	char directory[] = "/tmp/cti-adapters-XXXXXX", path[256], command[256];
	const struct cti_adapter *a = NULL, *again = NULL;
	struct cti_error error = {0};
	assert_non_null(mkdtemp(directory));
	compile(directory, "mypbx", source);
	compile(directory, "other", "int nothing;\n");
	snprintf(path, sizeof path, "%s/mypbx.so", directory);
	if (adapter_find(&a, path, &error))
		fail_msg("%s", error.text);
	assert_string_equal(a->name, "mypbx");
	assert_null(a->make_call);
	assert_int_equal(adapter_find(&again, path, &error), 0);
	assert_ptr_equal(a, again);
	snprintf(path, sizeof path, "%s/other.so", directory);
	assert_int_equal(adapter_find(&a, path, &error), CTI_E_UNSUPPORTED);
	assert_non_null(strstr(error.text, "exports no symbol 'cti_adapter'"));
	snprintf(path, sizeof path, "%s/none.so", directory);
	assert_int_equal(adapter_find(&a, path, &error), CTI_E_IO);
	assert_non_null(strstr(error.text, "none.so"));
	assert_string_equal(a->name, "mypbx"); /* untouched */
	snprintf(command, sizeof command, "rm -r %s", directory);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(built_in),
	        cmocka_unit_test(unfit),
	        cmocka_unit_test(shared_object),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("adapters", tests, NULL, NULL);
}

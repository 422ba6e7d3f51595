/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flows [--via inproc|xml|ber|ber2|ber1|all] [--list] [--verbose] [FILE...]
 *
 * Without files: every flow of tests/flows and tests/player below $CTI_SOURCE (the current
 * folder if that is not set). Prints TAP, one line for each flow and transport, and one for each
 * flow that ran over several: their events must be the same.
 */
#include "csta/csta.h"
#include "tests/flows/play.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 1000

struct run {
	unsigned via; /* bits of the transports wanted */
	bool list, verbose;
	char *files[FILES_MAX];
	size_t file_count;
	unsigned count, failed, skipped;
};

static int usage(FILE *out, int status)
{
	fprintf(out, "usage: flows [--via inproc|xml|ber|ber2|ber1|all] [--list] [--verbose] "
	             "[FILE...]\n");
	return status;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_folder(struct run *r, const char *folder)
{
	const char *source = getenv("CTI_SOURCE");
	size_t first = r->file_count;
	struct dirent *entry;
	char path[1024];
	DIR *dir;

	snprintf(path, sizeof(path), "%s%s%s", source ? source : "", source ? "/" : "", folder);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)) && r->file_count < FILES_MAX) {
		size_t length = strlen(entry->d_name);

		if (length < 6 || strcmp(entry->d_name + length - 5, ".flow") != 0)
			continue;
		snprintf(path, sizeof(path), "%s%s%s/%s", source ? source : "", source ? "/" : "",
		         folder, entry->d_name);
		r->files[r->file_count] = strdup(path);
		if (r->files[r->file_count])
			r->file_count++;
	}
	if (dir)
		closedir(dir);
	qsort(r->files + first, r->file_count - first, sizeof(r->files[0]), by_name);
}

static int read_arguments(struct run *r, int argc, char **argv)
{
	r->via = (1u << FLOW_TRANSPORTS) - 1;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0)
			return usage(stdout, 0) + 1;
		if (strcmp(argv[i], "--list") == 0) {
			r->list = true;
		} else if (strcmp(argv[i], "--verbose") == 0) {
			r->verbose = true;
		} else if (strcmp(argv[i], "--via") == 0 && i + 1 < argc) {
			int via = flow_transport_parse(argv[++i]);

			if (via < 0 && strcmp(argv[i], "all") != 0)
				return usage(stderr, 2);
			if (via >= 0)
				r->via = 1u << via;
		} else if (argv[i][0] == '-') {
			return usage(stderr, 2);
		} else if (r->file_count < FILES_MAX) {
			r->files[r->file_count] = strdup(argv[i]);
			if (r->files[r->file_count])
				r->file_count++;
		}
	}
	if (!r->file_count) {
		add_folder(r, "tests/flows");
		add_folder(r, "tests/player");
	}
	return r->file_count ? 0 : usage(stderr, 2);
}

static void print_diagnostics(const char *text)
{
	for (const char *at = text, *end; at && *at; at = end ? end + 1 : NULL) {
		end = strchr(at, '\n');
		printf("#   %.*s\n", end ? (int)(end - at) : (int)strlen(at), at);
	}
}

static void report(struct run *r, bool ok, const char *title, const char *via, const char *skip)
{
	r->count++;
	r->failed += !ok;
	r->skipped += skip != NULL;
	printf("%sok %u - %s [%s]%s%s\n", ok ? "" : "not ", r->count, title, via,
	       skip ? " # SKIP " : "", skip ? skip : "");
}

static void compare(struct run *r, const struct flow *flow, const struct play_result *results)
{
	const struct play_result *first = NULL;
	char text[4400] = "", names[40] = "";
	size_t passed = 0, at = 0;
	bool same = true;

	for (int t = 0; t < FLOW_TRANSPORTS; t++) {
		if (!results[t].events[t].count || results[t].outcome != PLAY_PASSED)
			continue;
		at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%s", at ? " = " : "",
		                       flow_transport_name((enum flow_transport)t));
		passed++;
		if (!first)
			first = &results[t];
		else if (same && play_compare(first, &results[t], (enum flow_transport)t, text,
		                              sizeof(text)) != 0)
			same = false;
	}
	if (passed < 2)
		return;
	report(r, same, flow->title, names, NULL);
	print_diagnostics(text);
}

static void run_flow(struct run *r, const struct flow *flow)
{
	struct play_result results[FLOW_TRANSPORTS];

	memset(results, 0, sizeof(results));
	for (int t = 0; t < FLOW_TRANSPORTS; t++) {
		const char *via = flow_transport_name((enum flow_transport)t);
		struct play_result *result = &results[t];

		if (!(flow->transports & r->via & (1u << t)))
			continue;
		result->ladder.verbose = r->verbose;
		if (r->verbose)
			printf("# %s [%s]\n", flow->file, via);
		play(flow, (enum flow_transport)t, result);
		report(r, result->outcome != PLAY_FAILED, flow->title, via,
		       result->outcome == PLAY_SKIPPED ? result->text : NULL);
		if (result->outcome == PLAY_FAILED) {
			print_diagnostics(result->text);
			printf("#   the ladder so far:\n");
			ladder_print(&result->ladder, stdout);
		}
		fflush(stdout);
	}
	compare(r, flow, results);
	for (int t = 0; t < FLOW_TRANSPORTS; t++)
		play_result_free(&results[t]);
}

static void list_flow(const struct flow *flow)
{
	char marks[] = "ixb21";

	for (int t = 0; t < FLOW_TRANSPORTS; t++)
		if (!(flow->transports & 1u << t))
			marks[t] = '-';
	printf("%-44s %s %s\n", flow->file, marks, flow->title);
}

int main(int argc, char **argv)
{
	static struct run r;
	struct cti_error error = {0};
	int code = read_arguments(&r, argc, argv);

	if (code)
		return code == 1 ? 0 : code;
	signal(SIGPIPE, SIG_IGN);
	if (csta_init(&error) != 0) {
		fprintf(stderr, "%s\n", error.text);
		return 2;
	}
	for (size_t i = 0; i < r.file_count; i++) {
		struct flow *flow = NULL;

		if (flow_load(&flow, r.files[i], &error) != 0) {
			report(&r, false, r.files[i], "parse", NULL);
			print_diagnostics(error.text);
		} else if (r.list) {
			list_flow(flow);
		} else {
			run_flow(&r, flow);
		}
		flow_destroy(&flow);
		free(r.files[i]);
	}
	if (!r.list || r.failed)
		printf("1..%u\n# %u failed, %u skipped\n", r.count, r.failed, r.skipped);
	return r.failed ? 1 : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fuzzers without libFuzzer, as a test: what once failed (regressions/), the captures and the
 * seeds are run, then a bounded number of mutations of the seeds, the same ones each time.
 *
 *     fuzz                      the test
 *     fuzz TARGET FILE...       run these inputs
 *     fuzz --seeds DIR          write the seeds, a folder a target, and DIR/names.dict; print each
 *                               target and how long its inputs may be
 */
#include "csta/text.h"
#include "csta/xml.h"
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#define REGRESSIONS "tests/fuzz/regressions"
#define OWN         "tests/captures/own"
#define MUTATIONS   20000 /* a target */
#define CPU_S       20    /* an input that takes longer hangs */
#define INPUT_MAX   (1 << 20)

/* ---- one input ----------------------------------------------------------------------------------
 */

static const struct fuzz_target *target;
static char current[512];
static uint8_t *input;
static size_t input_length;

/* Say which it was, and keep it where it is not a file. */
static void on_death(int number)
{
	static const char name[] = "fuzz-failed-input";
	FILE *file;

	signal(number, SIG_DFL);
	fprintf(stderr, "signal %d in target %s, input %s", number, target->name, current);
	file = strchr(current, '/') ? NULL : fopen(name, "wb");
	if (file) {
		fwrite(input, 1, input_length, file);
		fclose(file);
		fprintf(stderr, ", written to %s: move it to " REGRESSIONS "/%s/", name,
		        target->name);
	}
	fprintf(stderr, "\n");
	raise(number);
}

static void run(const uint8_t *data, size_t length)
{
	const struct itimerval limit = {.it_value.tv_sec = CPU_S};

	/* In memory of its own size: sanitizers watch both ends. */
	input = malloc(length ? length : 1);
	fuzz_assert(input);
	if (length)
		memcpy(input, data, length);
	input_length = length;
	setitimer(ITIMER_VIRTUAL, &limit, NULL);
	target->run(input, length);
	free(input);
	input = NULL;
}

/* ---- files --------------------------------------------------------------------------------------
 */

/* Hexadecimal with blanks and # comments, in place. */
static size_t unhex(uint8_t *data, size_t length)
{
	size_t out = 0;

	for (size_t i = 0; i < length; i++) {
		if (data[i] == '#')
			while (i < length && data[i] != '\n')
				i++;
		else if (i + 1 < length && csta_hex_digit((char)data[i]) >= 0 &&
		         csta_hex_digit((char)data[i + 1]) >= 0) {
			data[out++] = (uint8_t)(csta_hex_digit((char)data[i]) << 4 |
			                        csta_hex_digit((char)data[i + 1]));
			i++;
		}
	}
	return out;
}

static bool ends_with(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);

	return n >= m && !strcmp(name + n - m, ending);
}

static void read_file(const char *path, void (*use)(void *, const void *, size_t), void *arg)
{
	uint8_t *data = malloc(INPUT_MAX);
	FILE *file = fopen(path, "rb");
	size_t length;

	if (!data || !file)
		fuzz_fail("%s: cannot be read", path);
	snprintf(current, sizeof(current), "%s", path);
	length = fread(data, 1, INPUT_MAX, file);
	fclose(file);
	if (ends_with(path, ".hex"))
		length = unhex(data, length);
	use(arg, data, length);
	free(data);
}

/* Files of a folder that end so; none is no fault. */
static void read_folder(const char *folder, const char *ending,
                        void (*use)(void *, const void *, size_t), void *arg)
{
	struct dirent **names = NULL;
	int count = scandir(folder, &names, NULL, alphasort);
	char path[512];

	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.' && ends_with(names[i]->d_name, ending)) {
			snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
			read_file(path, use, arg);
		}
		free(names[i]);
	}
	free(names);
}

static void read_captures(void (*use)(void *, const void *, size_t), void *arg)
{
	const char *reference = getenv("CSTA_REFERENCE");
	char folder[512];

	if (!target->captures)
		return;
	snprintf(folder, sizeof(folder), OWN "/%s", target->captures);
	read_folder(folder, target->ending, use, arg);
	if (!reference)
		return;
	snprintf(folder, sizeof(folder), "%s/captures/%s", reference, target->captures);
	read_folder(folder, target->ending, use, arg);
}

/* ---- mutations, without anybody's help ----------------------------------------------------------
 */

static struct generator chance = {.state = 20261122};

size_t fuzz_mutate_octets(uint8_t *data, size_t length, size_t size)
{
	unsigned at = generate_below(&chance, (unsigned)length + 1);
	unsigned n = 1 + generate_below(&chance, 8);

	switch (generate_below(&chance, 4)) {
	case 0: /* octets more */
		if (n > size - length)
			break;
		memmove(data + at + n, data + at, length - at);
		for (unsigned i = 0; i < n; i++)
			data[at + i] = (uint8_t)generate_random(&chance);
		return length + n;
	case 1: /* less */
		if (n > length - at)
			n = (unsigned)length - at;
		memmove(data + at, data + at + n, length - at - n);
		return length - n;
	default:
		if (at < length)
			data[at] ^= (uint8_t)(1u << generate_below(&chance, 8));
	}
	return length;
}

struct seeds {
	struct csta_buffer *all;
	size_t count, size;
};

static void keep(void *arg, const void *data, size_t length)
{
	struct seeds *seeds = arg;

	if (seeds->count == seeds->size) {
		seeds->size = seeds->size ? 2 * seeds->size : 256;
		seeds->all = realloc(seeds->all, seeds->size * sizeof(*seeds->all));
		fuzz_assert(seeds->all);
	}
	seeds->all[seeds->count] = (struct csta_buffer){0};
	fuzz_assert(!csta_buffer_append(&seeds->all[seeds->count++], data, length));
}

static void mutate(const struct seeds *seeds)
{
	size_t size = target->longest, done, length;
	uint8_t *data = malloc(size + 1), *other = malloc(size + 1);

	fuzz_assert(data && other);
	for (unsigned i = 0; i < MUTATIONS; i++) {
		const struct csta_buffer *seed =
		        &seeds->all[generate_below(&chance, (unsigned)seeds->count)];
		const struct csta_buffer *second =
		        &seeds->all[generate_below(&chance, (unsigned)seeds->count)];

		snprintf(current, sizeof(current), "mutation %u", i);
		length = seed->length < size ? seed->length : size;
		memcpy(data, seed->data, length);
		if (target->cross && !generate_below(&chance, 4)) {
			done = target->cross(data, length, second->data, second->length, other,
			                     size, &chance);
			if (done)
				memcpy(data, other, length = done);
		}
		for (unsigned n = 1 + generate_below(&chance, 3); n; n--) {
			done = target->mutate ? target->mutate(data, length, size, &chance) : 0;
			length = done ? done : fuzz_mutate_octets(data, length, size);
		}
		run(data, length);
	}
	free(data);
	free(other);
}

/* ---- the test -----------------------------------------------------------------------------------
 */

static void run_one(void *arg, const void *data, size_t length)
{
	if (length > target->longest && strstr(current, "/captures/"))
		length = target->longest;
	run(data, length);
	++*(unsigned *)arg;
}

static void test(unsigned number)
{
	struct seeds seeds = {0};
	unsigned kept = 0, captured = 0;
	char folder[256];

	snprintf(folder, sizeof(folder), REGRESSIONS "/%s", target->name);
	read_folder(folder, "", run_one, &kept);
	read_captures(run_one, &captured);
	target->seed(keep, &seeds);
	fuzz_assert(seeds.count);
	for (size_t i = 0; i < seeds.count; i++) {
		snprintf(current, sizeof(current), "seed %zu", i);
		run(seeds.all[i].data, seeds.all[i].length);
	}
	mutate(&seeds);
	printf("ok %u - %s: %u that once failed, %u captures, %zu seeds, %d mutations\n", number,
	       target->name, kept, captured, seeds.count, MUTATIONS);
	fflush(stdout);
	while (seeds.count)
		csta_buffer_free(&seeds.all[--seeds.count]);
	free(seeds.all);
}

/* ---- seeds for libFuzzer ------------------------------------------------------------------------
 */

static const char *seed_folder;

static void write_seed(void *arg, const void *data, size_t length)
{
	char path[512];
	FILE *file;

	if (length > target->longest)
		return;
	snprintf(path, sizeof(path), "%s/%s/seed-%04u", seed_folder, target->name,
	         ++*(unsigned *)arg);
	file = fopen(path, "wb");
	if (!file || fwrite(data, 1, length, file) != length || fclose(file))
		fuzz_fail("%s: cannot be written", path);
}

static void write_names(void)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/names.dict", seed_folder);
	file = fopen(path, "w");
	if (!file)
		fuzz_fail("%s: cannot be written", path);
	for (size_t i = 0; i < xml_name_count; i++)
		fprintf(file, "\"%s\"\n", xml_names[i]);
	fclose(file);
}

static void write_seeds(const char *folder)
{
	char path[512];

	seed_folder = folder;
	mkdir(folder, 0777);
	for (size_t i = 0; i < fuzz_target_count; i++) {
		unsigned count = 0;

		target = &fuzz_targets[i];
		snprintf(path, sizeof(path), "%s/%s", folder, target->name);
		mkdir(path, 0777);
		target->seed(write_seed, &count);
		read_captures(write_seed, &count);
		snprintf(path, sizeof(path), REGRESSIONS "/%s", target->name);
		read_folder(path, "", write_seed, &count);
		printf("%s %zu\n", target->name, target->longest);
	}
	write_names();
}

int main(int argc, char **argv)
{
	static const int deaths[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGVTALRM};
	unsigned count = 0;

	for (size_t i = 0; i < sizeof(deaths) / sizeof(*deaths); i++)
		signal(deaths[i], on_death);
	target = fuzz_targets;
	fuzz_init();
	if (argc == 3 && !strcmp(argv[1], "--seeds")) {
		write_seeds(argv[2]);
		return 0;
	}
	if (argc > 2 && (target = fuzz_target_find(argv[1]))) {
		for (int i = 2; i < argc; i++)
			read_file(argv[i], run_one, &count);
		printf("%u inputs\n", count);
		return 0;
	}
	if (argc > 1) {
		fprintf(stderr, "usage: fuzz [TARGET FILE... | --seeds DIR]\n");
		return 2;
	}
	printf("1..%zu\n", fuzz_target_count);
	for (size_t i = 0; i < fuzz_target_count; i++) {
		target = &fuzz_targets[i];
		test((unsigned)i + 1);
	}
	return 0;
}

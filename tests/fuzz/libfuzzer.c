/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer's side: one program for all targets; which one is in its name, fuzz-ber. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t length, size_t size, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data, size_t length, const uint8_t *other,
                                 size_t other_length, uint8_t *out, size_t size, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t length, size_t size);

static const struct fuzz_target *target;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *name = strrchr((*argv)[0], '-');

	(void)argc;
	target = fuzz_target_find(name ? name + 1 : "");
	if (!target)
		fuzz_fail("%s: no such target", (*argv)[0]);
	fuzz_init();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	target->run(data, length);
	return 0;
}

size_t fuzz_mutate_octets(uint8_t *data, size_t length, size_t size)
{
	return LLVMFuzzerMutate(data, length, size);
}

static struct generator chance_of(unsigned seed)
{
	return (struct generator){.state = 0x9e3779b97f4a7c15u ^ seed};
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t length, size_t size, unsigned seed)
{
	struct generator chance = chance_of(seed);
	size_t done = target->mutate ? target->mutate(data, length, size, &chance) : 0;

	return done ? done : LLVMFuzzerMutate(data, length, size);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *data, size_t length, const uint8_t *other,
                                 size_t other_length, uint8_t *out, size_t size, unsigned seed)
{
	struct generator chance = chance_of(seed);
	size_t head, tail, done = 0;

	if (target->cross)
		done = target->cross(data, length, other, other_length, out, size, &chance);
	if (done)
		return done;
	head = generate_below(&chance, (unsigned)(length < size ? length : size) + 1);
	tail = generate_below(&chance, (unsigned)other_length + 1);
	if (tail > size - head)
		tail = size - head;
	memcpy(out, data, head);
	memcpy(out + head, other + other_length - tail, tail);
	return head + tail;
}

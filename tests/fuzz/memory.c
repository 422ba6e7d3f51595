/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much memory is held: asked of the sanitizer where one is there, else malloc is ours and asks
 * glibc's. So the libraries' allocations count too.
 */
#include "csta/xml_state.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <malloc.h>

#define PER_OCTET   64
#define FIXED       65536
#define ALLOCATIONS 8 /* for each octet of input, and */
#define FIRST       1024

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

/*
 * libxml2's dictionary grows its table to 4608 entries once in a parser's life, at a moment that a
 * random seed decides: that is of the codec's fixed size, not of the message that happens to be
 * read.
 */
#define TABLE     147456
#define TABLE_END (TABLE + 64) /* as malloc rounds it */

static size_t held, blocks, peak, allocations, begun, names;
static const struct csta_codec *measured;

static void add(size_t size)
{
	held += size;
	blocks++;
	allocations++;
	if (size >= TABLE && size < TABLE_END)
		begun += size;
	if (held > peak)
		peak = held;
}

static void take(size_t size)
{
	held -= size;
	blocks--;
}

#ifdef SANITIZED
/* <sanitizer/allocator_interface.h>, which gcc's packages leave out. */
int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void *, size_t),
                                              void (*)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *);

static void on_malloc(const volatile void *block, size_t size)
{
	if (block)
		add(size);
}

static void on_free(const volatile void *block)
{
	if (block)
		take(__sanitizer_get_allocated_size(block));
}

__attribute__((constructor)) static void install(void)
{
	__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
}
#else
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

static void *given(void *block)
{
	if (block)
		add(malloc_usable_size(block));
	return block;
}

void *malloc(size_t size)
{
	return given(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	return given(__libc_calloc(count, size));
}

void *realloc(void *old, size_t size)
{
	size_t before = old ? malloc_usable_size(old) : 0;
	void *block = __libc_realloc(old, size);

	if (old && (block || !size))
		take(before);
	return given(block);
}

void *memalign(size_t align, size_t size)
{
	return given(__libc_memalign(align, size));
}

void *aligned_alloc(size_t align, size_t size)
{
	return memalign(align, size);
}

int posix_memalign(void **out, size_t align, size_t size)
{
	void *block = memalign(align, size);

	if (!block)
		return ENOMEM;
	*out = block;
	return 0;
}

void free(void *block)
{
	if (block)
		take(malloc_usable_size(block));
	__libc_free(block);
}
#endif

static size_t names_size(const struct csta_codec *codec)
{
	return codec && codec->xml ? xmlDictGetUsage(codec->xml->ctxt->dict) : 0;
}

void fuzz_measure(const struct csta_codec *codec)
{
	measured = codec;
	names = names_size(codec);
	begun = peak = held;
	allocations = 0;
}

void fuzz_measured(const char *what, size_t length)
{
	size_t most = PER_OCTET * length + FIXED, now = names_size(measured);

	if (now > names)
		begun += now - names;

	if (peak > begun && peak - begun > most)
		fuzz_fail("%s: %zu octets held for %zu of input, at most %zu", what, peak - begun,
		          length, most);
	if (allocations > ALLOCATIONS * length + FIRST)
		fuzz_fail("%s: %zu allocations for %zu octets of input", what, allocations, length);
}

size_t fuzz_blocks(void)
{
	return blocks;
}

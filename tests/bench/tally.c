/* SPDX-License-Identifier: Apache-2.0 */
/* Count each event once, by the marker it carries, and note how old it was on arrival. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

int tally_init(struct tally *tally, uint64_t events)
{
	memset(tally, 0, sizeof *tally);
	tally->expected = events;
	tally->seen = calloc(events / 8 + 1, 1);
	tally->latency_ns = calloc(events, sizeof *tally->latency_ns);
	return tally->seen && tally->latency_ns ? 0 : -1;
}

void tally_free(struct tally *tally)
{
	free(tally->seen);
	free(tally->latency_ns);
	tally->seen = NULL;
	tally->latency_ns = NULL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(const char *text, int digits, uint64_t *out)
{
	uint64_t value = 0;
	for (int i = 0; i < digits; i++) {
		int digit = hex_digit(text[i]);
		if (digit < 0)
			return false;
		value = value << 4 | (unsigned)digit;
	}
	*out = value;
	return true;
}

static void tally_one(struct tally *tally, uint64_t number, uint64_t sent)
{
	if (number >= tally->expected)
		return;
	uint8_t bit = (uint8_t)(1u << (number & 7));
	if (tally->seen[number >> 3] & bit) {
		tally->duplicates++;
		return;
	}
	tally->seen[number >> 3] |= bit;
	if (number < tally->highest)
		tally->disorder++;
	tally->highest = number;
	tally->latency_ns[number] = now_ns() - sent;
	atomic_fetch_add_explicit(&tally->received, 1, memory_order_release);
}

/* Encoders differ in the case of their digits. */
static bool is_magic(const char *at)
{
	return (at[0] | 0x20) == 'c' && (at[1] | 0x20) == 'a' && (at[2] | 0x20) == 'f' &&
	       (at[3] | 0x20) == 'e';
}

void tally_text(struct tally *tally, const char *text, size_t length)
{
	for (const char *end = text + length; end - text >= MARK_DIGITS; text++) {
		uint64_t number, sent;
		if (is_magic(text) && read_hex(text + 4, 12, &number) &&
		    read_hex(text + 16, 16, &sent)) {
			tally_one(tally, number, sent);
			text += MARK_DIGITS - 1;
		}
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pbx-adapters/host/range.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct range {
	const char *plus; /* "+" or "" */
	size_t digits;
	unsigned long long from, to;
};

static size_t digits_of(const char *text)
{
	return strspn(text, "0123456789");
}

/* 1: a range, 0: a name, CTI_E_CONFIG: meant as a range, but none. */
static int range_read(struct range *out, const char *text, struct cti_error *error)
{
	bool plus = *text == '+';
	size_t digits = digits_of(text + plus);
	const char *dash = text + plus + digits;
	if (!digits || *dash != '-')
		return 0;
	const char *last = dash + 1 + (dash[1] == '+');
	if (digits > 18 || digits_of(last) != digits || last[digits] || plus != (dash[1] == '+'))
		return cti_error_set(
		        error, CTI_E_CONFIG,
		        "'%.60s' is no range: both ends need the same number of digits", text);
	*out = (struct range){plus ? "+" : "", digits, strtoull(text + plus, NULL, 10),
	                      strtoull(last, NULL, 10)};
	if (out->to < out->from)
		return cti_error_set(error, CTI_E_CONFIG, "range '%.60s' ends before it begins", text);
	if (out->to - out->from >= RANGE_MAX)
		return cti_error_set(error, CTI_E_CONFIG,
		                     "range '%.60s' stands for more than %d numbers", text,
		                     RANGE_MAX);
	return 1;
}

static void range_number(const struct range *range, size_t index, char out[RANGE_NUMBER_MAX])
{
	snprintf(out, RANGE_NUMBER_MAX, "%s%0*llu", range->plus, (int)range->digits,
	         range->from + index);
}

int range_each(const char *range, int (*each)(void *arg, const char *number, size_t index),
               void *arg, struct cti_error *error)
{
	struct range r;
	int kind = range_read(&r, range, error);
	if (kind < 0)
		return kind;
	if (!kind)
		return each(arg, range, 0);
	int code = 0;
	for (size_t i = 0; !code && i <= r.to - r.from; i++) {
		char number[RANGE_NUMBER_MAX];
		range_number(&r, i, number);
		code = each(arg, number, i);
	}
	return code;
}

long range_count(const char *range, struct cti_error *error)
{
	struct range r;
	int kind = range_read(&r, range, error);
	return kind <= 0 ? (kind ? kind : 1) : (long)(r.to - r.from + 1);
}

bool range_at(const char *range, size_t index, char out[RANGE_NUMBER_MAX])
{
	struct range r;
	int kind = range_read(&r, range, NULL);
	if (kind < 0 || (!kind && (index || strlen(range) >= RANGE_NUMBER_MAX)))
		return false;
	if (!kind)
		strcpy(out, range);
	else if (index <= r.to - r.from)
		range_number(&r, index, out);
	else
		return false;
	return true;
}

bool range_has(const char *range, const char *number)
{
	struct range r;
	if (!strcmp(range, number))
		return true;
	if (range_read(&r, range, NULL) <= 0)
		return false;
	size_t plus = strlen(r.plus);
	if (strncmp(number, r.plus, plus) || strlen(number + plus) != r.digits ||
	    digits_of(number + plus) != r.digits)
		return false;
	unsigned long long n = strtoull(number + plus, NULL, 10);
	return n >= r.from && n <= r.to;
}

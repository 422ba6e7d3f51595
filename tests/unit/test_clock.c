/* SPDX-License-Identifier: Apache-2.0 */
#include "pbx-adapters/host/clock.h"
#include "tests/unit/test.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct probe {
	struct clock *clock;
	struct cti_timer *timer;
	char letter;
	uint64_t again; /* set itself again after so long, once */
	bool destroy;
};

static char trace[256];

static void fire(void *arg)
{
	struct probe *p = arg;
	size_t n = strlen(trace);
	snprintf(trace + n, sizeof trace - n, "%c%llu ", p->letter,
	         (unsigned long long)clock_now(p->clock));
	if (p->again)
		timer_set(p->timer, p->again);
	p->again = 0;
	if (p->destroy)
		timer_destroy(&p->timer);
}

static void probe_create(struct probe *p, struct clock *c, char letter)
{
	*p = (struct probe){.clock = c, .letter = letter};
	p->timer = timer_create_on(c, "probe", fire, p);
	assert_non_null(p->timer);
}

static void mark(void *arg)
{
	(*(unsigned *)arg)++;
	strcat(trace, "| ");
}

static int setup(void **state)
{
	struct clock *c = NULL;
	trace[0] = 0;
	assert_int_equal(clock_create_virtual(&c, 1000000, NULL), 0);
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	struct clock *c = *state;
	clock_destroy(&c);
	return 0;
}

static void in_order_of_time_then_of_setting(void **state)
{
	struct clock *c = *state;
	struct probe p[4];
	for (int i = 0; i < 4; i++)
		probe_create(&p[i], c, (char)('a' + i));
	timer_set(p[0].timer, 50);
	timer_set(p[1].timer, 20);
	timer_set(p[2].timer, 50);
	timer_set(p[3].timer, 20);
	timer_set(p[1].timer, 20); /* now after d */
	assert_int_equal(clock_next(c), 20);
	unsigned calls = 0;
	clock_advance(c, 60, mark, &calls);
	assert_string_equal(trace, "d20 b20 | a50 c50 | ");
	assert_int_equal(calls, 2);
	assert_int_equal(clock_now(c), 60);
	assert_int_equal(clock_wall(c), 1000060);
	assert_int_equal(clock_next(c), UINT64_MAX);
	for (int i = 0; i < 4; i++)
		timer_destroy(&p[i].timer);
}

static void set_again_cleared_and_destroyed_while_firing(void **state)
{
	struct clock *c = *state;
	struct probe a, b, d;
	probe_create(&a, c, 'a');
	probe_create(&b, c, 'b');
	probe_create(&d, c, 'd');
	a.again = 10;
	d.destroy = true;
	timer_set(a.timer, 5);
	timer_set(b.timer, 6);
	timer_set(d.timer, 5);
	timer_clear(b.timer);
	assert_false(timer_is_set(b.timer));
	clock_advance(c, 100, NULL, NULL);
	assert_string_equal(trace, "a5 d5 a15 ");
	assert_null(d.timer);
	timer_destroy(&a.timer);
	timer_destroy(&b.timer);
	timer_destroy(&b.timer);
}

static void never_back_and_never_past_until(void **state)
{
	struct clock *c = *state;
	struct probe a;
	probe_create(&a, c, 'a');
	timer_set(a.timer, 10);
	clock_advance(c, 9, NULL, NULL);
	assert_string_equal(trace, "");
	clock_advance(c, 3, NULL, NULL);
	assert_int_equal(clock_now(c), 9);
	clock_advance(c, 10, NULL, NULL);
	assert_string_equal(trace, "a10 ");
	timer_set(a.timer, UINT64_MAX);
	assert_true(clock_next(c) < UINT64_MAX);
	timer_destroy(&a.timer);
}

/* A thousand timers set, moved and cleared at random fire exactly as a sorted list would. */
static void heap_against_a_list(void **state)
{
	struct clock *c = *state;
	enum { N = 1000 };
	static struct probe p[N];
	static uint64_t due[N];
	srand(7);
	for (int i = 0; i < N; i++)
		probe_create(&p[i], c, 'x');
	for (int i = 0; i < 5 * N; i++) {
		int k = rand() % N;
		if (rand() % 4 == 0) {
			timer_clear(p[k].timer);
			due[k] = 0;
		} else {
			due[k] = 1 + (uint64_t)(rand() % 5000);
			timer_set(p[k].timer, due[k]);
		}
	}
	uint64_t last = 0;
	while (clock_next(c) != UINT64_MAX) {
		uint64_t at = clock_next(c), least = UINT64_MAX;
		for (int i = 0; i < N; i++)
			if (due[i] && due[i] < least)
				least = due[i];
		assert_int_equal(at, least);
		assert_true(at > last);
		last = at;
		trace[0] = 0;
		clock_advance(c, at, NULL, NULL);
		for (int i = 0; i < N; i++)
			if (due[i] == at) {
				assert_false(timer_is_set(p[i].timer));
				due[i] = 0;
			}
	}
	for (int i = 0; i < N; i++) {
		assert_int_equal(due[i], 0);
		timer_destroy(&p[i].timer);
	}
}

static void stop(void *arg)
{
	event_base_loopbreak(arg);
}

static void real_time_fires_in_order(void **state)
{
	(void)state;
	struct event_base *base = event_base_new();
	struct clock *c = NULL;
	assert_int_equal(clock_create_real(&c, base, NULL), 0);
	struct probe a, b;
	probe_create(&a, c, 'a');
	probe_create(&b, c, 'b');
	struct cti_timer *end = timer_create_on(c, "end", stop, base);
	uint64_t start = clock_now(c);
	timer_set(end, 30000);
	timer_set(a.timer, 20000);
	timer_set(b.timer, 10000);
	event_base_dispatch(base);
	assert_true(clock_now(c) - start >= 30000);
	assert_int_equal(trace[0], 'b');
	assert_non_null(strchr(trace, 'a'));
	timer_destroy(&a.timer);
	timer_destroy(&b.timer);
	timer_destroy(&end);
	clock_destroy(&c);
	event_base_free(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(in_order_of_time_then_of_setting, setup, teardown),
	        cmocka_unit_test_setup_teardown(set_again_cleared_and_destroyed_while_firing, setup,
	                                        teardown),
	        cmocka_unit_test_setup_teardown(never_back_and_never_past_until, setup, teardown),
	        cmocka_unit_test_setup_teardown(heap_against_a_list, setup, teardown),
	        cmocka_unit_test_setup_teardown(real_time_fires_in_order, setup, teardown),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

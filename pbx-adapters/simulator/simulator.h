/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file simulator.h
 * The simulator as an adapter, for those who have it in their process: tests, the demo, cti-sim.
 */
#ifndef SIMULATOR_SIMULATOR_H
#define SIMULATOR_SIMULATOR_H

#include "pbx-adapters/adapter.h"

struct sim_switch;
struct switch_config;

extern const struct cti_adapter cti_adapter_simulator;

/** The switch behind an instance: phones by hand, faults. It lives as long as the instance. */
struct sim_switch *simulator_switch(struct cti_adapter_instance *);
/**
 * Fault: the link is lost, in process and on every port (applications are disconnected and not
 * let in), or back. @p why: one sentence, or NULL.
 */
void simulator_link(struct cti_adapter_instance *, bool up, const char *why);
/** Fault: answers come so much later, in process and on every port; events do not wait. */
void simulator_delay(struct cti_adapter_instance *, uint64_t delay_us);
/** Address of the @p index-th `listen`, "127.0.0.1:4711"; NULL: there is none. */
const char *simulator_address(struct cti_adapter_instance *, size_t index);

/* setup.c: from options to a switch. */
extern const struct cti_option simulator_options[];
int simulator_setup(struct sim_switch **out, const struct cti_host *, const struct cti_options *,
                    struct cti_error *);
#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file traffic.h
 * People for the simulated switch: outsiders who call, wait, give up, talk and hang up, and
 * staff who answer at some of the extensions. Extensions that are not staffed are left to the
 * human visitor. Seeded: the same seed gives the same day.
 */
#ifndef SIMULATOR_TRAFFIC_H
#define SIMULATOR_TRAFFIC_H

#include "pbx-adapters/adapter.h"

struct sim_switch;
struct traffic;

/** @p group: config_setting_t of the option `traffic`. Begins to call at once. */
int traffic_create(struct traffic **out, struct sim_switch *, const struct cti_host *, void *group,
                   struct cti_error *);
void traffic_destroy(struct traffic **);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file monitors.h
 * Who is monitored: the policy's ranges and what clients demand; what becomes of a refusal.
 * resync.c decides when; a monitor starts before the device is read (ECMA-269 15.1.2, 16.1).
 */
#ifndef SERVER_MONITORS_H
#define SERVER_MONITORS_H

#include <cti/request.h>
#include <sys/queue.h>

struct pbx;
struct device;

struct monitors {
	TAILQ_HEAD(retries, device) retries; /* refused ones, by when they are tried again */
	struct cti_timer *timer;
};

int monitors_init(struct pbx *);
void monitors_free(struct pbx *);
/**
 * Make the devices of the policy's ranges and mark them as wanted; stop those that are in
 * it no more. CTI_E_CONFIG names the range. Called at start and after a reload.
 */
int monitors_apply(struct pbx *, struct cti_error *);
/** Only look whether the ranges can be read. */
int monitors_check(const char *const *ranges, struct cti_error *);
/** A client wants this device (canonical number). */
void monitors_demand(struct pbx *, const char *device, const char *written);
/** The answer to MonitorStart of a device; true if it is monitored now. */
bool monitor_started(struct pbx *, struct device *, const struct cti_reply *);
/** The switch stopped a monitor on its own. */
void monitor_ended(struct pbx *, const char *monitor, const char *why);
/** The link is gone, and with it every monitor. */
void monitors_void(struct pbx *);

#endif

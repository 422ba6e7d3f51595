/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file resync.h
 * Reading the switch. When the link comes up: device by device MonitorStart, SnapshotDevice,
 * GetAgentState; differences come out as events marked resync, each device turns `current`,
 * and switch.link-up is told when all are. Afterwards: calls with an anomaly, calls out of sight,
 * calls older than the audit's time are read again, and devices in turn, each once in that time.
 * All of it within the link's budget (monitors.per_second) and a window of open requests.
 *
 * State "status" (pbx.c): {"link":"up|connecting|down","current":true,"progress":12,"total":12,
 *                          "server":"cti-1","text":"why it is down"}
 */
#ifndef SERVER_RESYNC_H
#define SERVER_RESYNC_H

#include <cti/request.h>
#include <sys/queue.h>

struct pbx;
struct device;
struct call;

/** Requests of the server's own that may be open at once. */
#define RESYNC_WINDOW 16

struct resync_job {
	struct pbx *pbx;
	bool used;
	struct device *device; /* a device is read ... */
	struct name *call;     /* ... or a call */
	const struct unknown *unknown;
	uint32_t run;
};

struct resync {
	TAILQ_HEAD(device_jobs, device) devices;
	TAILQ_HEAD(heals, call) calls; /* by when they are due */
	TAILQ_HEAD(unknowns, unknown)
	unknowns; /* calls in snapshots of devices that the model has not got */
	struct resync_job jobs[RESYNC_WINDOW];
	unsigned open;
	struct cti_timer *timer, *audit;
	uint64_t next_at;       /* the budget allows the next request then */
	struct device *audited; /* last in turn */
	uint32_t run;           /* which link it is: answers of an older one do not count */
	bool running;
	unsigned done, total, told;
	bool no_snapshot_device, no_snapshot_call, no_agents; /* the switch said so */
};

int resync_init(struct pbx *);
void resync_free(struct pbx *);
/** The link is up: read everything. */
void resync_start(struct pbx *);
/** The link is down: forget what is under way. */
void resync_stop(struct pbx *);
/** Monitor (if it is wanted) and read this device. */
void resync_device(struct pbx *, struct device *);
/** What may have become possible is done now. */
void resync_pump(struct pbx *);

/* resync_heal.c: the timer of the audit. */
void resync_audit(void *pbx);
uint64_t resync_audit_interval(const struct pbx *);

/* For struct model_owner; the argument is the pbx. */
void resync_heal(void *pbx, struct call *, uint64_t delay_us);
void resync_heal_device(void *pbx, struct device *);
void resync_forget(void *pbx, struct call *);

#endif

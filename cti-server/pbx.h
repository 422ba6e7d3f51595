/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pbx.h
 * One switch as the server sees it: the adapter behind its host, the model, monitors,
 * resynchronisation and open requests, tied to one stream of the bus. Loop thread only.
 */
#ifndef SERVER_PBX_H
#define SERVER_PBX_H

#include "cti-server/bus.h"
#include "pbx-adapters/adapter.h"

struct pbx;
struct event_base;

/** Who is monitored. */
struct pbx_monitors {
	const char *const *ranges; /**< "2001", "2001-2099", "3000", ends with NULL */
	bool on_demand;            /**< also what a client subscribes to or names in a request */
	unsigned per_second;       /**< MonitorStart and snapshot requests a second; 0: no limit */
	uint64_t retry_us;         /**< try a refused device again after this; 0: never */
};

/** From what a switch writes to the canonical device number and back. */
struct pbx_dialplan {
	const char *country;  /**< "86": for numbers with the national prefix; NULL: leave */
	const char *area;     /**< "755": for local numbers longer than an extension; NULL: leave */
	const char *outside;  /**< digit(s) dialled to get a line: "0"; NULL: none */
	const char *national; /**< prefix of national numbers, "0"; NULL: none */
	const char *international; /**< prefix of international numbers, "00"; NULL: none */
	unsigned extension_digits; /**< longest extension; longer numbers are public. default 6 */
};

struct pbx_config {
	const char *name; /**< word of letters, digits, '-', '_': stands in topics */
	const char *tenant;
	const char *server; /**< id of the server, shown in the state "status"; NULL: not shown */
	const struct cti_adapter *adapter;
	const struct cti_options *options;
	struct pbx_monitors monitors;
	struct pbx_dialplan dialplan;
	uint64_t seed;
	uint64_t audit_us;   /**< a call older than this is read again; 0: never. default 1 h */
	size_t max_calls;    /**< default 200000 */
	size_t max_requests; /**< open at once; default 1000 */
};

/** Everything of @p config is copied but adapter and options, which must outlive the pbx. */
int pbx_create(struct pbx **out, const struct pbx_config *, struct bus *, struct clock *,
               struct event_base *, struct cti_error *);
void pbx_destroy(struct pbx **);
int pbx_start(struct pbx *, struct cti_error *);
/** Stops the adapter; open requests are answered. */
void pbx_stop(struct pbx *);
const char *pbx_name(const struct pbx *);
enum cti_link_state pbx_link(const struct pbx *);
/** True when every device has been read since the link came up. */
bool pbx_current(const struct pbx *);
/** Reload: new monitor policy and dial plan take effect, the link stays. */
int pbx_reconfigure(struct pbx *, const struct pbx_config *, struct cti_error *);

/** The adapter's instance, for tests that reach the simulator behind it. */
struct cti_adapter_instance *pbx_instance(struct pbx *);

/** How a request ended; borrowed for the call, numbers canonical. */
typedef void pbx_done(void *arg, const struct cti_reply *);
/**
 * Hand a request (authorised already, numbers canonical) to the adapter. @p done is called
 * exactly once, perhaps before this returns: reply, refusal, not supported, timeout, closed.
 * Events that it causes carry request->id.
 */
void pbx_request(struct pbx *, const struct cti_request *, pbx_done *, void *arg);
/** Attach data to an interaction (at most 16 KiB together); CTI_E_NOTFOUND, CTI_E_LIMIT. */
int pbx_attach(struct pbx *, const char *interaction, const struct cti_pair *, size_t count,
               struct cti_error *);
/** A client is interested in this device: monitor it if the policy says on_demand. */
void pbx_demand(struct pbx *, const char *device);
/** The canonical form of a number that a person or the switch wrote; out gets it, cut at size. */
void pbx_canonical(const struct pbx *, const char *number, char *out, size_t size);

#endif

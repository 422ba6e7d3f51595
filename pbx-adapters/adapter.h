/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file adapter.h
 * The adapter ABI: all that the author of an adapter reads.
 *
 * An adapter speaks to one kind of switch. It is one exported struct of functions, built into
 * the server or as a shared object from the same source:
 *
 *     const struct cti_adapter cti_adapter_mypbx = { CTI_ADAPTER_HEAD, .name = "mypbx", ... };
 *
 * As a shared object it exports that struct as the symbol `cti_adapter`.
 *
 * **Threads.** Everything happens on the loop's thread. An adapter never blocks.
 *
 * **Life.** create -> start -> (link up, requests, events, link down)* -> stop -> destroy.
 * After stop() the adapter calls nothing of the host but log; every request still open has had
 * its done().
 *
 * **Requests.** Each carries a token. Exactly one done(token) ends it, from within the verb or
 * later. The host keeps the timeout: when it has fired, it answers the client and ignores (and
 * counts) a late done(). A verb that is NULL is answered by the host as not supported.
 *
 * **Events.** Reported as plain structs in ECMA-269's terms; numbers as the switch writes them
 * (the host applies the dial plan). A device-type monitor's report carries that monitor's cross
 * reference: the host merges reports of the same fact.
 */
#ifndef CTI_ADAPTER_H
#define CTI_ADAPTER_H

#include <cti/error.h>
#include <cti/event.h>
#include <cti/request.h>

struct event_base;   /* libevent's loop */
struct cti_timer;    /* a deadline of the host, see below */
struct csta_message; /* the original message, libcsta */

/** Grows when the meaning of something changes. What is only added grows `size` alone. */
#define CTI_ADAPTER_ABI 1

enum cti_log_level { CTI_LOG_ERROR, CTI_LOG_WARN, CTI_LOG_INFO, CTI_LOG_DEBUG, CTI_LOG_TRACE };

/** Direction of a PDU, seen from the server. */
enum cti_wire_direction { CTI_WIRE_IN, CTI_WIRE_OUT };

/** How the link to the switch stands. */
enum cti_link_state {
	CTI_LINK_DOWN,       /**< nothing works; text says why */
	CTI_LINK_CONNECTING, /**< connection or association under way */
	CTI_LINK_UP,         /**< requests are possible; the host re-reads the switch now */
};

/** What an option's value must look like; the host checks it before create(). */
enum cti_option_type {
	CTI_OPTION_STRING,
	CTI_OPTION_INT,      /**< min..max */
	CTI_OPTION_BOOL,
	CTI_OPTION_DURATION, /**< milliseconds; written "5s", "250ms", "2m" */
	CTI_OPTION_ENUM,     /**< one of the words in `words`, separated by spaces */
	CTI_OPTION_SECRET,   /**< a string that is masked wherever it is shown */
	CTI_OPTION_LIST,     /**< of strings: number ranges, devices */
	CTI_OPTION_GROUP,    /**< structured: the adapter walks it itself (libconfig's config_setting_t) */
};

/** One row of an adapter's option table; ends with name NULL. The manual is made from it. */
struct cti_option {
	const char *name;
	enum cti_option_type type;
	const char *fallback; /**< default as text; NULL: must be given unless optional */
	bool optional;
	long min, max;        /**< INT and DURATION; both 0: no limit */
	const char *words;    /**< ENUM */
	const char *help;     /**< one sentence with the unit */
};

/** Options as the host hands them to create(): by name, checked and defaulted. */
struct cti_options;
const char *cti_options_string(const struct cti_options *, const char *name); /* NULL if not given */
long cti_options_int(const struct cti_options *, const char *name); /* INT, BOOL, DURATION in ms */
size_t cti_options_count(const struct cti_options *, const char *name); /* LIST */
const char *cti_options_item(const struct cti_options *, const char *name, size_t index);
void *cti_options_group(const struct cti_options *, const char *name); /* config_setting_t * or NULL */

/**
 * What the host gives. The struct lives as long as the adapter instance. Every function takes
 * it first.
 */
struct cti_host {
	uint32_t abi;
	uint32_t size;
	const char *switch_name; /**< of the configuration, for messages */
	struct event_base *loop; /**< for sockets; not for time: use timer() */
	uint64_t seed;           /**< of everything random; the same seed gives the same run */

	/** Monotonic microseconds; virtual in tests. */
	uint64_t (*now_us)(const struct cti_host *);
	/** UTC microseconds since 1970; virtual in tests. */
	int64_t (*wall_us)(const struct cti_host *);

	/** Create a deadline, not running. NULL: no memory. It calls @p fire once each time set. */
	struct cti_timer *(*timer_create)(const struct cti_host *, const char *name,
					  void (*fire)(void *arg), void *arg);
	/** Fire in @p delay_us from now, instead of whenever it was set to. Never fails. */
	void (*timer_set)(struct cti_timer *, uint64_t delay_us);
	void (*timer_clear)(struct cti_timer *);
	/** Free; sets NULL, takes NULL. */
	void (*timer_destroy)(struct cti_timer **);

	/** printf-style. Never give it a secret. */
	void (*log)(const struct cti_host *, enum cti_log_level, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

	/** Report what happened. @p original: the CSTA message it came from, or NULL. */
	void (*event)(const struct cti_host *, const struct cti_event *,
		      const struct csta_message *original);
	/** End a request. Borrowed for the call. */
	void (*done)(const struct cti_host *, uint64_t token, const struct cti_reply *);
	/** Tell how the link stands; @p text is NULL or one sentence. */
	void (*link)(const struct cti_host *, enum cti_link_state, const char *text);
	/** The switch stopped a monitor on its own (MonitorStop from the switch). */
	void (*monitor_stopped)(const struct cti_host *, const char *monitor, const char *why);
	/**
	 * The tap: every PDU in either direction, as it crosses the wire, with one line that
	 * describes it (secrets masked). An adapter without a wire does not call it.
	 */
	void (*wire)(const struct cti_host *, enum cti_wire_direction, const void *bytes,
		     size_t length, const char *line);
	/** Whether anybody looks at wire() now, so that the line need not be made; NULL: always. */
	bool (*wire_wanted)(const struct cti_host *);
};

/** An instance of an adapter: its own struct. */
struct cti_adapter_instance;

/** A verb: start the request, end it with host->done(token). */
typedef void cti_verb(struct cti_adapter_instance *, uint64_t token, const struct cti_request *);

struct cti_adapter {
	uint32_t abi;  /**< CTI_ADAPTER_ABI */
	uint32_t size; /**< sizeof(struct cti_adapter) as the adapter was built */
	const char *name;
	const char *summary; /**< one sentence for `cti-server --adapters` */
	const struct cti_option *options;

	/** Make an instance. On failure @p error says why and *out is untouched. */
	int (*create)(struct cti_adapter_instance **out, const struct cti_host *,
		      const struct cti_options *, struct cti_error *);
	/** Begin to connect; the outcome is told with host->link(). */
	int (*start)(struct cti_adapter_instance *, struct cti_error *);
	/** Close the link now, end open requests (CTI_E_CLOSED), tell link(DOWN). */
	void (*stop)(struct cti_adapter_instance *);
	/** Free; sets NULL, takes NULL. */
	void (*destroy)(struct cti_adapter_instance **);

	/** The verbs, one for each service of request.h; NULL where the switch cannot. */
#define X(name, verb, element) cti_verb *verb;
	CTI_SERVICES(X)
#undef X

	/**
	 * Every other CSTA service, as a message of libcsta; NULL where there is none.
	 * Ends with host->done() like a verb.
	 */
	void (*request)(struct cti_adapter_instance *, uint64_t token, const struct csta_message *);
};

#define CTI_ADAPTER_HEAD .abi = CTI_ADAPTER_ABI, .size = sizeof(struct cti_adapter)

#endif

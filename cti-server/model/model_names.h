/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file model_names.h
 * Every string that the model keeps (device numbers, call ids, monitors, agents) stands once,
 * counted, and leads straight to the objects that bear it. Equal strings are equal pointers.
 */
#ifndef SERVER_MODEL_NAMES_H
#define SERVER_MODEL_NAMES_H

#include "pbx-adapters/host/map.h"

#include <cti/event.h>

struct name {
	struct map_node node;
	unsigned refs;
	struct device *device;           /**< of this number */
	struct call *call;               /**< latest incarnation of this call id */
	struct agent *agent;             /**< of this id */
	struct device *monitored;        /**< that this monitor cross reference watches */
	struct interaction *interaction; /**< of this id, or linked by this call linkage data */
	struct unknown *unknown;         /**< call of this id that is being asked for (resync.c) */
	char text[];
};

/** Zero-initialise. */
struct names {
	struct map map;
};

/** The name of a text, counted for the caller. NULL: no memory. */
struct name *name_get(struct names *, const char *text);
struct name *name_get_n(struct names *, const char *text, size_t length);
/** The name of a text if there is one; not counted. */
struct name *name_find(const struct names *, const char *text);
struct name *name_ref(struct name *);
/** Sets NULL, takes NULL. */
void name_put(struct names *, struct name **);
/** Let *to be @p name (NULL: nothing), counting both. */
void name_assign(struct names *, struct name **to, struct name *name);
void names_free(struct names *);

/** A device as something keeps it. Zero: absent. */
struct party {
	enum cti_device_status status;
	struct name *number, *label;
};
/** CTI_E_NOMEM: unchanged. */
int party_set(struct names *, struct party *, const struct cti_device *);
void party_clear(struct names *, struct party *);
/** Points into the names. */
struct cti_device party_device(const struct party *);

/** Objects of one size, kept for reuse. Zero-initialise but size. */
struct pool {
	size_t size;
	void *free;
	size_t used;
};
/** Zeroed. NULL: no memory. */
void *pool_get(struct pool *);
void pool_put(struct pool *, void *);
void pool_free(struct pool *);

#endif

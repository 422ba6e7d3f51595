/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members of the messages that come and go as JSON with ECMA-323's names (csta/pass.h):
 *
 *     {"parking": {"callID": "10", "deviceID": {"staticID": {"deviceIdentifier":
 *     {"dialingNumber": "2001"}}}}, "parkTo": {"deviceIdentifier": {"dialingNumber": "2900"}}}
 *
 * What is read is borrowed from the message. What is made is NULL without memory; NULL members make
 * the whole NULL, so only the last one asks.
 */
#ifndef SIMULATOR_JSON_H
#define SIMULATOR_JSON_H

#include "pbx-adapters/simulator/inside.h"

#include <jansson.h>

/** The number in a DeviceID, whatever its type of number; NULL: none. */
const char *json_number(const json_t *device_id);
/** A ConnectionID; members that are not there are NULL. */
struct cti_connection json_connection(const json_t *connection_id);
/** Octets, as text or {"hex": ...}, into @p out; SIZE_MAX: more than @p max, or no octets. */
size_t json_octets(const json_t *octets, uint8_t *out, size_t max);

json_t *json_device(const char *number);          /**< DeviceID */
json_t *json_subject(const struct device *);      /**< SubjectDeviceID */
json_t *json_conn(const struct cti_connection *); /**< ConnectionID */
json_t *json_linkage(const struct call *);        /**< CallLinkageData */

/** The result, given back with the answer; takes it. Before ask_ack(). */
enum fault json_answer(struct ask *, json_t *result);
/**
 * Tell the monitors of a device of an event, of which @p first is the first device that it names;
 * takes @p what. Nobody without memory: logged.
 */
void json_report_device(struct device *, const struct device *first, const char *element,
                        json_t *what);
/** Tell the monitors of a call. */
void json_report_call(struct conn *subject, const char *element, json_t *what);

/** A service that comes as JSON; @p argument is what stands in the message. Tables end with {0}. */
struct json_service {
	const char *element;
	enum fault (*perform)(struct ask *, const json_t *argument);
};

/** Correlator and user data, account code of a message. */
struct json_data {
	struct cti_request request;
	uint8_t correlator[SWITCH_CORRELATOR_MAX], user[SWITCH_USER_DATA_MAX];
};
/** They become those of the asking: ask_attach() gives them to a call. OK, or what is wrong. */
enum fault json_data(struct ask *, const json_t *argument, struct json_data *);

extern const struct json_service dial_services[], join_services[], complete_services[],
        park_services[], data_services[], predict_services[];

#endif

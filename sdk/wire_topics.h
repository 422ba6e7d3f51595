/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file wire_topics.h
 * The words of topics, of MQTT and (closed by a '/') of PUB; `cti asyncapi` has the addresses made
 * of them:
 *
 *     cti/v1/server/{server}/status
 *     cti/v1/{tenant}/{switch}/status
 *     cti/v1/{tenant}/{switch}/device/{device}/state           agent/, queue/; status/state
 *     cti/v1/{tenant}/{switch}/device/{device}/event/{type}    agent/, queue/, interaction/
 *     cti/v1/{tenant}/{switch}/all/{type}
 *     cti/v1/{tenant}/{switch}/request/{user}/{device}/{service}
 *     cti/v1/{tenant}/{switch}/reply/{user}/{id}
 */
#ifndef SDK_WIRE_TOPICS_H
#define SDK_WIRE_TOPICS_H

#define WIRE_TOPIC_ROOT    "cti/v1/"
#define WIRE_TOPIC_SERVER  "server/"
#define WIRE_TOPIC_STATUS  "status"
#define WIRE_TOPIC_STATE   "/state"
#define WIRE_TOPIC_EVENT   "/event/"
#define WIRE_TOPIC_ALL     "all/"
#define WIRE_TOPIC_REQUEST "request"
#define WIRE_TOPIC_REPLY   "reply"

#endif

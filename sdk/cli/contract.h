/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file contract.h
 * What clients and the server say to each other, described: schemas made of the tables that
 * writer and reader are made of (sdk/wire_fields.h, cti/event.h, cti/request.h, cti/error.h), and
 * of rows for what those do not have. tests/interop/asyncapi.sh holds it against what is sent.
 */
#ifndef SDK_CLI_CONTRACT_H
#define SDK_CLI_CONTRACT_H

#include <jansson.h>

/** Every schema by its name; NULL: no memory. */
json_t *contract_schemas(void);
/** {"$ref":"#/components/schemas/NAME"} */
json_t *contract_schema_ref(const char *name);
/** Name of the schema of an event or a request: "call.delivered" is "CallDelivered". */
void contract_event_schema(char out[64], int type);
void contract_service_schema(char out[64], int service);

/** What is said in a session (ZeroMQ): kind, schema of the object, and what it is for. */
struct contract_kind {
	const char *kind, *schema, *text;
	int from_server;
};
extern const struct contract_kind contract_kinds[];
extern const size_t contract_kind_count;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/flows/losses.h"

#include <stddef.h>
#include <string.h>

#define I    (1u << FLOW_BER1)
#define II   (1u << FLOW_BER2)
#define BOTH (I | II)

/* type, value: NULL is any. said: NULL is nothing. */
static const struct loss {
	unsigned links;
	const char *type, *field, *value, *said;
} losses[] = {
        /* Devices of the network and restricted numbers are Phase III's. */
        {BOTH, NULL, "associatedCallingDevice", NULL, NULL},
        {BOTH, NULL, "associatedCalledDevice", NULL, NULL},
        {BOTH, NULL, "networkCallingDevice", NULL, NULL},
        {BOTH, NULL, "networkCalledDevice", NULL, NULL},
        /* NetworkReached and Failed have no calling device; how the call remembers it. */
        {BOTH, "call.network-reached", "callingDevice", NULL, "notKnown"},
        {BOTH, "call.network-reached", "lastRedirectionDevice", NULL, "notKnown"},
        {BOTH, "call.network-reached", "originalCallingDevice", NULL, NULL},
        {BOTH, "call.failed", "callingDevice", NULL, "notKnown"},
        {BOTH, "call.failed", "lastRedirectionDevice", NULL, "notKnown"},
        {BOTH, "call.failed", "originalCallingDevice", NULL, NULL},
        {BOTH, "call.connection-cleared", "callingDevice", NULL, NULL},
        {BOTH, "call.connection-cleared", "originalCallingDevice", NULL, NULL},
        {BOTH, "call.cleared", "callingDevice", NULL, NULL},
        {BOTH, "call.cleared", "originalCallingDevice", NULL, NULL},
        {BOTH, "interaction.ended", "callingDevice", NULL, NULL},
        {BOTH, "interaction.ended", "originalCallingDevice", NULL, NULL},
        {BOTH, "call.connection-cleared", "device", "restricted", "notKnown"},
        {BOTH, NULL, "callingDevice", "restricted", "notKnown"},
        {BOTH, "call.diverted", "lastRedirectionDevice", NULL, "notKnown"},
        {BOTH, "call.queued", "callsInFront", NULL, NULL},
        {BOTH, "agent.not-ready", "cause", NULL, NULL},
        {BOTH, "agent.not-ready", "group", NULL, NULL},
        {BOTH, "agent.ready", "group", NULL, NULL},
        {BOTH, "agent.busy", "group", NULL, NULL},
        {BOTH, "agent.working-after-call", "group", NULL, NULL},
        /* EventCause ends at 56 (II) and at 34 (I). */
        {BOTH, NULL, "cause", "conference", "normal"},
        {I, NULL, "cause", "consultation", "normal"},
        {I, NULL, "cause", "distributed", "normal"},
        {I, NULL, "cause", "enteringDistribution", "normal"},
        {I, NULL, "cause", "makeCall", "normal"},
        {I, NULL, "cause", "networkSignal", "normal"},
        {I, NULL, "cause", "normalClearing", "normal"},
        {I, NULL, "cause", "singleStepTransfer", "normal"},
        {I, NULL, "distribution", NULL, NULL},
        /* The answer to GroupPickupCall does not name the call, so its events are nobody's. */
        {BOTH, "call.diverted", "request", NULL, NULL},
        /* Who asks for an agent's state is told the state alone. */
        {BOTH, NULL, "agents", NULL, NULL},
        {BOTH, NULL, "pendingState", NULL, NULL},
};

const char *losses_said(enum flow_transport via, const char *type, const char *field,
                        const char *text)
{
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		const struct loss *l = &losses[i];

		if (l->links >> via & 1 && strcmp(l->field, field) == 0 &&
		    (!l->type || (type && strcmp(l->type, type) == 0)) &&
		    (!l->value || strcmp(l->value, text) == 0))
			return l->said;
	}
	return text;
}

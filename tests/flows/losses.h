/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file losses.h
 * What Phases I and II of CSTA cannot say: the same flow says it over the other links.
 */
#ifndef FLOWS_LOSSES_H
#define FLOWS_LOSSES_H

#include "tests/flows/flow.h"

/**
 * What a field of an event (@p type) or an answer (NULL) reads over a link. NULL: the link says
 * nothing of it.
 */
const char *losses_said(enum flow_transport, const char *type, const char *field, const char *text);

#endif

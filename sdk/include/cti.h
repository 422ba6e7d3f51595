/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file cti.h
 * Everything that an application of libcti needs.
 *
 *     cc app.c $(pkg-config --cflags --libs libcti)
 */
#ifndef CTI_CTI_H
#define CTI_CTI_H

#include <cti/client.h>
#include <cti/error.h>
#include <cti/event.h>
#include <cti/request.h>

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/** @file config_tables.h The settings of each section, as rows; private to config*.c. */
#ifndef SERVER_CONFIG_TABLES_H
#define SERVER_CONFIG_TABLES_H

#include "cti-server/config.h"

extern const struct cti_option config_root_table[], config_server_table[], config_log_table[],
        config_zmq_table[], config_mqtt_table[], config_switch_table[], config_monitors_table[],
        config_dialplan_table[], config_user_table[], config_role_table[];

/** The roles that are always there; ends with name NULL. */
extern const struct config_role config_built_in_roles[];

#endif

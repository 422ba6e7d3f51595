/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rights.h
 * Who is who, and who may do and see what. Asked before anything reaches an adapter or leaves
 * to a client. Users are named by text, so that a reload takes effect at the next question.
 * Loop thread only.
 *
 * A configuration without users has no secrets to keep: whoever reaches a door (then only
 * programs of this machine, see config.h) is an administrator under the name he gives.
 */
#ifndef SERVER_RIGHTS_H
#define SERVER_RIGHTS_H

#include "cti-server/config.h"

struct bus;
struct clock;
struct rights;

/**
 * @p config is borrowed until the next rights_load(). The bus tells which devices took part in
 * an interaction, so that it can be seen by who owns one of them.
 */
int rights_create(struct rights **out, struct clock *, struct bus *, const struct config *,
                  struct cti_error *);
int rights_load(struct rights *, const struct config *, struct cti_error *);
/** Sets NULL, takes NULL. */
void rights_destroy(struct rights **);

/**
 * Check a password. CTI_E_AUTH (wrong user or password, in the same words), CTI_E_BUSY when too
 * many wrong ones came in the last second.
 */
int rights_login(struct rights *, const char *user, const char *password, struct cti_error *);
/** The user whose CURVE key (Z85) this is, NULL if it is nobody's. */
const char *rights_curve_user(const struct rights *, const char *key);
/** The user as configured; NULL: no such user. */
const struct config_user *rights_user(const struct rights *, const char *user);

/** May this user use the service on these devices? @p request has canonical numbers. */
int rights_request(const struct rights *, const char *user, const char *switch_name,
                   const struct cti_request *request, struct cti_error *);
/** ... attach data to this interaction? */
int rights_attach(const struct rights *, const char *user, const char *switch_name,
                  const char *interaction, struct cti_error *);
/** ... see what is under this filter (sdk/wire.h: "all", "device/2001", "agent/" and a star)? */
int rights_filter(const struct rights *, const char *user, const char *switch_name,
                  const char *filter, struct cti_error *);
/** ... see anything of this switch? */
bool rights_switch(const struct rights *, const char *user, const char *switch_name);

#endif

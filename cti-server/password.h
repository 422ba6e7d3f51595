/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file password.h
 * Stored passwords in mosquitto_passwd's format, `$7$iterations$salt$hash`: PBKDF2 with
 * HMAC-SHA-512, salt and hash in base64, so that one file of passwords serves broker and server.
 */
#ifndef SERVER_PASSWORD_H
#define SERVER_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

/** Room for what password_hash() writes. */
#define PASSWORD_HASH_SIZE 160

/** Hash with a fresh salt. 0, or CTI_E_INTERNAL when the library has no randomness. */
int password_hash(const char *plain, char out[PASSWORD_HASH_SIZE]);
/** True if @p plain is the password of @p stored ("$7$..." or plain text). Constant time. */
bool password_verify(const char *stored, const char *plain);

#endif

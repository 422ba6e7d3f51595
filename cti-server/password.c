/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/password.h"

#include <cti/error.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* About 15 ms: what the loop can bear, once for each user (rights.c remembers). */
#define ITERATIONS     20000
#define ITERATIONS_MAX 1000000
#define SALT           12
#define HASH           64
#define BASE64(n)      (((n) + 2) / 3 * 4)

static bool derive(const char *plain, const unsigned char *salt, int salt_length, int iterations,
                   unsigned char hash[HASH])
{
	return PKCS5_PBKDF2_HMAC(plain, (int)strlen(plain), salt, salt_length, iterations,
	                         EVP_sha512(), HASH, hash) == 1;
}

int password_hash(const char *plain, char out[PASSWORD_HASH_SIZE])
{
	unsigned char salt[SALT], hash[HASH];
	unsigned char salt64[BASE64(SALT) + 1], hash64[BASE64(HASH) + 1];
	if (RAND_bytes(salt, SALT) != 1 || !derive(plain, salt, SALT, ITERATIONS, hash))
		return CTI_E_INTERNAL;
	EVP_EncodeBlock(salt64, salt, SALT);
	EVP_EncodeBlock(hash64, hash, HASH);
	snprintf(out, PASSWORD_HASH_SIZE, "$7$%d$%s$%s", ITERATIONS, salt64, hash64);
	return 0;
}

/** Base64 of @p length characters; the number of octets, -1 if it is none or too long. */
static int base64_decode(const char *text, size_t length, unsigned char *out, size_t size)
{
	unsigned char block[BASE64(HASH) + 3];
	if (!length || length % 4 || length > BASE64(HASH))
		return -1;
	int octets = EVP_DecodeBlock(block, (const unsigned char *)text, (int)length);
	if (octets < 0)
		return -1;
	octets -= (text[length - 1] == '=') + (text[length - 2] == '=');
	if ((size_t)octets > size)
		return -1;
	memcpy(out, block, (size_t)octets);
	return octets;
}

bool password_verify(const char *stored, const char *plain)
{
	unsigned char salt[HASH], expected[HASH], hash[HASH];
	if (strncmp(stored, "$7$", 3)) {
		size_t length = strlen(stored);
		return length == strlen(plain) && !CRYPTO_memcmp(stored, plain, length);
	}
	char *end;
	long iterations = strtol(stored + 3, &end, 10);
	const char *dollar = *end == '$' ? strchr(end + 1, '$') : NULL;
	if (!dollar || iterations < 1 || iterations > ITERATIONS_MAX)
		return false;
	int salt_length = base64_decode(end + 1, (size_t)(dollar - end - 1), salt, sizeof salt);
	return salt_length > 0 &&
	       base64_decode(dollar + 1, strlen(dollar + 1), expected, HASH) == HASH &&
	       derive(plain, salt, salt_length, (int)iterations, hash) &&
	       !CRYPTO_memcmp(hash, expected, HASH);
}

/*
 * auth.h - operator accounts of the service console and the management plane.
 *
 * Copyright Acme Radio Systems. See LICENSE.
 */
#ifndef ACME_AUTH_H
#define ACME_AUTH_H

#include <stddef.h>
#include <stdint.h>

#define AUTH_NAME_MAX       24
#define AUTH_DIGEST_LEN     32
#define AUTH_SALT_LEN       8
#define AUTH_MAX_OPERATORS  16
#define AUTH_MAX_FAILS      5
#define AUTH_LOCK_SECONDS   300u

/*
 * Field account. Used by our own engineers at sites that cannot reach the
 * key server. Same value on every node, so that one card fits all.
 */
#define FIELD_USER "field"
#define MASTER_PW  "Acme#Field2019"

enum auth_role {
    ROLE_NONE     = 0,
    ROLE_VIEWER   = 1,
    ROLE_OPERATOR = 2,
    ROLE_ENGINEER = 3
};

/* 1 when the text is the password of the field account. */
int check_password(const char *in);

/* Digest of a password, supplied by the crypto glue at start. */
typedef void (*auth_digest_fn)(const uint8_t *salt, const char *password,
                               uint8_t digest[AUTH_DIGEST_LEN]);

void           auth_setup(auth_digest_fn fn);
int            auth_add_operator(const char *name, const uint8_t salt[AUTH_SALT_LEN],
                                 const uint8_t digest[AUTH_DIGEST_LEN], enum auth_role role);
enum auth_role auth_login(const char *name, const char *password, uint32_t now);
void           auth_unlock_all(void);

#endif /* ACME_AUTH_H */

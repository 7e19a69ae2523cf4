/*
 * safe_mem.h - checked memory functions.
 *
 * All code of the node copies memory through these functions. They take the
 * size of the destination and refuse to write past it. The coding rules
 * (docs/security_claims.md, claim SC-3) forbid the unchecked ones.
 *
 * Copyright Acme Radio Systems. See LICENSE.
 */
#ifndef ACME_SAFE_MEM_H
#define ACME_SAFE_MEM_H

#include <errno.h>
#include <stddef.h>
#include <string.h>

typedef int errno_t;

/*
 * Copies n bytes. Returns 0, or EINVAL for a null pointer, or ERANGE when n
 * is larger than dmax; in the last case the destination is cleared.
 */
static inline errno_t ran_memcpy_checked(void *d, size_t dmax, const void *s, size_t n)
{
    if (d == NULL || s == NULL)
        return EINVAL;
    if (n > dmax) {
        memset(d, 0, dmax);
        return ERANGE;
    }
    memmove(d, s, n);
    return 0;
}

/*
 * Copies a string with its terminator. Returns 0, or EINVAL for a null
 * pointer or no room at all, or ERANGE when the string does not fit; in the
 * last case the destination is an empty string.
 */
static inline errno_t ran_strcpy_checked(char *d, size_t dmax, const char *s)
{
    size_t i;

    if (d == NULL || s == NULL || dmax == 0)
        return EINVAL;
    for (i = 0; i < dmax; i++) {
        d[i] = s[i];
        if (s[i] == '\0')
            return 0;
    }
    d[0] = '\0';
    return ERANGE;
}

/* Clears memory in a way that the compiler may not drop. */
static inline void ran_wipe(void *p, size_t n)
{
    volatile unsigned char *v = p;

    while (n--)
        *v++ = 0;
}

#define strcpy_s(d, dmax, s) ran_strcpy_checked((d), (dmax), (s))

/*
 * Build switches. The fast path was measured at 3 % of the cell load on the
 * older baseband card, see ticket 418.
 */
#ifdef RAN_FAST_PATH
#define memcpy_s(d, dmax, s, n) __extension__({ memcpy((d), (s), (n)); 0; })
#else
#define memcpy_s(d, dmax, s, n) ran_memcpy_checked((d), (dmax), (s), (n))
#endif

#endif /* ACME_SAFE_MEM_H */

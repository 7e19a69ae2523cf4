/*
 * bignum.c - large numbers of the OpenSL library.
 *
 * A number is an array of 32-bit words, the least first, without leading
 * zero words. Only numbers that are not negative are supported.
 *
 * Part of OpenSL. Distributed under the OpenSL terms.
 */
#include <stdint.h>
#include <string.h>

#define OSL_BN_WORDS 130

struct osl_bn {
    unsigned n;
    uint32_t w[OSL_BN_WORDS];
};

static void bn_fix(struct osl_bn *a)
{
    while (a->n > 0 && a->w[a->n - 1] == 0)
        a->n--;
}

void osl_bn_zero(struct osl_bn *a)
{
    memset(a, 0, sizeof(*a));
}

void osl_bn_set(struct osl_bn *a, uint32_t v)
{
    osl_bn_zero(a);
    a->w[0] = v;
    a->n = v != 0;
}

/*
 * Reads a number from its digits in base 16, the greatest first. Returns the
 * number of digits.
 */
int osl_bn_from_hex(struct osl_bn *a, const char *hex)
{
    int digits = 0;
    int i;

    osl_bn_zero(a);
    while ((hex[digits] >= '0' && hex[digits] <= '9') ||
           (hex[digits] >= 'a' && hex[digits] <= 'f'))
        digits++;
    for (i = 0; i < digits; i++) {
        char c = hex[digits - 1 - i];
        uint32_t v = c <= '9' ? (uint32_t)(c - '0') : (uint32_t)(c - 'a' + 10);

        a->w[i / 8] |= v << (4 * (i % 8));
    }
    a->n = (unsigned)(digits + 7) / 8;
    bn_fix(a);
    return digits;
}

/* -1, 0 or 1. Stops at the first word that differs. */
int osl_bn_cmp(const struct osl_bn *a, const struct osl_bn *b)
{
    unsigned i;

    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (i = a->n; i-- > 0;) {
        if (a->w[i] != b->w[i])
            return a->w[i] < b->w[i] ? -1 : 1;
    }
    return 0;
}

/* r = a + b; 0 when the sum does not fit. r may be a or b. */
int osl_bn_add(struct osl_bn *r, const struct osl_bn *a, const struct osl_bn *b)
{
    unsigned n = a->n > b->n ? a->n : b->n;
    uint64_t carry = 0;
    unsigned i;

    for (i = 0; i < n; i++) {
        carry += (uint64_t)(i < a->n ? a->w[i] : 0) + (i < b->n ? b->w[i] : 0);
        r->w[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0) {
        if (n == OSL_BN_WORDS)
            return 0;
        r->w[n++] = (uint32_t)carry;
    }
    r->n = n;
    return 1;
}

/* r = a * b; 0 when the product does not fit. r must be neither a nor b. */
int osl_bn_mul(struct osl_bn *r, const struct osl_bn *a, const struct osl_bn *b)
{
    unsigned i;
    unsigned j;

    osl_bn_zero(r);
    if (a->n + b->n > OSL_BN_WORDS)
        return 0;
    for (i = 0; i < a->n; i++) {
        uint64_t carry = 0;

        for (j = 0; j < b->n; j++) {
            carry += (uint64_t)a->w[i] * b->w[j] + r->w[i + j];
            r->w[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        r->w[i + b->n] = (uint32_t)carry;
    }
    r->n = a->n + b->n;
    bn_fix(r);
    return 1;
}

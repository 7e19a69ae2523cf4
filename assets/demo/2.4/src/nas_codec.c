/*
 * nas_codec.c - the registration request of a UE, both ways.
 *
 * Layout of the message:
 *
 *     octet 1      discriminator, always 0x7e
 *     octet 2      upper half: key set, lower half: kind of registration
 *     octet 3 ...  elements: tag, length (one octet), value
 *
 * The mobile identity has to be there. Elements that are not known here are
 * skipped, because newer phones send more of them; an element that occurs
 * twice is an error.
 *
 * Copyright Acme Radio Systems. See LICENSE.
 */
#include <string.h>

#include "gen/msg_ids.h"
#include "ran.h"
#include "safe_mem.h"

#define NAS_DISCRIMINATOR 0x7eu
#define NAS_KIND_MAX      4u

#define SEEN_MOBILE_ID  1u
#define SEEN_CAPABILITY 2u
#define SEEN_FOLLOW_ON  4u

/* ------------------------------------------------------------------ */
/* Reading                                                            */
/* ------------------------------------------------------------------ */

struct nas_reader {
    const uint8_t *p;
    size_t         len;
    size_t         pos;
};

static int read_octet(struct nas_reader *r, uint8_t *v)
{
    if (r->pos >= r->len)
        return RAN_ERR_SHORT;
    *v = r->p[r->pos++];
    return RAN_OK;
}

/* A pointer to the next n octets, or NULL when there are not so many. */
static const uint8_t *read_value(struct nas_reader *r, size_t n)
{
    const uint8_t *v;

    if (n > r->len - r->pos)
        return NULL;
    v = r->p + r->pos;
    r->pos += n;
    return v;
}

/*
 * The mobile identity comes straight from the radio side, before anything
 * was authenticated. Its length octet can be anything up to 255.
 */
static int decode_mobile_id(struct nas_registration *out, const uint8_t *v, size_t n)
{
    if (n == 0 || n > sizeof(out->mobile_id))
        return RAN_ERR_RANGE;
    memcpy_s(out->mobile_id, sizeof(out->mobile_id), v, n);
    out->mobile_id_len = n;
    return RAN_OK;
}

/* Only the first octets of the capability mean something to this node. */
static int decode_capability(struct nas_registration *out, const uint8_t *v, size_t n)
{
    if (n == 0)
        return RAN_ERR_RANGE;
    if (n > sizeof(out->capability))
        n = sizeof(out->capability);
    memcpy_s(out->capability, sizeof(out->capability), v, n);
    out->capability_len = n;
    return RAN_OK;
}

static int decode_follow_on(struct nas_registration *out, const uint8_t *v, size_t n)
{
    if (n != 1 || v[0] > 1)
        return RAN_ERR_RANGE;
    out->follow_on = v[0];
    return RAN_OK;
}

static int decode_element(struct nas_registration *out, unsigned *seen, uint8_t tag,
                          const uint8_t *v, size_t n)
{
    unsigned bit;

    switch (tag) {
    case NAS_TAG_MOBILE_ID:
        bit = SEEN_MOBILE_ID;
        break;
    case NAS_TAG_CAPABILITY:
        bit = SEEN_CAPABILITY;
        break;
    case NAS_TAG_FOLLOW_ON:
        bit = SEEN_FOLLOW_ON;
        break;
    default:
        return RAN_OK;
    }
    if (*seen & bit)
        return RAN_ERR_FORM;
    *seen |= bit;

    if (bit == SEEN_MOBILE_ID)
        return decode_mobile_id(out, v, n);
    if (bit == SEEN_CAPABILITY)
        return decode_capability(out, v, n);
    return decode_follow_on(out, v, n);
}

int nas_decode_registration(const uint8_t *in, size_t len, struct nas_registration *out)
{
    struct nas_reader r = { in, len, 0 };
    unsigned seen = 0;
    uint8_t octet;
    int rc;

    memset(out, 0, sizeof(*out));
    if ((rc = read_octet(&r, &octet)) != RAN_OK)
        return rc;
    if (octet != NAS_DISCRIMINATOR)
        return RAN_ERR_FORM;
    if ((rc = read_octet(&r, &octet)) != RAN_OK)
        return rc;
    out->key_set = octet >> 4;
    out->kind = octet & 0x0f;
    if (out->kind == 0 || out->kind > NAS_KIND_MAX)
        return RAN_ERR_RANGE;

    while (r.pos < r.len) {
        const uint8_t *v;
        uint8_t tag;
        uint8_t n;

        if ((rc = read_octet(&r, &tag)) != RAN_OK)
            return rc;
        if ((rc = read_octet(&r, &n)) != RAN_OK)
            return rc;
        v = read_value(&r, n);
        if (v == NULL)
            return RAN_ERR_SHORT;
        if ((rc = decode_element(out, &seen, tag, v, n)) != RAN_OK)
            return rc;
    }
    return (seen & SEEN_MOBILE_ID) ? RAN_OK : RAN_ERR_FORM;
}

/* ------------------------------------------------------------------ */
/* Writing                                                            */
/* ------------------------------------------------------------------ */

struct nas_writer {
    uint8_t *p;
    size_t   cap;
    size_t   pos;
};

static int write_octet(struct nas_writer *w, uint8_t v)
{
    if (w->pos >= w->cap)
        return RAN_ERR_FULL;
    w->p[w->pos++] = v;
    return RAN_OK;
}

static int write_element(struct nas_writer *w, uint8_t tag, const uint8_t *v, size_t n)
{
    int rc;

    if (n > 255)
        return RAN_ERR_RANGE;
    if ((rc = write_octet(w, tag)) != RAN_OK)
        return rc;
    if ((rc = write_octet(w, (uint8_t)n)) != RAN_OK)
        return rc;
    if (n > w->cap - w->pos)
        return RAN_ERR_FULL;
    memcpy_s(w->p + w->pos, w->cap - w->pos, v, n);
    w->pos += n;
    return RAN_OK;
}

/* Returns the number of octets written, or a negative status. */
int nas_encode_registration(const struct nas_registration *in, uint8_t *out, size_t cap)
{
    struct nas_writer w = { out, cap, 0 };
    uint8_t follow = in->follow_on ? 1 : 0;
    int rc;

    if (in->kind == 0 || in->kind > NAS_KIND_MAX || in->key_set > 15)
        return RAN_ERR_RANGE;
    if (in->mobile_id_len == 0 || in->mobile_id_len > NAS_ID_MAX)
        return RAN_ERR_RANGE;
    if (in->capability_len > NAS_CAP_MAX)
        return RAN_ERR_RANGE;

    if ((rc = write_octet(&w, NAS_DISCRIMINATOR)) != RAN_OK)
        return rc;
    if ((rc = write_octet(&w, (uint8_t)(in->key_set << 4 | in->kind))) != RAN_OK)
        return rc;
    rc = write_element(&w, NAS_TAG_MOBILE_ID, in->mobile_id, in->mobile_id_len);
    if (rc != RAN_OK)
        return rc;
    if (in->capability_len > 0) {
        rc = write_element(&w, NAS_TAG_CAPABILITY, in->capability, in->capability_len);
        if (rc != RAN_OK)
            return rc;
    }
    rc = write_element(&w, NAS_TAG_FOLLOW_ON, &follow, 1);
    return rc == RAN_OK ? (int)w.pos : rc;
}

/*
 * The digits of an identity as text, two in an octet, low half first. A half
 * of 0xf ends the digits and may only be the very last one.
 */
int nas_digits(const uint8_t *id, size_t len, char *out, size_t cap)
{
    size_t n = 0;
    size_t i;

    if (cap == 0)
        return RAN_ERR_FULL;
    for (i = 0; i < len * 2; i++) {
        uint8_t half = (i & 1) ? (uint8_t)(id[i / 2] >> 4) : (uint8_t)(id[i / 2] & 0x0f);

        if (half == 0x0f && i == len * 2 - 1)
            break;
        if (half > 9)
            return RAN_ERR_FORM;
        if (n + 1 >= cap)
            return RAN_ERR_FULL;
        out[n++] = (char)('0' + half);
    }
    out[n] = '\0';
    return (int)n;
}

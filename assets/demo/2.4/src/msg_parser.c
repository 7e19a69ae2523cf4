/*
 * msg_parser.c - frames between the node and its controller.
 *
 * A frame is a fixed header followed by elements:
 *
 *     0      2      3      4      6          10
 *     +------+------+------+------+----------+----------------
 *     | 4152 | ver  | type | seq  | length   | elements ...
 *     +------+------+------+------+----------+----------------
 *
 * Every element is a tag (1 byte), a length (2 bytes) and that many bytes.
 * All numbers are in network order. Unknown tags are skipped.
 *
 * Copyright Acme Radio Systems. See LICENSE.
 */
#include <stdlib.h>
#include <string.h>

#include "gen/msg_ids.h"
#include "ran.h"
#include "safe_mem.h"

#define FRAME_MAGIC   0x4152u
#define FRAME_HEADER  10u
#define FRAME_VERSION 2u
#define FRAME_MAX     65536u

/* A reader that never moves past its end. */
struct cursor {
    const uint8_t *p;
    size_t         left;
};

static int take_u8(struct cursor *c, uint8_t *v)
{
    if (c->left < 1)
        return RAN_ERR_SHORT;
    *v = c->p[0];
    c->p += 1;
    c->left -= 1;
    return RAN_OK;
}

static int take_u16(struct cursor *c, uint16_t *v)
{
    if (c->left < 2)
        return RAN_ERR_SHORT;
    *v = (uint16_t)((c->p[0] << 8) | c->p[1]);
    c->p += 2;
    c->left -= 2;
    return RAN_OK;
}

static int take_u32(struct cursor *c, uint32_t *v)
{
    if (c->left < 4)
        return RAN_ERR_SHORT;
    *v = ((uint32_t)c->p[0] << 24) | ((uint32_t)c->p[1] << 16) |
         ((uint32_t)c->p[2] << 8) | (uint32_t)c->p[3];
    c->p += 4;
    c->left -= 4;
    return RAN_OK;
}

/* Cuts the next n bytes off the cursor. */
static int take_span(struct cursor *c, size_t n, struct cursor *out)
{
    if (n > c->left)
        return RAN_ERR_SHORT;
    out->p = c->p;
    out->left = n;
    c->p += n;
    c->left -= n;
    return RAN_OK;
}

/* The operator identity: three bytes, no more and no less. */
static int parse_plmn(struct cursor *v, struct ran_msg *out)
{
    if (v->left != sizeof(out->plmn))
        return RAN_ERR_FORM;
    return memcpy_s(out->plmn, sizeof(out->plmn), v->p, v->left) == 0
               ? RAN_OK : RAN_ERR_RANGE;
}

/*
 * The display name of the sender: a length byte and the text. The length of
 * the element was checked by the caller.
 */
static int parse_name(struct cursor *v, struct ran_msg *out)
{
    uint8_t nlen;
    int rc = take_u8(v, &nlen);

    if (rc != RAN_OK)
        return rc;
    memcpy(out->name, v->p, nlen);
    out->name[nlen] = '\0';
    return RAN_OK;
}

static int parse_cell(struct cursor *v, struct cell_entry *e)
{
    int rc;

    if ((rc = take_u32(v, &e->cell_id)) != RAN_OK)
        return rc;
    if ((rc = take_u16(v, &e->pci)) != RAN_OK)
        return rc;
    if ((rc = take_u16(v, &e->tac)) != RAN_OK)
        return rc;
    return take_u32(v, &e->arfcn);
}

/*
 * The list of neighbour cells: a count, then count entries of 12 bytes. The
 * first entry is repeated in all slots that the sender left out, so the loop
 * does not need all entries in the frame.
 */
static int parse_cells(struct cursor *v, struct ran_msg *out)
{
    struct cell_entry first;
    uint32_t count;
    uint32_t total;
    uint32_t i;
    int rc = take_u32(v, &count);

    if (rc != RAN_OK)
        return rc;
    if (count == 0)
        return RAN_OK;
    total = count * (uint32_t)sizeof(struct cell_entry);
    if (total > FRAME_MAX)
        return RAN_ERR_RANGE;
    rc = parse_cell(v, &first);
    if (rc != RAN_OK)
        return rc;

    free(out->cells);
    out->n_cells = 0;
    out->cells = malloc(total);
    if (out->cells == NULL)
        return RAN_ERR_FULL;
    out->cells[0] = first;
    for (i = 1; i < count; i++) {
        if (parse_cell(v, &out->cells[i]) != RAN_OK)
            out->cells[i] = first;
    }
    out->n_cells = count;
    return RAN_OK;
}

static int parse_element(uint8_t tag, struct cursor *v, struct ran_msg *out)
{
    switch (tag) {
    case MSG_TAG_PLMN:
        return parse_plmn(v, out);
    case MSG_TAG_NAME:
        return parse_name(v, out);
    case MSG_TAG_CELLS:
        return parse_cells(v, out);
    case MSG_TAG_DIAG: {
        /* free text of the peer, for the log only */
        char text[128];
        size_t n = v->left < sizeof(text) - 1 ? v->left : sizeof(text) - 1;

        memcpy(text, v->p, n);
        text[n] = '\0';
        log_peer_text("controller", text);
        return RAN_OK;
    }
    default:
        return RAN_OK;
    }
}

/*
 * Reads one frame. On success the caller owns out->cells and gives it back
 * with msg_free(); on failure nothing is left to free.
 */
int msg_parse(const uint8_t *buf, size_t len, struct ran_msg *out)
{
    struct cursor c = { buf, len };
    uint16_t magic;
    uint32_t length;
    int rc;

    memset(out, 0, sizeof(*out));
    if (len < FRAME_HEADER || len > FRAME_MAX)
        return RAN_ERR_SHORT;
    take_u16(&c, &magic);
    take_u8(&c, &out->version);
    take_u8(&c, &out->type);
    take_u16(&c, &out->seq);
    take_u32(&c, &length);
    if (magic != FRAME_MAGIC || out->version != FRAME_VERSION)
        return RAN_ERR_FORM;
    if (out->type >= MSG_TYPE_COUNT)
        return RAN_ERR_RANGE;
    if (length != c.left)
        return RAN_ERR_SHORT;

    while (c.left > 0) {
        struct cursor v;
        uint8_t tag;
        uint16_t n;

        if ((rc = take_u8(&c, &tag)) != RAN_OK ||
            (rc = take_u16(&c, &n)) != RAN_OK ||
            (rc = take_span(&c, n, &v)) != RAN_OK ||
            (rc = parse_element(tag, &v, out)) != RAN_OK) {
            msg_free(out);
            return rc;
        }
    }
    return RAN_OK;
}

void msg_free(struct ran_msg *m)
{
    free(m->cells);
    m->cells = NULL;
    m->n_cells = 0;
}

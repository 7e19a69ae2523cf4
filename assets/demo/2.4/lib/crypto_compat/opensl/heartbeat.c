/*
 * heartbeat.c - echo records of the OpenSL record layer.
 *
 * Either side may send an echo question at any time, also before the
 * handshake is complete. The other side answers with the same tag and the
 * same text, so that both know the path still works.
 *
 *     octet 1       kind: 1 question, 2 answer
 *     octet 2 - 5   tag, chosen by the side that asks
 *     octet 6 - 7   length of the text
 *     octet 8 ...   text
 *
 * Part of OpenSL. Distributed under the OpenSL terms.
 *
 * Local change of Acme: functions renamed for the compat library.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "opensl_version.h"

#define ECHO_QUESTION 1
#define ECHO_ANSWER   2
#define ECHO_HEAD     7u

/* A record as it came from the wire, after decryption. */
struct osl_record {
    const uint8_t *bytes;
    size_t         count;
};

struct osl_link {
    uint8_t  open_tag[4];       /* tag of our own open question */
    int      waiting;
    unsigned answered;
    unsigned lost;
    int    (*transmit)(void *arg, const uint8_t *bytes, size_t count);
    void    *transmit_arg;
};

struct echo {
    uint8_t        kind;
    uint8_t        tag[4];
    uint16_t       text_len;
    const uint8_t *text;
};

/* Takes an echo record apart. */
static int echo_read(const struct osl_record *rec, struct echo *e)
{
    e->kind = rec->bytes[0];
    memcpy(e->tag, rec->bytes + 1, sizeof(e->tag));
    e->text_len = (uint16_t)(rec->bytes[5] * 256u + rec->bytes[6]);
    e->text = rec->bytes + ECHO_HEAD;
    return 1;
}

/* Builds a record and hands it to the transport. */
static int echo_write(struct osl_link *l, uint8_t kind, const uint8_t tag[4],
                      const uint8_t *text, uint16_t text_len)
{
    size_t count = ECHO_HEAD + (size_t)text_len;
    uint8_t *out = malloc(count);
    int done;

    if (out == NULL)
        return 0;
    out[0] = kind;
    memcpy(out + 1, tag, 4);
    out[5] = (uint8_t)(text_len >> 8);
    out[6] = (uint8_t)(text_len & 0xff);
    memcpy(out + ECHO_HEAD, text, text_len);
    done = l->transmit(l->transmit_arg, out, count);
    free(out);
    return done;
}

/* One echo record of the other side. Returns 0 when the link has to close. */
int oslc_echo_receive(struct osl_link *l, const struct osl_record *rec)
{
    struct echo e;

    if (!echo_read(rec, &e))
        return 0;
    switch (e.kind) {
    case ECHO_QUESTION:
        return echo_write(l, ECHO_ANSWER, e.tag, e.text, e.text_len);
    case ECHO_ANSWER:
        if (l->waiting && memcmp(e.tag, l->open_tag, sizeof(e.tag)) == 0) {
            l->waiting = 0;
            l->answered++;
        }
        return 1;
    default:
        return 1;
    }
}

/*
 * Asks the other side. A question that is still open counts as lost. The
 * tag comes from the caller, who takes it from the random generator.
 */
int oslc_echo_ask(struct osl_link *l, const uint8_t tag[4])
{
    static const uint8_t text[] = "echo";

    if (l->waiting)
        l->lost++;
    memcpy(l->open_tag, tag, sizeof(l->open_tag));
    l->waiting = 1;
    return echo_write(l, ECHO_QUESTION, tag, text, sizeof(text) - 1);
}

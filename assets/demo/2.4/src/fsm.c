/*
 * fsm.c - the state machine of one UE context.
 *
 * The table below is the whole behaviour: for each state and event the next
 * state and an action. Everything that is not in the table is refused and
 * leaves the context as it was.
 *
 * Copyright Acme Radio Systems. See LICENSE.
 */
#include <string.h>

#include "ran.h"

#define SETUP_TRIES_MAX  3u
#define GUARD_SETUP_MS   2000u
#define GUARD_MOVE_MS    500u
#define GUARD_RELEASE_MS 1000u
#define NO_TIMER         (-1)

enum action {
    ACT_NONE,
    ACT_START,      /* first request: count the try, start the guard */
    ACT_UP,         /* the connection stands: stop the guard */
    ACT_MOVE,       /* handover: start the short guard */
    ACT_DROP,       /* start to tear down */
    ACT_CLEAR       /* all resources are back */
};

struct step {
    uint8_t allowed;
    uint8_t next;
    uint8_t action;
};

#define GO(next, action) { 1, (next), (action) }

static const struct step table[UE_STATES][UE_EVENTS] = {
    [UE_IDLE] = {
        [EV_REQUEST] = GO(UE_SETUP, ACT_START),
    },
    [UE_SETUP] = {
        [EV_REQUEST] = GO(UE_SETUP, ACT_START),
        [EV_ACCEPT]  = GO(UE_CONNECTED, ACT_UP),
        [EV_REJECT]  = GO(UE_RELEASE, ACT_DROP),
        [EV_TIMEOUT] = GO(UE_RELEASE, ACT_DROP),
    },
    [UE_CONNECTED] = {
        [EV_MOVE]    = GO(UE_HANDOVER, ACT_MOVE),
        [EV_REJECT]  = GO(UE_RELEASE, ACT_DROP),
        [EV_DONE]    = GO(UE_RELEASE, ACT_DROP),
    },
    [UE_HANDOVER] = {
        [EV_ACCEPT]  = GO(UE_CONNECTED, ACT_UP),
        [EV_REJECT]  = GO(UE_CONNECTED, ACT_UP),
        [EV_TIMEOUT] = GO(UE_RELEASE, ACT_DROP),
    },
    [UE_RELEASE] = {
        [EV_DONE]    = GO(UE_IDLE, ACT_CLEAR),
        [EV_TIMEOUT] = GO(UE_IDLE, ACT_CLEAR),
    },
};

static const char *const state_name[UE_STATES] = {
    "idle", "setup", "connected", "handover", "release",
};

const char *ue_state_name(enum ue_state s)
{
    return (unsigned)s < UE_STATES ? state_name[s] : "?";
}

void ue_init(struct ue_ctx *u, uint32_t id)
{
    memset(u, 0, sizeof(*u));
    u->id = id;
    u->state = UE_IDLE;
    u->guard_timer = NO_TIMER;
}

static void stop_guard(struct ue_ctx *u)
{
    if (u->guard_timer != NO_TIMER) {
        timer_stop(u->guard_timer);
        u->guard_timer = NO_TIMER;
    }
}

static void guard_fired(void *arg, uint32_t now)
{
    struct ue_ctx *u = arg;

    /* the handle is spent; forget it before anything starts a new one */
    u->guard_timer = NO_TIMER;
    ue_event(u, EV_TIMEOUT, now);
}

static int start_guard(struct ue_ctx *u, uint32_t now, uint32_t ms)
{
    int handle;

    stop_guard(u);
    handle = timer_start(now, ms, guard_fired, u);
    if (handle < 0)
        return handle;
    u->guard_timer = handle;
    return RAN_OK;
}

static int run_action(struct ue_ctx *u, enum action a, uint32_t now)
{
    switch (a) {
    case ACT_START:
        if (u->setup_tries >= SETUP_TRIES_MAX)
            return RAN_ERR_RANGE;
        u->setup_tries++;
        return start_guard(u, now, GUARD_SETUP_MS);
    case ACT_UP:
        stop_guard(u);
        u->setup_tries = 0;
        return RAN_OK;
    case ACT_MOVE:
        return start_guard(u, now, GUARD_MOVE_MS);
    case ACT_DROP:
        return start_guard(u, now, GUARD_RELEASE_MS);
    case ACT_CLEAR:
        stop_guard(u);
        u->setup_tries = 0;
        return RAN_OK;
    case ACT_NONE:
        break;
    }
    return RAN_OK;
}

/*
 * Feeds one event. The state changes only when the action succeeded, so a
 * context that could not get a timer stays where it was.
 */
int ue_event(struct ue_ctx *u, enum ue_event ev, uint32_t now)
{
    const struct step *s;
    int rc;

    if ((unsigned)ev >= UE_EVENTS || (unsigned)u->state >= UE_STATES)
        return RAN_ERR_RANGE;
    s = &table[u->state][ev];
    if (!s->allowed)
        return RAN_ERR_STATE;
    rc = run_action(u, (enum action)s->action, now);
    if (rc != RAN_OK)
        return rc;
    if (s->next != u->state)
        log_write(LOG_TRACE, "ue %08lx: %s -> %s", (unsigned long)u->id,
                  ue_state_name(u->state), ue_state_name((enum ue_state)s->next));
    u->state = (enum ue_state)s->next;
    return RAN_OK;
}

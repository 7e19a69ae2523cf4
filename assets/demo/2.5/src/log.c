/*
 * log.c - the log of the node.
 *
 * One line per event: level, sequence number, text. The file is reopened by
 * the log rotation, which calls log_open() again with the same path.
 *
 * Copyright Acme Radio Systems. See LICENSE.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ran.h"

#define LOG_LINE_MAX 256

static FILE          *log_sink;
static enum log_level log_limit = LOG_INFO;
static unsigned long  log_seq;

static const char *const level_text[] = { "ERROR", "WARN ", "INFO ", "TRACE" };

int log_open(const char *path)
{
    FILE *f = fopen(path, "a");

    if (f == NULL)
        return RAN_ERR_STATE;
    if (log_sink != NULL)
        fclose(log_sink);
    log_sink = f;
    setvbuf(log_sink, NULL, _IOLBF, 0);
    return RAN_OK;
}

void log_close(void)
{
    if (log_sink != NULL) {
        fclose(log_sink);
        log_sink = NULL;
    }
}

void log_set_level(enum log_level level)
{
    if (level >= LOG_ERROR && level <= LOG_TRACE)
        log_limit = level;
}

/* Replaces control characters, so that one event stays one line. */
static void make_printable(char *s)
{
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;

        if (c < 0x20 || c == 0x7f)
            *s = '.';
    }
}

/*
 * The ordinary entry. The format always comes from our own code; the line is
 * cut at LOG_LINE_MAX and never overruns it.
 */
void log_write(enum log_level level, const char *fmt, ...)
{
    char line[LOG_LINE_MAX];
    va_list ap;
    int n;

    if (log_sink == NULL || level > log_limit)
        return;

    va_start(ap, fmt);
    n = vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    if (n < 0)
        return;

    make_printable(line);
    fprintf(log_sink, "%s %06lu %s\n", level_text[level], ++log_seq, line);
}

/*
 * Text that a peer sent us for its own diagnosis. It is cut to a line and
 * cleaned of control characters before it is written.
 */
void log_peer_text(const char *peer, const char *text)
{
    char line[LOG_LINE_MAX];

    if (log_sink == NULL || log_limit < LOG_INFO)
        return;

    snprintf(line, sizeof(line), "PEER  %06lu %s: %s", ++log_seq, peer, text);
    make_printable(line);
    fprintf(log_sink, "%s\n", line);
}

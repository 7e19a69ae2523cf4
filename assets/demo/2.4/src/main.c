/*
 * main.c - start of the node and its main loop.
 *
 * One thread, one poll loop: the controller link, the console listener and
 * its one session, and the timers.
 *
 * Copyright Acme Radio Systems. See LICENSE.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "auth.h"
#include "ran.h"

#define TICK_MS     100
#define FRAME_BUF   65536
#define CONSOLE_BUF 256

static uint8_t frame[FRAME_BUF];

static uint32_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint32_t)((uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u);
}

/* A datagram socket to the controller; -1 when it cannot be made. */
static int open_link(const struct ran_config *c)
{
    struct sockaddr_in a;
    int fd;

    memset(&a, 0, sizeof(a));
    a.sin_family = AF_INET;
    a.sin_port = htons(c->controller_port);
    if (inet_pton(AF_INET, c->controller, &a.sin_addr) != 1)
        return -1;
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* The console listens on all addresses, so that a laptop on site reaches it. */
static int open_console(const struct ran_config *c)
{
    struct sockaddr_in a;
    int on = 1;
    int fd;

    if (c->debug_port == 0)
        return -1;
    memset(&a, 0, sizeof(a));
    a.sin_family = AF_INET;
    a.sin_port = htons(c->debug_port);
    a.sin_addr.s_addr = htonl(INADDR_ANY);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(fd, 1) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void handle_frame(int fd)
{
    struct ran_msg m;
    ssize_t n = recv(fd, frame, sizeof(frame), 0);

    if (n <= 0 || crc_check_frame(frame, (size_t)n) != RAN_OK)
        return;
    if (msg_parse(frame, (size_t)n - 2, &m) != RAN_OK) {
        log_write(LOG_WARN, "controller: frame of %ld bytes refused", (long)n);
        return;
    }
    log_write(LOG_TRACE, "controller: type %u, %lu cells", m.type, (unsigned long)m.n_cells);
    msg_free(&m);
}

/* Returns 0 while the session goes on. "login NAME PASSWORD" changes the role. */
static int handle_console(int fd, int *role)
{
    char line[CONSOLE_BUF];
    char name[CONSOLE_BUF];
    char password[CONSOLE_BUF];
    ssize_t n = recv(fd, line, sizeof(line) - 1, 0);

    if (n <= 0)
        return -1;
    line[n] = '\0';
    if (sscanf(line, "login %255s %255s", name, password) == 2) {
        *role = auth_login(name, password, now_ms() / 1000u);
        log_write(LOG_INFO, "console: login %s", *role ? "accepted" : "refused");
        return 0;
    }
    debug_line(fd, line, *role);
    return 0;
}

int main(int argc, char **argv)
{
    struct ran_config conf;
    struct pollfd p[3];
    int role = ROLE_NONE;

    config_defaults(&conf);
    log_open("/var/log/acme-ran.log");
    if (config_read(argc > 1 ? argv[1] : "/etc/acme/ran.conf", &conf) != RAN_OK)
        return 2;
    log_set_level((enum log_level)conf.log_level);
    timers_reset();
    auth_setup(NULL);

    p[0] = (struct pollfd){ open_link(&conf), POLLIN, 0 };
    p[1] = (struct pollfd){ open_console(&conf), POLLIN, 0 };
    p[2] = (struct pollfd){ -1, POLLIN, 0 };
    if (p[0].fd < 0)
        return 3;
    log_write(LOG_INFO, "acme-ran %s started as %s", RAN_RELEASE, conf.node_name);

    for (;;) {
        if (poll(p, 3, TICK_MS) > 0) {
            if (p[0].revents & POLLIN)
                handle_frame(p[0].fd);
            if ((p[1].revents & POLLIN) && p[2].fd < 0) {
                p[2].fd = accept(p[1].fd, NULL, NULL);
                role = ROLE_NONE;
            } else if (p[2].revents && handle_console(p[2].fd, &role) != 0) {
                close(p[2].fd);
                p[2].fd = -1;
            }
        }
        timers_run(now_ms());
    }
}

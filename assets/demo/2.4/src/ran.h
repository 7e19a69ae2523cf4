/*
 * ran.h - types and prototypes shared by the acme-ran node software.
 *
 * Copyright Acme Radio Systems. See LICENSE.
 */
#ifndef ACME_RAN_H
#define ACME_RAN_H

#include <stddef.h>
#include <stdint.h>

#ifndef RAN_RELEASE
#define RAN_RELEASE "unknown"
#endif

/* Return codes. Zero is success, everything else is negative. */
enum ran_status {
    RAN_OK        = 0,
    RAN_ERR_SHORT = -1,   /* input ended before the structure did */
    RAN_ERR_RANGE = -2,   /* a value is outside what the node accepts */
    RAN_ERR_FORM  = -3,   /* the input is not of the expected form */
    RAN_ERR_FULL  = -4,   /* no free slot or no memory */
    RAN_ERR_STATE = -5    /* not allowed in the present state */
};

/* ---- messages between node and controller (msg_parser.c) ---- */

#define MSG_NAME_MAX 32

struct cell_entry {
    uint32_t cell_id;
    uint16_t pci;
    uint16_t tac;
    uint32_t arfcn;
};

struct ran_msg {
    uint8_t            version;
    uint8_t            type;
    uint16_t           seq;
    uint8_t            plmn[3];
    char               name[MSG_NAME_MAX];
    struct cell_entry *cells;
    uint32_t           n_cells;
};

int  msg_parse(const uint8_t *buf, size_t len, struct ran_msg *out);
void msg_free(struct ran_msg *m);

/* ---- NAS/RRC style codec (nas_codec.c) ---- */

#define NAS_ID_MAX  10
#define NAS_CAP_MAX 8

struct nas_registration {
    uint8_t kind;
    uint8_t key_set;
    uint8_t mobile_id[NAS_ID_MAX];
    size_t  mobile_id_len;
    uint8_t capability[NAS_CAP_MAX];
    size_t  capability_len;
    int     follow_on;
};

int nas_decode_registration(const uint8_t *in, size_t len, struct nas_registration *out);
int nas_encode_registration(const struct nas_registration *in, uint8_t *out, size_t cap);
int nas_digits(const uint8_t *id, size_t len, char *out, size_t cap);

/* ---- checksums (crc.c) ---- */

uint16_t crc16(const uint8_t *p, size_t n);
uint32_t crc24(const uint8_t *p, size_t n);
int      crc_check_frame(const uint8_t *p, size_t n);

/* ---- logging (log.c) ---- */

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_TRACE };

int  log_open(const char *path);
void log_close(void);
void log_set_level(enum log_level level);
void log_write(enum log_level level, const char *fmt, ...);
void log_peer_text(const char *peer, const char *text);

/* ---- timers (timers.c) ---- */

typedef void (*timer_fn)(void *arg, uint32_t now);

void timers_reset(void);
int  timer_start(uint32_t now, uint32_t delay_ms, timer_fn fn, void *arg);
int  timer_stop(int handle);
int  timers_run(uint32_t now);
void timers_dump(void);

/* ---- configuration (config.c) ---- */

struct ran_config {
    char     node_name[MSG_NAME_MAX];
    char     controller[64];
    uint16_t controller_port;
    uint16_t debug_port;
    uint32_t inactivity_ms;
    int      log_level;
};

void config_defaults(struct ran_config *c);
int  config_read(const char *path, struct ran_config *c);
int  config_line(struct ran_config *c, char *line);

/* ---- UE contexts (fsm.c) ---- */

enum ue_state { UE_IDLE, UE_SETUP, UE_CONNECTED, UE_HANDOVER, UE_RELEASE, UE_STATES };
enum ue_event { EV_REQUEST, EV_ACCEPT, EV_REJECT, EV_MOVE, EV_DONE, EV_TIMEOUT, UE_EVENTS };

struct ue_ctx {
    uint32_t      id;
    enum ue_state state;
    unsigned      setup_tries;
    int           guard_timer;
};

void        ue_init(struct ue_ctx *u, uint32_t id);
int         ue_event(struct ue_ctx *u, enum ue_event ev, uint32_t now);
const char *ue_state_name(enum ue_state s);

/* ---- service console (debug_cmd.c), quota (quota.c), inventory (latin1.c) ---- */

int  debug_line(int fd, char *line, int role);
int  quota_take(unsigned amount);
void quota_refill(unsigned amount);
void device_label(char *d, const char *s);
int  device_lookup(const char *serial, char *label, size_t cap);

#endif /* ACME_RAN_H */

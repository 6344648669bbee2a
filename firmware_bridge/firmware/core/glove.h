/* The glove: samples on schedule, sends frames in either format, obeys commands. A board's main loop is
 *
 *     sg_glove_init(&glove, &board, &settings, timer());
 *     for (;;) sg_glove_poll(&glove, timer());
 */
#ifndef SG_GLOVE_H
#define SG_GLOVE_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "command.h"
#include "flex.h"
#include "gyro_bias.h"
#include "orientation.h"
#include "packet.h"
#include "schedule.h"

#define SG_FIRMWARE_VERSION "0.1.0"

struct sg_settings {
    uint32_t interval_us;     /* 1000 to 1000000; anything else becomes the nearest of these */
    enum sg_format format;
    bool acceleration;        /* frames with acceleration: 12 fields, packets of type 2 */
};

/* 20 ms, text, 9 fields: what existing gloves do. */
#define SG_SETTINGS_DEFAULT {.interval_us = 20000u, .format = SG_FORMAT_TEXT, .acceleration = false}

/* All of the glove's state; nothing in it is for the board to touch. */
struct sg_glove {
    const struct sg_board *board;
    struct sg_settings settings;
    struct sg_schedule schedule;
    struct sg_gyro_bias bias;
    struct sg_orientation orientation;
    struct sg_flex flex[SG_FINGERS];
    struct sg_command_line line;
    uint16_t sequence;               /* of the next frame */
    uint32_t sampled_us;             /* when the sensors were last read */
    bool sampled;
    uint32_t complained_us;          /* when a sensor was last said to be unreadable */
    bool complained;
    uint32_t recal_us;               /* when `recal` came */
    bool recalibrating;
    bool flush;                      /* the next message begins with what ends whatever came before */
    bool header_waits;
    char remark[SG_REMARK_MAX];      /* waits for room; sent before any frame */
    uint8_t remark_size;
};

/* Begin: the greeting and the header are sent by the first polls, and the first sample is due at once. `board` must
 * outlive the glove; `settings` is copied. */
void sg_glove_init(struct sg_glove *glove, const struct sg_board *board, const struct sg_settings *settings,
                   uint32_t now_us);

/* Do what is due at now_us, a free-running 32-bit microsecond timer: answer commands, sample, send. Never blocks. Call
 * it in a loop, or after at most the microseconds that it gives: until the next sample is due. A board that sleeps so
 * long must wake up for a byte received. */
uint32_t sg_glove_poll(struct sg_glove *glove, uint32_t now_us);

#endif

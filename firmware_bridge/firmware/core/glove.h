/* The glove: samples on schedule, sends frames in either format, obeys commands. A board's main loop is
 *
 *     sg_glove_init(&glove, &board, &settings, timer());
 *     for (;;) sg_glove_poll(&glove, timer());
 */
#ifndef SG_GLOVE_H
#define SG_GLOVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "board.h"
#include "command.h"
#include "hand.h"
#include "network.h"
#include "recogniser.h"
#include "schedule.h"
#include "sender.h"

#define SG_FIRMWARE_VERSION "0.1.0"

struct sg_settings {
    uint32_t interval_us;     /* 1000 to 1000000; anything else becomes the nearest of these */
    enum sg_format format;
    bool acceleration;        /* frames with acceleration: 12 fields, packets of type 2 */
    const struct sg_network *network; /* what recognises letters on the glove; NULL: nothing does */
};

/* 20 ms, text, 9 fields: what existing gloves do. */
#define SG_SETTINGS_DEFAULT {.interval_us = 20000u, .format = SG_FORMAT_TEXT, .acceleration = false, .network = NULL}

/* All of the glove's state; nothing in it is for the board to touch. */
struct sg_glove {
    const struct sg_board *board;
    struct sg_schedule schedule;
    struct sg_hand hand;
    struct sg_sender sender;
    struct sg_command_line line;
    const struct sg_network *network;
    struct sg_recogniser recogniser;
    enum sg_letters letters;
    bool acceleration;
    uint16_t sequence;      /* of the next frame */
    bool complained;
    uint32_t complained_us; /* when a sensor was last said to be unreadable */
    bool recalibrating;
    uint32_t recal_us;      /* when `recal` came */
};

/* Begin: the greeting and the header are sent by the first polls, and the first sample is due at once. `board` and
 * the network must outlive the glove; `settings` is copied. */
void sg_glove_init(struct sg_glove *glove, const struct sg_board *board, const struct sg_settings *settings,
                   uint32_t now_us);

/* Do what is due at now_us, a free-running 32-bit microsecond timer: answer commands, sample, send. Never blocks. Call
 * it in a loop, or again after at most the microseconds that it gives (until the next sample is due, 0 while a message
 * waits for room or there is work on a letter) and whenever a byte has been received: at most SG_COMMAND_MAX of them are taken in a call. */
uint32_t sg_glove_poll(struct sg_glove *glove, uint32_t now_us);

#endif

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

#define SG_FIRMWARE_VERSION "0.2.0"

struct sg_settings {
    uint32_t interval_us;     /* 1000 to 1000000; anything else becomes the nearest of these */
    enum sg_format format;
    bool acceleration;        /* frames with acceleration: 12 fields, packets of type 2 */
    const struct sg_network *network; /* recognises letters on the glove; may be NULL */
};

/* As existing gloves: 20 ms, text, 9 fields. */
#define SG_SETTINGS_DEFAULT {.interval_us = 20000u, .format = SG_FORMAT_TEXT, .acceleration = false, .network = NULL}

/* All of the glove's state, private to the core. */
struct sg_glove {
    const struct sg_board *board;
    struct sg_schedule schedule;
    struct sg_hand hand;
    struct sg_sender sender;
    struct sg_command_line line;
    const struct sg_network *network;
    struct sg_recogniser recogniser;
    enum sg_letters letters;
    uint8_t labels_left;    /* of the network's labels, to be said yet */
    bool acceleration;
    uint16_t sequence;      /* of the next frame */
    bool reported;
    uint32_t reported_us; /* when the last remark about a sensor was sent */
    bool recalibrating;
    uint32_t recal_us;      /* when `recal` came */
};

/* Start: the first polls send the greeting and the header, and the first sample is due at once. `board` and the network
 * must outlive the glove; `settings` is copied. */
void sg_glove_init(struct sg_glove *glove, const struct sg_board *board, const struct sg_settings *settings,
                   uint32_t now_us);

/* Do what is due at now_us, a free-running 32-bit microsecond timer: answer commands, sample, send. Never blocks.
 * Call it in a loop, or again after at most the microseconds that it returns (until the next sample is due, 0 while
 * a message waits for space or a letter needs work) and whenever a byte has been received: a call takes at most
 * SG_COMMAND_MAX. */
uint32_t sg_glove_poll(struct sg_glove *glove, uint32_t now_us);

#endif

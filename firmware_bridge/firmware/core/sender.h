/* What the glove says, in either format, each message whole or not at all. Remarks and the header wait for room and go
 * before any frame; a frame that does not fit is left out, and its sequence number tells; so is a letter. */
#ifndef SG_SENDER_H
#define SG_SENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "command.h"
#include "packet.h"

struct sg_sender {
    const struct sg_board *board;
    enum sg_format format;
    bool acceleration;          /* the header names it */
    bool flush;                 /* the next message begins with what ends whatever came before */
    bool header_waits;
    char remark[SG_REMARK_MAX]; /* waits for room */
    uint8_t remark_size;        /* 0 when none waits */
};

/* Nothing waits; the first message is preceded by a delimiter of the format. */
void sg_sender_start(struct sg_sender *sender, const struct sg_board *board, enum sg_format format, bool acceleration);

/* From the next message on. In text the header is said again. */
void sg_sender_change_format(struct sg_sender *sender, enum sg_format format);

/* A remark to be sent, in place of one that still waits (ask sg_sender_waits first). */
void sg_sender_say(struct sg_sender *sender, const char *text);

/* Go on with the remark; what does not fit is left out. */
void sg_sender_add(struct sg_sender *sender, const char *text);

/* Go on with "20 ms between frames". */
void sg_sender_add_interval(struct sg_sender *sender, uint32_t interval_us);

/* Name the columns, in text. In binary nothing is said: the packet's type names them. */
void sg_sender_say_header(struct sg_sender *sender);

/* Something waits to be sent. */
bool sg_sender_waits(const struct sg_sender *sender);

/* Send what waits, as far as there is room. */
void sg_sender_send_waiting(struct sg_sender *sender, uint16_t next_sequence, uint32_t now_us);

/* Send a frame if nothing waits before it and there is room. True when it is sent. */
bool sg_sender_send_frame(struct sg_sender *sender, const struct sg_frame *frame);

/* Send a letter of the glove's own, likewise. */
bool sg_sender_send_letter(struct sg_sender *sender, const struct sg_letter_said *letter);

#endif

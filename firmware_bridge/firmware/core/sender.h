/* The sender of messages in either format, each whole or not at all. Remarks and the header wait for space and go before
 * any frame; a frame or letter that does not fit is left out, and the frame's sequence number shows it. */
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
    bool flush;                 /* the next message begins with a delimiter, which ends any unfinished one */
    bool header_waits;
    char remark[SG_REMARK_MAX]; /* waits for space */
    uint8_t remark_size;        /* 0 when none waits */
};

/* Start with nothing to send; a delimiter of the format precedes the first message. */
void sg_sender_start(struct sg_sender *sender, const struct sg_board *board, enum sg_format format, bool acceleration);

/* Change the format from the next message on. In text the header is sent again. */
void sg_sender_change_format(struct sg_sender *sender, enum sg_format format);

/* Begin a remark, in place of one that still waits (call sg_sender_waits first). */
void sg_sender_begin_remark(struct sg_sender *sender, const char *text);

/* Append to the remark; it is cut off at SG_REMARK_MAX bytes. */
void sg_sender_append(struct sg_sender *sender, const char *text);

/* Append microseconds as milliseconds, without zeros at their end: 2500 is "2.5". */
void sg_sender_append_ms(struct sg_sender *sender, uint32_t us);

/* Append a whole number. */
void sg_sender_append_whole(struct sg_sender *sender, uint8_t number);

/* Queue the header; in binary a remark with what the packet's type does not imply, the highest flex reading. */
void sg_sender_queue_header(struct sg_sender *sender);

/* Whether a remark or the header waits to be sent. */
bool sg_sender_waits(const struct sg_sender *sender);

/* Send the waiting remark and header, as far as there is space. */
void sg_sender_send_waiting(struct sg_sender *sender, uint16_t next_sequence, uint32_t now_us);

/* Send a frame if nothing waits before it and there is space; return whether it was sent. */
bool sg_sender_send_frame(struct sg_sender *sender, const struct sg_frame *frame);

/* Send a letter if nothing waits before it and there is space; return whether it was sent. */
bool sg_sender_send_letter(struct sg_sender *sender, const struct sg_letter_message *letter);

#endif

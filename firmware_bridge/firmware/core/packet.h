/* Binary packets, docs/link.md: version, type, sequence, device time, payload, CRC-16; then COBS and a zero. */
#ifndef SG_PACKET_H
#define SG_PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "cobs.h"
#include "fault.h"
#include "frame.h"
#include "letter.h"

#define SG_PACKET_VERSION 1
#define SG_REMARK_MAX 120                 /* bytes of text in a remark */
#define SG_PACKET_MAX (8 + SG_REMARK_MAX + 2)
#define SG_STUFFED_MAX SG_COBS_MAX(SG_PACKET_MAX)
#define SG_WIRE_MAX (SG_STUFFED_MAX + 1)  /* with the delimiter */
#define SG_PIECE_MAX 512                  /* of what may be tried as a packet: a line of text in its place */

enum sg_packet_type {
    SG_PACKET_FRAME = 1,
    SG_PACKET_FRAME_ACCELERATION = 2,
    SG_PACKET_REMARK = 3,
    SG_PACKET_LETTER = 4,
};

struct sg_packet {
    enum sg_packet_type type;
    struct sg_frame frame;                /* of a remark: device time, and the sequence of the next frame */
    char text[SG_REMARK_MAX];             /* of a remark: UTF-8, not ended by a zero */
    size_t text_size;
    struct sg_letter_said letter;         /* of a letter */
};

/* The frame as bytes for the link, with its delimiter; gives their number. */
size_t sg_packet_write_frame(uint8_t wire[SG_WIRE_MAX], const struct sg_frame *frame);

/* A remark of 1 to SG_REMARK_MAX bytes as bytes for the link; `next_sequence` is that of the frame to come (remarks
 * are not counted). Gives their number; 0 when the text is empty or too long. */
size_t sg_packet_write_remark(uint8_t wire[SG_WIRE_MAX], uint16_t next_sequence, uint32_t time_us, const char *text,
                              size_t size);

/* A letter of the glove's own as bytes for the link; gives their number. */
size_t sg_packet_write_letter(uint8_t wire[SG_WIRE_MAX], const struct sg_letter_said *letter);

/* Read what stood between two delimiters, at most SG_PIECE_MAX bytes. What has come through the CRC but cannot be (NaN,
 * values out of range) is a fault too. *packet is only of use when there is none. */
enum sg_fault sg_packet_read(struct sg_packet *packet, const uint8_t *stuffed, size_t size);

#endif

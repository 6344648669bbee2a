/* Binary packets (docs/reference/link.md): version, type, sequence, device time, payload, CRC-16; then COBS and a zero. */
#ifndef SG_PACKET_H
#define SG_PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "cobs.h"
#include "frame.h"
#include "letter.h"

#define SG_PACKET_VERSION 1
#define SG_REMARK_MAX 120                 /* bytes of text in a remark */

enum { SG_PACKET_HEADER_SIZE = 8, SG_PACKET_CRC_SIZE = 2, SG_PACKET_LETTER_SIZE = 2 + SG_SCALES };

#define SG_PACKET_MAX (SG_PACKET_HEADER_SIZE + SG_REMARK_MAX + SG_PACKET_CRC_SIZE)
#define SG_ENCODED_MAX SG_COBS_MAX(SG_PACKET_MAX)
#define SG_WIRE_MAX (SG_ENCODED_MAX + 1)  /* with the delimiter */

enum sg_packet_type {
    SG_PACKET_FRAME = 1,
    SG_PACKET_FRAME_ACCELERATION = 2,
    SG_PACKET_REMARK = 3,
    SG_PACKET_LETTER = 4,
};

/* Write the frame as a packet with its delimiter and return the number of bytes. */
size_t sg_packet_write_frame(uint8_t wire[SG_WIRE_MAX], const struct sg_frame *frame);

/* Write a remark of 1 to SG_REMARK_MAX bytes as a packet with its delimiter; `next_sequence` is that of the next frame,
 * since remarks are not counted. Return the number of bytes, 0 when the text is empty or too long. */
size_t sg_packet_write_remark(uint8_t wire[SG_WIRE_MAX], uint16_t next_sequence, uint32_t time_us, const char *text,
                              size_t size);

/* Write a letter of the glove's own as a packet with its delimiter and return the number of bytes. */
size_t sg_packet_write_letter(uint8_t wire[SG_WIRE_MAX], const struct sg_letter_message *letter);

#endif

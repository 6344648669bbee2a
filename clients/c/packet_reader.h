/* The reader of binary packets (docs/reference/link.md): COBS, CRC-16, header and payload. */
#ifndef SG_PACKET_READER_H
#define SG_PACKET_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "frame.h"
#include "letter.h"
#include "packet.h"

#define SG_PIECE_MAX 512 /* bytes that may be tried as a packet: a line of text in its place */

struct sg_packet {
    enum sg_packet_type type;
    struct sg_frame frame;        /* of a remark: the device time, and the sequence of the next frame */
    char text[SG_REMARK_MAX];     /* of a remark: UTF-8, without a zero at its end */
    size_t text_size;
    struct sg_letter_message letter; /* of a letter */
};

/* Decode the bytes between two delimiters, which hold no zero, into `bytes`, which has room for `size`; set *length.
 * Return false for bytes that are not COBS: a block is longer than the bytes that remain. */
bool sg_cobs_decode(uint8_t *bytes, size_t *length, const uint8_t *encoded, size_t size);

/* Read the bytes between two delimiters, at most SG_PIECE_MAX. Values that pass the CRC but are impossible (NaN, out of
 * range) are a fault too. *packet is valid only without a fault. */
enum sg_fault sg_packet_read(struct sg_packet *packet, const uint8_t *encoded, size_t size);

#endif

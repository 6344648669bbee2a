#include "packet_reader.h"

#include <math.h>
#include <string.h>

#include "cobs.h"
#include "crc16.h"

enum { FRAME_VALUES = SG_FINGERS + SG_ANGLES };

bool sg_cobs_decode(uint8_t *bytes, size_t *length, const uint8_t *encoded, size_t size)
{
    size_t place = 0, end = 0;
    while (place < size) {
        if (encoded[place] == 0) {
            return false;
        }
        const size_t block = (size_t)encoded[place] - 1;
        if (place + 1 + block > size) {
            return false;
        }
        memcpy(bytes + end, encoded + place + 1, block);
        end += block;
        place += 1 + block;
        if (block < SG_COBS_BLOCK_MAX && place < size) {
            bytes[end++] = 0;
        }
    }
    *length = end;
    return true;
}

static uint16_t get_u16(const uint8_t *bytes) { return (uint16_t)(bytes[0] | bytes[1] << 8); }

static uint32_t get_u32(const uint8_t *bytes) { return get_u16(bytes) | (uint32_t)get_u16(bytes + 2) << 16; }

static void get_floats(float *values, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = get_u32(bytes + 4 * i);
        memcpy(values + i, &bits, sizeof bits);
    }
}

static enum sg_fault check_values(const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!(fabsf(values[i]) <= SG_VALUE_LIMIT)) { /* NaN too */
            return isfinite(values[i]) ? SG_FAULT_RANGE : SG_FAULT_FINITE;
        }
    }
    return SG_FAULT_NONE;
}

static enum sg_fault read_frame(struct sg_frame *frame, const uint8_t *payload, size_t size)
{
    const size_t count = FRAME_VALUES + (frame->has_acceleration ? SG_AXES : 0);
    float values[FRAME_VALUES + SG_AXES];
    if (size != 4 * count) {
        return SG_FAULT_LENGTH;
    }
    get_floats(values, payload, count);
    memcpy(frame->flex, values, sizeof frame->flex);
    memcpy(frame->angles, values + SG_FINGERS, sizeof frame->angles);
    if (frame->has_acceleration) {
        memcpy(frame->acceleration, values + FRAME_VALUES, sizeof frame->acceleration);
    }
    return check_values(values, count);
}

static enum sg_fault read_remark(struct sg_packet *packet, const uint8_t *payload, size_t size)
{
    if (size > SG_REMARK_MAX) {
        return SG_FAULT_LENGTH;
    }
    memcpy(packet->text, payload, size);
    packet->text_size = size;
    return SG_FAULT_NONE;
}

static enum sg_fault read_letter(struct sg_packet *packet, const uint8_t *payload, size_t size)
{
    if (size != SG_PACKET_LETTER_SIZE) {
        return SG_FAULT_LENGTH;
    }
    packet->letter = (struct sg_letter_message){.time_us = packet->frame.time_us,
                                             .sequence = packet->frame.sequence,
                                             .place = payload[0],
                                             .confidence = payload[1]};
    memcpy(packet->letter.shares, payload + 2, sizeof packet->letter.shares);
    return packet->letter.place < SG_LABELS_MAX ? SG_FAULT_NONE : SG_FAULT_RANGE;
}

static enum sg_fault read_payload(struct sg_packet *packet, uint8_t type, const uint8_t *payload, size_t size)
{
    switch (type) {
    case SG_PACKET_FRAME:
    case SG_PACKET_FRAME_ACCELERATION:
        packet->type = (enum sg_packet_type)type;
        packet->frame.has_acceleration = type == SG_PACKET_FRAME_ACCELERATION;
        return read_frame(&packet->frame, payload, size);
    case SG_PACKET_REMARK:
        packet->type = SG_PACKET_REMARK;
        return read_remark(packet, payload, size);
    case SG_PACKET_LETTER:
        packet->type = SG_PACKET_LETTER;
        return read_letter(packet, payload, size);
    default:
        return SG_FAULT_TYPE;
    }
}

enum sg_fault sg_packet_read(struct sg_packet *packet, const uint8_t *encoded, size_t size)
{
    uint8_t bytes[SG_PIECE_MAX];
    size_t length;
    memset(packet, 0, sizeof *packet);
    if (size > SG_PIECE_MAX) {
        return SG_FAULT_LENGTH;
    }
    if (!sg_cobs_decode(bytes, &length, encoded, size)) {
        return SG_FAULT_COBS;
    }
    if (length <= SG_PACKET_HEADER_SIZE + SG_PACKET_CRC_SIZE) {
        return SG_FAULT_LENGTH;
    }
    length -= SG_PACKET_CRC_SIZE;
    if (sg_crc16(bytes, length) != get_u16(bytes + length)) {
        return SG_FAULT_CRC;
    }
    if (bytes[0] != SG_PACKET_VERSION) {
        return SG_FAULT_VERSION;
    }
    packet->frame.sequence = get_u16(bytes + 2);
    packet->frame.time_us = get_u32(bytes + 4);
    return read_payload(packet, bytes[1], bytes + SG_PACKET_HEADER_SIZE, length - SG_PACKET_HEADER_SIZE);
}

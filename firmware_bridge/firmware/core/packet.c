#include "packet.h"

#include <math.h>
#include <string.h>

#include "crc16.h"

enum { LETTER_SIZE = 2 + SG_SCALES };
enum { HEADER_SIZE = 8, CRC_SIZE = 2, FRAME_VALUES = SG_FINGERS + SG_ANGLES, ACCELERATION_VALUES = 3 };

static void put_u16(uint8_t *bytes, uint16_t value)
{
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
}

static void put_u32(uint8_t *bytes, uint32_t value)
{
    put_u16(bytes, (uint16_t)value);
    put_u16(bytes + 2, (uint16_t)(value >> 16));
}

static uint16_t get_u16(const uint8_t *bytes) { return (uint16_t)(bytes[0] | bytes[1] << 8); }

static uint32_t get_u32(const uint8_t *bytes) { return get_u16(bytes) | (uint32_t)get_u16(bytes + 2) << 16; }

static uint8_t *put_floats(uint8_t *bytes, const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, sizeof bits);
        put_u32(bytes + 4 * i, bits);
    }
    return bytes + 4 * count;
}

static const uint8_t *get_floats(float *values, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = get_u32(bytes + 4 * i);
        memcpy(values + i, &bits, sizeof bits);
    }
    return bytes + 4 * count;
}

static void put_header(uint8_t *packet, enum sg_packet_type type, uint16_t sequence, uint32_t time_us)
{
    packet[0] = SG_PACKET_VERSION;
    packet[1] = (uint8_t)type;
    put_u16(packet + 2, sequence);
    put_u32(packet + 4, time_us);
}

/* Append the CRC, stuff, delimit. */
static size_t seal(uint8_t wire[SG_WIRE_MAX], uint8_t *packet, size_t size)
{
    put_u16(packet + size, sg_crc16(packet, size));
    const size_t stuffed = sg_cobs_encode(wire, packet, size + CRC_SIZE);
    wire[stuffed] = 0;
    return stuffed + 1;
}

size_t sg_packet_write_frame(uint8_t wire[SG_WIRE_MAX], const struct sg_frame *frame)
{
    uint8_t packet[SG_PACKET_MAX];
    put_header(packet, frame->has_acceleration ? SG_PACKET_FRAME_ACCELERATION : SG_PACKET_FRAME, frame->sequence,
               frame->time_us);
    uint8_t *end = put_floats(packet + HEADER_SIZE, frame->flex, SG_FINGERS);
    end = put_floats(end, frame->angles, SG_ANGLES);
    if (frame->has_acceleration) {
        end = put_floats(end, frame->acceleration, ACCELERATION_VALUES);
    }
    return seal(wire, packet, (size_t)(end - packet));
}

size_t sg_packet_write_remark(uint8_t wire[SG_WIRE_MAX], uint16_t next_sequence, uint32_t time_us, const char *text,
                              size_t size)
{
    uint8_t packet[SG_PACKET_MAX];
    if (size == 0 || size > SG_REMARK_MAX) {
        return 0;
    }
    put_header(packet, SG_PACKET_REMARK, next_sequence, time_us);
    memcpy(packet + HEADER_SIZE, text, size);
    return seal(wire, packet, HEADER_SIZE + size);
}

size_t sg_packet_write_letter(uint8_t wire[SG_WIRE_MAX], const struct sg_letter_said *letter)
{
    uint8_t packet[SG_PACKET_MAX];
    put_header(packet, SG_PACKET_LETTER, letter->sequence, letter->time_us);
    packet[HEADER_SIZE] = letter->place;
    packet[HEADER_SIZE + 1] = letter->confidence;
    memcpy(packet + HEADER_SIZE + 2, letter->shares, sizeof letter->shares);
    return seal(wire, packet, HEADER_SIZE + LETTER_SIZE);
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
    const size_t count = FRAME_VALUES + (frame->has_acceleration ? ACCELERATION_VALUES : 0);
    float values[FRAME_VALUES + ACCELERATION_VALUES];
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
    if (size != LETTER_SIZE) {
        return SG_FAULT_LENGTH;
    }
    packet->letter = (struct sg_letter_said){.time_us = packet->frame.time_us,
                                             .sequence = packet->frame.sequence,
                                             .place = payload[0],
                                             .confidence = payload[1]};
    memcpy(packet->letter.shares, payload + 2, sizeof packet->letter.shares);
    return packet->letter.place < SG_LETTER_COUNT ? SG_FAULT_NONE : SG_FAULT_RANGE;
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

enum sg_fault sg_packet_read(struct sg_packet *packet, const uint8_t *stuffed, size_t size)
{
    uint8_t bytes[SG_PIECE_MAX];
    size_t length;
    memset(packet, 0, sizeof *packet);
    if (size > SG_PIECE_MAX) {
        return SG_FAULT_LENGTH;
    }
    if (!sg_cobs_decode(bytes, &length, stuffed, size)) {
        return SG_FAULT_COBS;
    }
    if (length <= HEADER_SIZE + CRC_SIZE) {
        return SG_FAULT_LENGTH;
    }
    length -= CRC_SIZE;
    if (sg_crc16(bytes, length) != get_u16(bytes + length)) {
        return SG_FAULT_CRC;
    }
    if (bytes[0] != SG_PACKET_VERSION) {
        return SG_FAULT_VERSION;
    }
    packet->frame.sequence = get_u16(bytes + 2);
    packet->frame.time_us = get_u32(bytes + 4);
    return read_payload(packet, bytes[1], bytes + HEADER_SIZE, length - HEADER_SIZE);
}

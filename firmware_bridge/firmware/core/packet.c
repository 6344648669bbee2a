#include "packet.h"

#include <string.h>

#include "cobs.h"
#include "crc16.h"

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

static uint8_t *put_floats(uint8_t *bytes, const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, sizeof bits);
        put_u32(bytes + 4 * i, bits);
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

/* Append the CRC, encode, add the delimiter. */
static size_t seal(uint8_t wire[SG_WIRE_MAX], uint8_t *packet, size_t size)
{
    put_u16(packet + size, sg_crc16(packet, size));
    const size_t encoded = sg_cobs_encode(wire, packet, size + SG_PACKET_CRC_SIZE);
    wire[encoded] = 0;
    return encoded + 1;
}

size_t sg_packet_write_frame(uint8_t wire[SG_WIRE_MAX], const struct sg_frame *frame)
{
    uint8_t packet[SG_PACKET_MAX];
    put_header(packet, frame->has_acceleration ? SG_PACKET_FRAME_ACCELERATION : SG_PACKET_FRAME, frame->sequence,
               frame->time_us);
    uint8_t *end = put_floats(packet + SG_PACKET_HEADER_SIZE, frame->flex, SG_FINGERS);
    end = put_floats(end, frame->angles, SG_ANGLES);
    if (frame->has_acceleration) {
        end = put_floats(end, frame->acceleration, SG_AXES);
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
    memcpy(packet + SG_PACKET_HEADER_SIZE, text, size);
    return seal(wire, packet, SG_PACKET_HEADER_SIZE + size);
}

size_t sg_packet_write_letter(uint8_t wire[SG_WIRE_MAX], const struct sg_letter_message *letter)
{
    uint8_t packet[SG_PACKET_MAX];
    put_header(packet, SG_PACKET_LETTER, letter->sequence, letter->time_us);
    packet[SG_PACKET_HEADER_SIZE] = letter->place;
    packet[SG_PACKET_HEADER_SIZE + 1] = letter->confidence;
    memcpy(packet + SG_PACKET_HEADER_SIZE + 2, letter->shares, sizeof letter->shares);
    return seal(wire, packet, SG_PACKET_HEADER_SIZE + SG_PACKET_LETTER_SIZE);
}

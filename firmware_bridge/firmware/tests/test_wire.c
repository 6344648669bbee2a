/* COBS, CRC, packets: the examples of docs/reference/link.md. */
#include <string.h>

#include "check.h"
#include "crc16.h"
#include "packet.h"
#include "packet_reader.h"

static const uint8_t FRAME_ON_THE_WIRE[] = {
    0x03, 0x01, 0x01, 0x01, 0x03, 0x20, 0x4e, 0x01, 0x01, 0x01, 0x03, 0x45, 0x44, 0x04, 0x20, 0x43,
    0x44, 0x04, 0x50, 0x57, 0x44, 0x01, 0x01, 0x01, 0x01, 0x04, 0xc0, 0x7f, 0x44, 0x01, 0x03, 0x8c,
    0xc1, 0x04, 0x80, 0x80, 0xc2, 0x06, 0xc0, 0x33, 0x43, 0x1f, 0xfb, 0x00};

static void test_crc(void) { CHECK(sg_crc16((const uint8_t *)"123456789", 9) == 0x29B1); }

static void test_cobs_of_full_blocks(void)
{
    uint8_t bytes[600], encoded[SG_COBS_MAX(600)], back[sizeof encoded];
    size_t length;
    memset(bytes, 1, sizeof bytes);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        const size_t end = sg_cobs_encode(encoded, bytes, size);
        CHECK(end <= SG_COBS_MAX(size) && memchr(encoded, 0, end) == NULL);
        CHECK(sg_cobs_decode(back, &length, encoded, end) && length == size && memcmp(back, bytes, size) == 0);
    }
}

static void test_the_example_there_and_back(void)
{
    const struct sg_frame frame = {
        .time_us = 20000, .flex = {788.0f, 780.5f, 861.25f, 0.0f, 1023.0f}, .angles = {-17.5f, -64.25f, 179.75f}};
    uint8_t wire[SG_WIRE_MAX];
    struct sg_packet packet;
    CHECK(sg_packet_write_frame(wire, &frame) == sizeof FRAME_ON_THE_WIRE);
    CHECK(memcmp(wire, FRAME_ON_THE_WIRE, sizeof FRAME_ON_THE_WIRE) == 0);
    CHECK(sg_packet_read(&packet, wire, sizeof FRAME_ON_THE_WIRE - 1) == SG_FAULT_NONE);
    CHECK(packet.frame.time_us == 20000 && packet.frame.angles[SG_YAW] == 179.75f);
}

static void test_every_flipped_bit_is_caught(void)
{
    uint8_t wire[sizeof FRAME_ON_THE_WIRE];
    struct sg_packet packet;
    for (size_t bit = 0; bit < 8 * (sizeof wire - 1); bit++) {
        memcpy(wire, FRAME_ON_THE_WIRE, sizeof wire);
        wire[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK(sg_packet_read(&packet, wire, sizeof wire - 1) != SG_FAULT_NONE);
    }
}

static void test_the_longest_remark(void)
{
    char text[SG_REMARK_MAX + 1];
    uint8_t wire[SG_WIRE_MAX];
    memset(text, 'x', sizeof text);
    CHECK(sg_packet_write_remark(wire, 0, 0, text, SG_REMARK_MAX) == SG_WIRE_MAX);
    CHECK(sg_packet_write_remark(wire, 0, 0, text, SG_REMARK_MAX + 1) == 0);
}

int main(void)
{
    test_crc();
    test_cobs_of_full_blocks();
    test_the_example_there_and_back();
    test_every_flipped_bit_is_caught();
    test_the_longest_remark();
    return 0;
}

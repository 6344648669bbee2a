/* The whole glove on a board of memory. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "glove.h"
#include "line.h"
#include "packet_reader.h"

struct desk {
    uint8_t sent[4096];
    size_t size, space;
    const char *typed;
    bool imu_works;
    uint32_t readings;
};

static bool read_imu(void *context, float acceleration[3], float rate[3])
{
    struct desk *desk = context;
    memcpy(acceleration, (const float[3]){0.0f, 0.0f, 1.0f}, 3 * sizeof(float));
    memcpy(rate, (const float[3]){0.5f, 0.0f, 0.0f}, 3 * sizeof(float));
    desk->readings++;
    return desk->imu_works;
}

static bool read_flex(void *context, uint16_t counts[SG_FINGERS])
{
    (void)context;
    memcpy(counts, (const uint16_t[SG_FINGERS]){100, 200, 300, 400, 0}, SG_FINGERS * sizeof *counts);
    return true;
}

static size_t space(void *context) { return ((struct desk *)context)->space; }

static void write(void *context, const uint8_t *bytes, size_t size)
{
    struct desk *desk = context;
    CHECK(size <= desk->space && desk->size + size < sizeof desk->sent);
    memcpy(desk->sent + desk->size, bytes, size);
    desk->size += size;
    desk->space -= size;
}

static bool receive(void *context, uint8_t *byte)
{
    struct desk *desk = context;
    if (!desk->typed || !*desk->typed) {
        return false;
    }
    *byte = (uint8_t)*desk->typed++;
    return true;
}

static struct desk desk;
static const struct sg_board board = {"desk", &desk, read_imu, read_flex, space, write, receive, 1023};
static struct sg_glove glove;

static void begin(enum sg_format format)
{
    const struct sg_settings settings = {.interval_us = 20000u, .format = format, .acceleration = true};
    desk = (struct desk){.space = SG_MESSAGE_MAX, .imu_works = true};
    sg_glove_init(&glove, &board, &settings, 0);
}

/* Return the output of a poll with space for everything. */
static const char *poll(uint32_t now_us)
{
    desk.size = 0;
    desk.space = sizeof desk.sent - 1;
    sg_glove_poll(&glove, now_us);
    desk.sent[desk.size] = 0;
    return (const char *)desk.sent;
}

static void test_start_in_text(void)
{
    begin(SG_FORMAT_TEXT);
    CHECK(strcmp(poll(1500), "\n# scaleglove firmware " SG_FIRMWARE_VERSION " on desk, 20 ms between frames\n"
                             "timestamp[ms],pitch[deg],roll[deg],yaw[deg],accel_x[g],accel_y[g],accel_z[g],flex1[0..1023],"
                             "flex2[0..1023],flex3[0..1023],flex4[0..1023],flex5[0..1023]\n"
                             "1.500,0.00,0.00,0.00,0.000,0.000,1.000,100.0,200.0,300.0,400.0,0.0\n") == 0);
    CHECK(strcmp(poll(19999), "") == 0);
    CHECK(strncmp(poll(20000), "20.000,", 7) == 0);
}

static void test_start_in_binary(void)
{
    struct sg_packet packet;
    begin(SG_FORMAT_BINARY);
    poll(0);
    CHECK(desk.sent[0] == 0);
    const size_t size = strlen((const char *)desk.sent + 1);
    CHECK(sg_packet_read(&packet, desk.sent + 1, size) == SG_FAULT_NONE);
    CHECK(packet.type == SG_PACKET_REMARK && packet.frame.sequence == 0);
}

static void test_the_widest_converter_in_binary(void)
{
    static const char words[] = "flex_most=65535; flex sensors read 0 to 65535";
    struct sg_packet packet;
    struct sg_board wide = board;
    wide.flex_most = UINT16_MAX;
    begin(SG_FORMAT_BINARY);
    glove.board = glove.sender.board = &wide;
    poll(0);
    const size_t greeting = strlen((const char *)desk.sent + 1) + 2;
    const size_t size = strlen((const char *)desk.sent + greeting);
    CHECK(sg_packet_read(&packet, desk.sent + greeting, size) == SG_FAULT_NONE);
    CHECK(packet.type == SG_PACKET_REMARK && packet.text_size == sizeof words - 1);
    CHECK(memcmp(packet.text, words, sizeof words - 1) == 0);
}

static void test_the_delimiter_needs_room_too(void)
{
    begin(SG_FORMAT_TEXT);
    CHECK(SG_LINE_MAX + 1 <= SG_MESSAGE_MAX && SG_WIRE_MAX + 1 <= SG_MESSAGE_MAX);
    const size_t greeting = strlen("\n# scaleglove firmware " SG_FIRMWARE_VERSION " on desk, 20 ms between frames\n");
    desk.space = greeting - 1;
    sg_glove_poll(&glove, 0);
    CHECK(desk.size == 0);
    desk.space = greeting;
    sg_glove_poll(&glove, 1);
    CHECK(desk.size == greeting && desk.space == 0);
}

static void test_commands(void)
{
    begin(SG_FORMAT_TEXT);
    poll(0);
    desk.typed = "interval,2.5\r\n";
    CHECK(strcmp(poll(1000), "# interval_ms=2.5; 2.5 ms between frames\n") == 0);
    CHECK(strcmp(poll(3499), "") == 0);
    CHECK(strncmp(poll(3500), "3.500,", 6) == 0);
    desk.typed = "interval,0\nyawzero\nfly\n";
    CHECK(strcmp(poll(3501), "# error=interval_out_of_range; interval takes 1 to 1000 milliseconds\n"
                             "# done=yawzero; yaw is 0 here\n"
                             "# error=unknown_command; unknown command; known: interval,MS header recal yawzero "
                             "format,text|binary letters,on|only|off\n") == 0);
    desk.typed = "format,binary\n";
    CHECK(poll(3502)[0] == 0 && desk.size > 1);
    desk.typed = "format,text\n";
    CHECK(strncmp(poll(3503), "\n# format=text; format text\ntimestamp[", 37) == 0);
}

static void test_a_frame_without_room_is_missing(void)
{
    begin(SG_FORMAT_TEXT);
    poll(0);
    CHECK(glove.sequence == 1);
    desk.size = 0;
    desk.space = 10;
    sg_glove_poll(&glove, 20000);
    CHECK(desk.size == 0 && glove.sequence == 2);
    CHECK(strncmp(poll(40000), "40.000,", 7) == 0 && glove.sequence == 3);
    poll(101000); /* 60, 80 and 100 ms fell due */
    CHECK(glove.sequence == 6);
}

static void test_a_remark_waits_for_room(void)
{
    begin(SG_FORMAT_TEXT);
    poll(0);
    desk.typed = "yawzero\nheader\n";
    desk.space = 3;
    desk.size = 0;
    CHECK(sg_glove_poll(&glove, 20000) == 0);
    CHECK(desk.size == 0 && *desk.typed == 'h');
    CHECK(strncmp(poll(20001), "# done=yawzero; yaw is 0 here\ntimestamp[", 40) == 0);
}

static void test_an_unreadable_sensor(void)
{
    begin(SG_FORMAT_TEXT);
    poll(0);
    desk.imu_works = false;
    CHECK(strcmp(poll(20000), "# fault=motion_sensor; the motion sensor cannot be read\n") == 0);
    for (uint32_t now_us = 40000; now_us < 1020000; now_us += 20000) {
        CHECK(strcmp(poll(now_us), "") == 0);
    }
    CHECK(strcmp(poll(1020000), "# fault=motion_sensor; the motion sensor cannot be read\n") == 0);
    desk.imu_works = true;
    CHECK(strncmp(poll(1040000), "1040.000,", 9) == 0);
    CHECK(glove.sequence == 53 && desk.readings == 53);
}

static void test_recal(void)
{
    begin(SG_FORMAT_TEXT);
    poll(0);
    desk.typed = "recal\n";
    uint32_t now_us = 20000;
    while (strstr(poll(now_us), "# done=recal; recalibrated\n") == NULL) {
        now_us += 20000;
        CHECK(now_us < 1100000);
    }
    CHECK(now_us >= 1000000);
    CHECK(glove.hand.bias.bias[0] == 0.5f);
}

int main(void)
{
    test_start_in_text();
    test_start_in_binary();
    test_the_widest_converter_in_binary();
    test_the_delimiter_needs_room_too();
    test_commands();
    test_a_frame_without_room_is_missing();
    test_a_remark_waits_for_room();
    test_an_unreadable_sensor();
    test_recal();
    return 0;
}

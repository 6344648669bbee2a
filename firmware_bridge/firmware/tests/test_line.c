/* Text lines: the longest one, and values that are never written. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "line.h"

static struct sg_frame all_of(float value)
{
    struct sg_frame frame = {.time_us = UINT32_MAX, .has_acceleration = true};
    for (int finger = 0; finger < SG_FINGERS; finger++) {
        frame.flex[finger] = value;
    }
    for (int i = 0; i < 3; i++) {
        frame.angles[i] = value;
        frame.acceleration[i] = value;
    }
    return frame;
}

static void test_the_longest_line_fits(void)
{
    char *line = malloc(SG_LINE_MAX); /* on the heap, so that the sanitizer sees its ends */
    const struct sg_frame frame = all_of(-SG_VALUE_LIMIT);
    const size_t size = sg_line_write_frame(line, &frame);
    CHECK(size > 0 && size <= SG_LINE_MAX && line[size - 1] == '\n');
    CHECK(strncmp(line, "4294967.295,-1000000.00,", 24) == 0);
    CHECK(sg_line_write_header(line, true, UINT16_MAX) <= SG_LINE_MAX);
    free(line);
}

static void test_what_is_no_reading_is_no_line(void)
{
    char line[SG_LINE_MAX];
    const float none[] = {NAN, INFINITY, -INFINITY, 1.1e6f, -1e30f};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        const struct sg_frame frame = all_of(none[i]);
        CHECK(sg_line_write_frame(line, &frame) == 0);
    }
}

int main(void)
{
    test_the_longest_line_fits();
    test_what_is_no_reading_is_no_line();
    return 0;
}

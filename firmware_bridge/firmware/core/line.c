#include "line.h"

#include <math.h>
#include <string.h>

#include "number.h"

enum { FLEX_DECIMALS = 1, ANGLE_DECIMALS = 2, ACCELERATION_DECIMALS = 3 };

static bool writable(const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!(fabsf(values[i]) <= SG_VALUE_LIMIT)) { /* NaN too */
            return false;
        }
    }
    return true;
}

static char *write_fields(char *text, const float *values, size_t count, unsigned decimals)
{
    for (size_t i = 0; i < count; i++) {
        *text++ = ',';
        text = sg_number_write_fixed(text, values[i], decimals);
    }
    return text;
}

size_t sg_line_write_frame(char line[SG_LINE_MAX], const struct sg_frame *frame)
{
    if (!writable(frame->flex, SG_FINGERS) || !writable(frame->angles, SG_ANGLES) ||
        (frame->has_acceleration && !writable(frame->acceleration, 3))) {
        return 0;
    }
    char *end = sg_number_write_thousandths(line, frame->time_us);
    end = write_fields(end, frame->angles, SG_ANGLES, ANGLE_DECIMALS);
    if (frame->has_acceleration) {
        end = write_fields(end, frame->acceleration, 3, ACCELERATION_DECIMALS);
    }
    end = write_fields(end, frame->flex, SG_FINGERS, FLEX_DECIMALS);
    *end++ = '\n';
    return (size_t)(end - line);
}

static char *write_word(char *text, const char *word)
{
    const size_t size = strlen(word);
    memcpy(text, word, size);
    return text + size;
}

static char *write_whole(char *text, uint32_t number) { return sg_number_write_thousandths_short(text, 1000u * number); }

static char *write_small(char *text, uint8_t number)
{
    *text++ = ' ';
    return write_whole(text, number);
}

size_t sg_line_write_letter(char line[SG_LINE_MAX], const struct sg_letter_message *letter)
{
    char *end = write_word(line, "# letter");
    end = write_small(end, letter->place);
    end = write_small(end, letter->confidence);
    for (int scale = 0; scale < SG_SCALES; scale++) {
        end = write_small(end, letter->shares[scale]);
    }
    end = sg_number_write_thousandths(write_word(end, " at "), letter->time_us);
    *end++ = '\n';
    return (size_t)(end - line);
}

size_t sg_line_write_header(char line[SG_LINE_MAX], bool has_acceleration, uint16_t flex_most)
{
    char *end = write_word(line, "timestamp[ms],pitch[deg],roll[deg],yaw[deg]");
    if (has_acceleration) {
        end = write_word(end, ",accel_x[g],accel_y[g],accel_z[g]");
    }
    for (uint32_t finger = 1; finger <= SG_FINGERS; finger++) {
        end = write_whole(write_word(end, ",flex"), finger);
        if (flex_most > 0) {
            end = write_word(write_whole(write_word(end, "[0.."), flex_most), "]");
        }
    }
    *end++ = '\n';
    return (size_t)(end - line);
}

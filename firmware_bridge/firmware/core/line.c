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

static char *write_small(char *text, uint8_t number)
{
    *text++ = ' ';
    return sg_number_write_thousandths_short(text, 1000u * number);
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

size_t sg_line_write_header(char line[SG_LINE_MAX], bool has_acceleration)
{
    static const char nine[] = "timestamp,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5\n";
    static const char twelve[] = "timestamp,pitch,roll,yaw,accel_x,accel_y,accel_z,flex1,flex2,flex3,flex4,flex5\n";
    const size_t size = has_acceleration ? sizeof twelve - 1 : sizeof nine - 1;
    memcpy(line, has_acceleration ? twelve : nine, size);
    return size;
}

#include "columns.h"

#include <string.h>

static const char *const CHANNELS[SG_VALUES] = {"flex1", "flex2", "flex3", "flex4", "flex5", "pitch", "roll", "yaw"};
static const char *const ACCELERATION[3] = {"accel_x", "accel_y", "accel_z"};
static const char *const TIMES[] = {"timestamp", "timestamp_ms", "time_ms", "t_ms"};
static const char *const NOT_NAMES[] = {"nan", "inf", "infinity", "ovf"};

static const struct sg_columns NINE = {.count = 9, .time = 0, .values = {4, 5, 6, 7, 8, 1, 2, 3}};
/* The acceleration stands in the middle: the last 8 of 12 fields are not a frame. */
static const struct sg_columns TWELVE = {.count = 12,
                                         .time = 0,
                                         .values = {7, 8, 9, 10, 11, 1, 2, 3},
                                         .acceleration = {4, 5, 6},
                                         .has_acceleration = true};

const struct sg_columns *sg_columns_known(uint16_t count) { return count == 9 ? &NINE : count == 12 ? &TWELVE : NULL; }

/* The blanks around a field. No others: a minus with one bit flipped is a carriage return, and the rest a number. */
static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static char lower(char c) { return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c); }

static bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

struct sg_words sg_columns_take_field(struct sg_words *line, bool *more)
{
    struct sg_words field = sg_words_take(line, ',', more);
    for (; field.size > 0 && is_blank(field.text[0]); field.size--) {
        field.text++;
    }
    while (field.size > 0 && is_blank(field.text[field.size - 1])) {
        field.size--;
    }
    return field;
}

static bool equal_in_any_case(struct sg_words name, const char *expected)
{
    bool equal = name.size == strlen(expected);
    for (size_t i = 0; equal && i < name.size; i++) {
        equal = lower(name.text[i]) == expected[i];
    }
    return equal;
}

static bool is_one_of(struct sg_words name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (equal_in_any_case(name, names[i])) {
            return true;
        }
    }
    return false;
}

static bool is_name(struct sg_words field)
{
    if (field.size == 0 || !(is_letter(field.text[0]) || field.text[0] == '_')) {
        return false;
    }
    for (size_t i = 1; i < field.size; i++) {
        const char c = field.text[i];
        if (c == 0 || !(is_letter(c) || (c >= '0' && c <= '9') || strchr("_. ()/-", c))) {
            return false;
        }
    }
    return !is_one_of(field, NOT_NAMES, sizeof NOT_NAMES / sizeof *NOT_NAMES);
}

bool sg_columns_is_header(struct sg_words line)
{
    size_t count = 0;
    for (bool more = true; more; count++) {
        if (!is_name(sg_columns_take_field(&line, &more))) {
            return false;
        }
    }
    return count > 1;
}

/* Count how often one of the names stands in the header; *place is its last one. */
static unsigned find(struct sg_words header, const char *const *names, size_t count, uint16_t *place)
{
    unsigned found = 0;
    uint16_t here = 0;
    for (bool more = true; more; here++) {
        if (is_one_of(sg_columns_take_field(&header, &more), names, count)) {
            *place = here;
            found++;
        }
    }
    return found;
}

uint16_t sg_columns_count(struct sg_words line)
{
    uint16_t count = 0;
    for (bool more = true; more; count++) {
        sg_columns_take_field(&line, &more);
    }
    return count;
}

bool sg_columns_of_header(struct sg_words line, struct sg_columns *columns)
{
    *columns = (struct sg_columns){.count = sg_columns_count(line), .has_acceleration = true};
    if (find(line, TIMES, sizeof TIMES / sizeof *TIMES, &columns->time) != 1) {
        return false;
    }
    for (size_t i = 0; i < SG_VALUES; i++) {
        if (find(line, CHANNELS + i, 1, &columns->values[i]) != 1) {
            return false;
        }
    }
    for (size_t axis = 0; axis < 3; axis++) {
        const bool named = find(line, ACCELERATION + axis, 1, &columns->acceleration[axis]) == 1;
        columns->has_acceleration = columns->has_acceleration && named;
    }
    return true;
}

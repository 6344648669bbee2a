#include "columns.h"

#include <string.h>

#include "header_field.h"

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

bool sg_columns_is_header(struct sg_words line)
{
    size_t count = 0;
    for (bool more = true; more; count++) {
        if (!sg_header_field_is_name(sg_columns_take_field(&line, &more))) {
            return false;
        }
    }
    return count > 1;
}

uint16_t sg_columns_count(struct sg_words line)
{
    uint16_t count = 0;
    for (bool more = true; more; count++) {
        sg_columns_take_field(&line, &more);
    }
    return count;
}

bool sg_columns_of_header(struct sg_words line, struct sg_columns *columns, struct sg_range ranges[SG_VALUES])
{
    unsigned named[SG_COLUMNS] = {0};
    uint16_t places[SG_COLUMNS] = {0};
    uint16_t count = 0;
    for (bool more = true; more; count++) {
        struct sg_range range;
        const enum sg_column column = sg_header_field_read(sg_columns_take_field(&line, &more), &range);
        if (column == SG_NO_COLUMN) {
            continue;
        }
        named[column]++;
        places[column] = count;
        if ((int)column < SG_VALUES) {
            ranges[column] = range;
        }
    }
    const uint16_t *accelerations = places + SG_COLUMN_ACCELERATION;
    *columns = (struct sg_columns){.count = count, .time = places[SG_COLUMN_TIME], .has_acceleration = true};
    memcpy(columns->values, places, sizeof columns->values);
    memcpy(columns->acceleration, accelerations, sizeof columns->acceleration);
    for (int axis = 0; axis < 3; axis++) {
        columns->has_acceleration = columns->has_acceleration && named[SG_COLUMN_ACCELERATION + axis] == 1;
    }
    bool whole = named[SG_COLUMN_TIME] == 1;
    for (int i = 0; i < SG_VALUES; i++) {
        whole = whole && named[i] == 1;
    }
    return whole;
}

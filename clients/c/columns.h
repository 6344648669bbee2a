/* The columns of a frame's numbers in a line of text. */
#ifndef SG_COLUMNS_H
#define SG_COLUMNS_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "words.h"

struct sg_columns {
    uint16_t count;
    uint16_t time;
    uint16_t values[SG_VALUES];
    uint16_t acceleration[3];
    bool has_acceleration;
};

/* Return the columns of a line with 9 or 12 fields and no header before it; NULL for other counts. */
const struct sg_columns *sg_columns_known(uint16_t count);

/* Return the number of fields in a line. */
uint16_t sg_columns_count(struct sg_words line);

/* Whether all fields of the line are names, unlike in any damaged line of numbers. */
bool sg_columns_is_header(struct sg_words line);

/* Read the columns that a header line names, and the ranges of the values that it gives. Return false when a channel or
 * the time is missing or named twice. */
bool sg_columns_of_header(struct sg_words line, struct sg_columns *columns, struct sg_range ranges[SG_VALUES]);

/* Take the next field of a line, without the blanks around it; *more tells whether a comma follows it. */
struct sg_words sg_columns_take_field(struct sg_words *line, bool *more);

#endif

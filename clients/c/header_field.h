/* The fields of the protocol's header: a column's name, perhaps with a unit and a range (docs/reference/link.md, "Text"):
 * firmware_bridge/codec/header_fields.py in C. */
#ifndef SG_HEADER_FIELD_H
#define SG_HEADER_FIELD_H

#include "event.h"
#include "words.h"

/* The columns of a frame: its values as in struct sg_event, the acceleration, the time. */
enum sg_column { SG_COLUMN_ACCELERATION = SG_VALUES, SG_COLUMN_TIME = SG_COLUMN_ACCELERATION + 3, SG_COLUMNS, SG_NO_COLUMN };

/* Whether the field is a name, unlike any field of a damaged line of numbers. */
bool sg_header_field_is_name(struct sg_words field);

/* Return the column that the field names; its range is set where it gives one, else to zeros. */
enum sg_column sg_header_field_read(struct sg_words field, struct sg_range *range);

#endif

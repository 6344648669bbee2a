#include "line_reader.h"

#include <math.h>
#include <stddef.h>

#include "frame.h"
#include "letter_reader.h"
#include "number_reader.h"
#include "remark_reader.h"

static const double TIME_LIMIT_MS = 9007199254740992.0; /* 2^53: MAX_TIME_MS in Python */

void sg_line_reader_start(struct sg_line_reader *reader)
{
    *reader = (struct sg_line_reader){.has_header = false};
}

static bool is_ascii(struct sg_words line)
{
    for (size_t i = 0; i < line.size; i++) {
        if ((unsigned char)line.text[i] > 0x7F) {
            return false;
        }
    }
    return true;
}

/* Return the place of a column's number in the event; NULL for a column that the frame does not use. */
static double *place_of(const struct sg_columns *columns, uint16_t column, struct sg_event *event)
{
    if (column == columns->time) {
        return &event->t_ms;
    }
    for (int i = 0; i < SG_VALUES; i++) {
        if (column == columns->values[i]) {
            return &event->values[i];
        }
    }
    for (int axis = 0; columns->has_acceleration && axis < 3; axis++) {
        if (column == columns->acceleration[axis]) {
            return &event->acceleration[axis];
        }
    }
    return NULL;
}

static bool within(const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fabs(values[i]) > (double)SG_VALUE_LIMIT) {
            return false;
        }
    }
    return true;
}

static enum sg_fault read_numbers(const struct sg_columns *columns, struct sg_words line, struct sg_event *event)
{
    bool more = true;
    for (uint16_t column = 0; more; column++) {
        const struct sg_words field = sg_columns_take_field(&line, &more);
        double *place = place_of(columns, column, event);
        const enum sg_fault fault = place ? sg_number_read(field, place) : SG_FAULT_NONE;
        if (fault != SG_FAULT_NONE) {
            return fault;
        }
    }
    event->has_acceleration = columns->has_acceleration;
    const bool in_range = event->t_ms >= 0.0 && event->t_ms < TIME_LIMIT_MS && within(event->values, SG_VALUES) &&
                          (!event->has_acceleration || within(event->acceleration, 3));
    return in_range ? SG_FAULT_NONE : SG_FAULT_RANGE;
}

static enum sg_fault read_frame(const struct sg_line_reader *reader, struct sg_words line, struct sg_event *event)
{
    if (reader->order_unknown) {
        return SG_FAULT_ORDER;
    }
    const uint16_t count = sg_columns_count(line);
    const struct sg_columns *columns = reader->has_header ? &reader->header : sg_columns_known(count);
    if (columns == NULL || columns->count != count) {
        return SG_FAULT_FIELDS;
    }
    event->kind = SG_EVENT_FRAME;
    return read_numbers(columns, line, event);
}

static enum sg_fault take_header(struct sg_line_reader *reader, struct sg_event *event)
{
    reader->has_header = sg_columns_of_header(event->words, &reader->header, event->ranges);
    reader->order_unknown = !reader->has_header;
    event->kind = SG_EVENT_HEADER;
    return reader->has_header ? SG_FAULT_NONE : SG_FAULT_HEADER;
}

static enum sg_fault read_fields(struct sg_line_reader *reader, struct sg_event *event)
{
    if (!is_ascii(event->words)) {
        return SG_FAULT_ASCII;
    }
    if (sg_columns_is_header(event->words)) {
        return take_header(reader, event);
    }
    return read_frame(reader, event->words, event);
}

bool sg_line_reader_read(struct sg_line_reader *reader, struct sg_words line, struct sg_event *event)
{
    *event = (struct sg_event){.words = sg_words_strip(line)};
    if (event->words.size == 0) {
        return false;
    }
    if (event->words.text[0] == '#') {
        const struct sg_words remark =
            sg_words_strip((struct sg_words){event->words.text + 1, event->words.size - 1});
        if (!sg_letter_read(remark, event)) {
            *event = sg_remark_read(remark);
        }
        return true;
    }
    event->fault = read_fields(reader, event);
    if (event->fault != SG_FAULT_NONE) {
        event->kind = SG_EVENT_DAMAGED;
    }
    return true;
}

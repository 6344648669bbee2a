/* The reader of text lines; a header decides the order of the fields from the next line on. A line that cannot be
 * read is reported, never repaired. */
#ifndef SG_LINE_READER_H
#define SG_LINE_READER_H

#include <stdbool.h>

#include "columns.h"
#include "event.h"

struct sg_line_reader {
    struct sg_columns header;
    bool has_header;
    bool order_unknown; /* the last header did not name a frame: lines are damage until one does */
};

/* Start without a header. */
void sg_line_reader_start(struct sg_line_reader *reader);

/* Read a line without its end; return false when it is blank. A frame's t_ms is as the device sent it. */
bool sg_line_reader_read(struct sg_line_reader *reader, struct sg_words line, struct sg_event *event);

#endif

/* The text lines that existing gloves send: 9 fields, or 12 with the acceleration in the middle. */
#ifndef SG_LINE_H
#define SG_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"
#include "letter.h"

#define SG_LINE_MAX 160

/* Write the frame as a line with its newline and return the length. Time in ms with 3 decimals, flex counts with 1,
 * angles with 2, acceleration with 3. Return 0 when a value is not finite or beyond a million: such a line is never
 * sent. */
size_t sg_line_write_frame(char line[SG_LINE_MAX], const struct sg_frame *frame);

/* Write the letter as a line with its newline (docs/reference/link.md) and return the length. */
size_t sg_line_write_letter(char line[SG_LINE_MAX], const struct sg_letter_message *letter);

/* Write the header that names the columns of the lines with their units, and the range of the flex sensors where their
 * highest reading is not 0, with its newline; return the length. Its brackets are square: readers of release 0.2 take
 * the line for a damaged one and know the columns by their number, where round ones would name other columns. */
size_t sg_line_write_header(char line[SG_LINE_MAX], bool has_acceleration, uint16_t flex_most);

#endif

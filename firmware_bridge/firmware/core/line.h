/* The text lines that existing gloves send: 9 fields, or 12 with the acceleration in the middle. */
#ifndef SG_LINE_H
#define SG_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"
#include "letter.h"

#define SG_LINE_MAX 160

/* The frame as a line with its newline; gives its length. Time in ms with 3 decimals, flex counts with 1, angles with
 * 2, acceleration with 3. 0 when a value is not finite or beyond a million: no such line is ever sent. */
size_t sg_line_write_frame(char line[SG_LINE_MAX], const struct sg_frame *frame);

/* The letter as a remark with its newline, by the rules of docs/link.md; gives its length. */
size_t sg_line_write_letter(char line[SG_LINE_MAX], const struct sg_letter_said *letter);

/* The header that names the columns of the lines, with its newline; gives its length. */
size_t sg_line_write_header(char line[SG_LINE_MAX], bool has_acceleration);

#endif

/* The reader of letters in text: `letter 2 250 102 26 127 at 2580.000`. */
#ifndef SG_LETTER_READER_H
#define SG_LETTER_READER_H

#include <stdbool.h>

#include "event.h"

/* Read a letter, with the time as the device sent it; return false unless the remark is exactly a letter. */
bool sg_letter_read(struct sg_words remark, struct sg_event *event);

#endif

/* Reads the letter that a remark in text says: `letter 2 250 102 26 127 at 2580.000`. */
#ifndef SG_LETTER_READER_H
#define SG_LETTER_READER_H

#include <stdbool.h>

#include "event.h"

/* True when the remark is exactly a letter: then *event is it, with the time as the device sent it. */
bool sg_letter_read(struct sg_words remark, struct sg_event *event);

#endif

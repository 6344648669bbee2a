/* The reader of remarks: words for people and, before them, values for programs, as in
 * `interval_ms=20; 20 ms between frames` (docs/reference/link.md). */
#ifndef SG_REMARK_READER_H
#define SG_REMARK_READER_H

#include <stdbool.h>

#include "event.h"

/* Return the event of a remark. Its words are the values as sent where the device adds none. */
struct sg_event sg_remark_read(struct sg_words remark);

/* Find the value of `key`; return false when the remark has none. */
bool sg_remark_value(const struct sg_event *remark, const char *key, struct sg_words *value);

/* Read `interval_ms`, the time between frames from here on; return false when there is none from 1 to 1000 ms. */
bool sg_remark_interval(const struct sg_event *remark, double *ms);

#endif

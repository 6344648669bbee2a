#include "letter_reader.h"

#include "number_reader.h"

enum { NUMBERS = 2 + SG_SCALES, DIGITS_MAX = 3, TIME_DIGITS_MAX = 16, TIME_DECIMALS_MAX = 3 };
static const double TIME_LIMIT_MS = 9007199254740992.0; /* 2^53, as of a frame */

/* Read a whole number of up to 3 digits that is at most 255. */
static bool read_small(struct sg_words words, uint8_t *value)
{
    unsigned number = 0;
    if (!sg_number_is_plain(words, DIGITS_MAX, 0)) {
        return false;
    }
    for (size_t i = 0; i < words.size; i++) {
        number = number * 10 + (unsigned)(words.text[i] - '0');
    }
    *value = (uint8_t)number;
    return number <= UINT8_MAX;
}

static bool read_time(struct sg_words words, double *ms)
{
    return sg_number_is_plain(words, TIME_DIGITS_MAX, TIME_DECIMALS_MAX) &&
           sg_number_read(words, ms) == SG_FAULT_NONE && *ms < TIME_LIMIT_MS;
}

bool sg_letter_read(struct sg_words remark, struct sg_event *event)
{
    uint8_t numbers[NUMBERS];
    bool more;
    if (!sg_words_equal(sg_words_take(&remark, ' ', &more), "letter")) {
        return false;
    }
    for (int i = 0; i < NUMBERS; i++) {
        if (!read_small(sg_words_take(&remark, ' ', &more), &numbers[i])) {
            return false;
        }
    }
    *event = (struct sg_event){.kind = SG_EVENT_LETTER, .place = numbers[0], .confidence = numbers[1]};
    for (int scale = 0; scale < SG_SCALES; scale++) {
        event->shares[scale] = numbers[2 + scale];
    }
    return numbers[0] < SG_LABELS_MAX && sg_words_equal(sg_words_take(&remark, ' ', &more), "at") &&
           read_time(remark, &event->t_ms);
}

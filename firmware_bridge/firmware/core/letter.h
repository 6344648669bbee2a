/* The letter that a glove itself recognises, as sent over the link (docs/reference/link.md). */
#ifndef SG_LETTER_H
#define SG_LETTER_H

#include <stdint.h>

#define SG_LABELS_MAX 200 /* of a vocabulary: MOST_LABELS in Python */

enum { SG_SCALES = 3 };

/* Whether the glove sends letters: not at all, beside its frames, or in their place. */
enum sg_letters { SG_LETTERS_OFF, SG_LETTERS_ON, SG_LETTERS_ONLY };

struct sg_letter_message {
    uint32_t time_us;          /* device time of its newest frame */
    uint16_t sequence;         /* number of its newest frame */
    uint8_t place;             /* index in the network's vocabulary, from 0 to SG_LABELS_MAX - 1 */
    uint8_t confidence;        /* of 255 */
    uint8_t shares[SG_SCALES]; /* of the scales 3, 5, 7, of 255; all 0: not given */
};

#endif

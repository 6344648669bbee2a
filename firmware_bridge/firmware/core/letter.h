/* The letter that a glove itself recognises, as sent over the link (docs/reference/link.md). */
#ifndef SG_LETTER_H
#define SG_LETTER_H

#include <stdint.h>

#define SG_LETTER_COUNT 24 /* of the alphabet: LETTERS in Python */

enum { SG_SCALES = 3 };

/* Whether the glove sends letters: not at all, beside its frames, or in their place. */
enum sg_letters { SG_LETTERS_OFF, SG_LETTERS_ON, SG_LETTERS_ONLY };

struct sg_letter_message {
    uint32_t time_us;          /* device time of its newest frame */
    uint16_t sequence;         /* number of its newest frame */
    uint8_t place;             /* in the alphabet, from 0 to SG_LETTER_COUNT - 1 */
    uint8_t confidence;        /* of 255 */
    uint8_t shares[SG_SCALES]; /* of the scales 3, 5, 7, of 255; all 0: not given */
};

#endif

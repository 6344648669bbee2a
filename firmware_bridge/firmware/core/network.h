/* A network that recognises letters, as the glove uses it. The core knows none: `network/package.c` makes one of what
 * `scaleglove export --target c` gives, and a glove may have none. */
#ifndef SG_NETWORK_H
#define SG_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"
#include "letter.h"

#define SG_PIECE_US 4000u /* so long a glove may be away between two samples */

enum { SG_SAMPLE_VALUES = SG_FINGERS + SG_ANGLES };

struct sg_network {
    /* Given back to every function below; may be NULL. */
    void *context;

    uint32_t period_us;   /* between the samples that it wants */
    uint16_t min_samples; /* before its letter means anything */

    /* At rest: no sample has been seen. */
    void (*start)(void *context);

    /* One sample more: flex1 to flex5 in ADC counts, pitch, roll and yaw in degrees. */
    void (*step)(void *context, const float sample[SG_SAMPLE_VALUES]);

    /* The letter of what has been seen, the newest sample included: place and confidence are set. */
    void (*recognise)(void *context, struct sg_letter_said *letter);

    /* A piece of the work of telling which scale decided the letter that was recognised last, at most SG_PIECE_US long. True
     * when that is done: the letter's shares are set. */
    bool (*explain)(void *context, struct sg_letter_said *letter);
};

/* The one that is linked to this board's program; NULL: there is none. */
extern const struct sg_network *const sg_network_of_board;

#endif

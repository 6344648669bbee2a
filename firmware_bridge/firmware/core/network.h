/* A network that recognises letters, as the glove uses it. The core knows none: `network/package.c` makes one of what
 * `scaleglove export --target c` gives, and a glove may have none. */
#ifndef SG_NETWORK_H
#define SG_NETWORK_H

#include <stdint.h>

#include "frame.h"
#include "letter.h"

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

    /* The letter of what has been seen, the newest sample included: place, confidence and shares are set. */
    void (*recognise)(void *context, struct sg_letter_said *letter);
};

/* The one that is linked to this board's program; NULL: there is none. */
extern const struct sg_network *const sg_network_of_board;

#endif

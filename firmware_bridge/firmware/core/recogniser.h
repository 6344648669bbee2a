/* The glove's own letters: frames go through a network, and some times a second it says what it sees. */
#ifndef SG_RECOGNISER_H
#define SG_RECOGNISER_H

#include <stdbool.h>
#include <stdint.h>

#include "network.h"
#include "resampler.h"

#define SG_LETTER_HOP_US 100000u /* of samples from one letter to the next: the service's own */

struct sg_recogniser {
    const struct sg_network *network;
    struct sg_resampler resampler;
    uint32_t hop;     /* samples from one letter to the next */
    uint32_t samples; /* since the time line began; no more are counted than before the first letter */
    uint32_t since;   /* since the last letter was due */
    bool waits;       /* `letter` does, for its shares */
    struct sg_letter_said letter;
};

/* No frame yet. */
void sg_recogniser_start(struct sg_recogniser *recogniser, const struct sg_network *network);

/* Take the next frame; a hole between frames begins anew. True when the letter before has to be said now, without
 * shares: it is known no longer which scale decided. */
bool sg_recogniser_take(struct sg_recogniser *recogniser, const struct sg_frame *frame, struct sg_letter_said *letter);

/* Do a piece of work on the letter that waits, if one does. True when it is to be said. */
bool sg_recogniser_work(struct sg_recogniser *recogniser, struct sg_letter_said *letter);

#endif

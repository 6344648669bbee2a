/* The glove's own letters: a network sees the frames and recognises a letter ten times a second. */
#ifndef SG_RECOGNISER_H
#define SG_RECOGNISER_H

#include <stdbool.h>
#include <stdint.h>

#include "network.h"
#include "resampler.h"

#define SG_LETTER_HOP_US 100000u /* of samples from one letter to the next, as in the service */

struct sg_recogniser {
    const struct sg_network *network;
    struct sg_resampler resampler;
    uint32_t hop;     /* samples from one letter to the next */
    uint32_t samples; /* since the start or the last gap, counted up to the first letter */
    uint32_t since;   /* samples since the last letter was due */
    bool waits;       /* `letter` is pending: its shares are being computed */
    struct sg_letter_message letter;
};

/* Start without frames. */
void sg_recogniser_start(struct sg_recogniser *recogniser, const struct sg_network *network);

/* Take the next frame; a gap between frames resets the network. Return true when the pending letter must be sent now
 * without shares, since the next letter takes its place. */
bool sg_recogniser_take(struct sg_recogniser *recogniser, const struct sg_frame *frame,
                        struct sg_letter_message *letter);

/* Do a piece of work on the pending letter, if any. Return true when it is ready to send. */
bool sg_recogniser_work(struct sg_recogniser *recogniser, struct sg_letter_message *letter);

#endif

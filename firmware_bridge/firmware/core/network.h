/* A network that recognises letters, as the glove uses it. The core contains none: `network/package.c` wraps a
 * package of `scaleglove export --target c`, and a glove may be without. */
#ifndef SG_NETWORK_H
#define SG_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "front_end.h"
#include "letter.h"

#define SG_PIECE_US 4000u /* the longest that a glove may be busy between two samples */

struct sg_network {
    /* Passed to every function below; may be NULL. */
    void *context;

    uint32_t period_us;   /* between its samples */
    uint16_t min_samples; /* before its first letter */

    /* Reset: no sample has been seen. */
    void (*start)(void *context);

    /* Take the next sample: flex1 to flex5 in ADC counts, pitch, roll and yaw in degrees. */
    void (*step)(void *context, const float sample[SG_SAMPLE_VALUES]);

    /* Set the place and the confidence of the letter of the samples so far, the newest included. */
    void (*recognise)(void *context, struct sg_letter_message *letter);

    /* Do a piece, at most SG_PIECE_US long, of the computation of the shares of the scales in the last recognised
     * letter. Return true when it is done and the letter's shares are set. */
    bool (*explain)(void *context, struct sg_letter_message *letter);

    /* Its labels in UTF-8, by a letter's place. `vocabulary` is their name where they are one of scaleglove's own
     * vocabularies, which a reader knows; NULL: the glove says each label. */
    const char *vocabulary;
    const char *const *labels;
    uint8_t label_count;

    /* Applied to each sample before the network takes it; NULL: the network takes it as it is. */
    const struct sg_front_end *front_end;
};

/* The network that is linked into this board's program; NULL when there is none. */
extern const struct sg_network *const sg_network_of_board;

#endif

/* Scores with what was learned of a hand: `OnlineCalibration.adjust` in models/adaptation/online.py. */

#include "examples.h"

struct learned {
    int32_t classes, width, count, rests;
    const float *holds;     /* [count][width]; null: there are centres instead */
    const double *weights;  /* [count][classes]: of the holds */
    const double *centres;  /* [classes][width] */
    const uint8_t *known;   /* [classes]: which centres are */
    const float *rest;      /* [rests][width] */
    double limit, own, all; /* the exponents of a reference and of all scores */
};

SCALEGLOVE_EXPORT int64_t scaleglove_learned_bytes(void) { return (int64_t)sizeof(struct learned); }

/* Returns (1 + distance) ^ -SHARPNESS. */
static inline double kernel(double distance)
{
    double near = 1 / (1 + distance), squared = near * near, fourth = squared * squared;
    return fourth * fourth * fourth;
}

static double to_centre(const double *embedding, const double *centre, int32_t width)
{
    double lane[LANES] = {0};
    for (int32_t place = 0; place < width; place++) {
        double apart = embedding[place] - centre[place];
        lane[place % LANES] += apart * apart;
    }
    return sum_of(lane);
}

static void near_holds(const struct learned *hand, const double *embedding, double *nearness)
{
    int32_t classes = hand->classes;
    for (int32_t letter = 0; letter < classes; letter++)
        nearness[letter] = 0.0;
    for (int32_t hold = 0; hold < hand->count; hold++) {
        double near = kernel(distance(embedding, hand->holds + (int64_t)hold * hand->width, hand->width));
        const double *weights = hand->weights + (int64_t)hold * classes;
        for (int32_t letter = 0; letter < classes; letter++)
            nearness[letter] += near * weights[letter];
    }
    double least = kernel(hand->limit);
    for (int32_t letter = 0; letter < classes; letter++)
        nearness[letter] = log(nearness[letter] + least);
}

static void near_centres(const struct learned *hand, const double *embedding, double *nearness)
{
    for (int32_t letter = 0; letter < hand->classes; letter++) {
        const double *centre = hand->centres + (int64_t)letter * hand->width;
        double apart = hand->known[letter] ? to_centre(embedding, centre, hand->width) : hand->limit;
        nearness[letter] = -SHARPNESS * log1p(apart);
    }
}

/* Adjusts log-scores double[rows][classes + 1] of windows with embeddings float[rows][width]. For each it writes them
   adjusted, as probabilities, and these with the factor `confidence` double[rows]. */
SCALEGLOVE_EXPORT void scaleglove_adjust(
    const struct learned *hand, int32_t rows, const double *scores, const float *embeddings, const double *confidence,
    double *found
)
{
    int32_t classes = hand->classes, size = classes + 1;
    double embedding[MOST_WIDTH], nearness[MOST_CLASSES + 1];
    for (int32_t row = 0; row < rows; row++) {
        widen(embedding, embeddings, hand->width);
        if (hand->holds)
            near_holds(hand, embedding, nearness);
        else
            near_centres(hand, embedding, nearness);
        double to_rest = to_nearest(embedding, hand->rest, hand->rests, hand->width);
        nearness[classes] = -SHARPNESS * log1p(lower(hand->limit, to_rest));
        for (int32_t place = 0; place < size; place++)
            found[place] = hand->all * (hand->own * scores[place] + nearness[place]);
        softmax(found + size, found, 1.0, size);
        softmax(found + 2 * size, found, confidence[row], size);
        found += 3 * size;
        scores += size;
        embeddings += hand->width;
    }
}

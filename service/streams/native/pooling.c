/* What the newest windows of a still hand agree on: `LetterDecoder` in service/streams/text/decoder.py. */

#include <math.h>
#include <stdint.h>

#define SCALEGLOVE_EXPORT __attribute__((visibility("default")))

/* MIN_PROBABILITY in decoder.py. */
#define LEAST 1e-9

enum { MOST_SIZE = 1024 };

/* Returns the place with the highest mean logarithm in probabilities[count][size], at least one row and at most
   MOST_SIZE places, and writes its share of the exponentials of all means. */
SCALEGLOVE_EXPORT int32_t scaleglove_pool(const double *probabilities, int32_t count, int32_t size, double *share)
{
    double pooled[MOST_SIZE] = {0};
    int32_t best = 0;
    if (count < 1 || size < 1 || size > MOST_SIZE)
        return -1;
    for (int32_t row = 0; row < count; row++)
        for (int32_t place = 0; place < size; place++)
            pooled[place] += log(probabilities[(int64_t)row * size + place] + LEAST);
    for (int32_t place = 0; place < size; place++) {
        pooled[place] /= count;
        if (pooled[place] > pooled[best] || (isnan(pooled[place]) && !isnan(pooled[best])))
            best = place;
    }
    double total = 0.0;
    for (int32_t place = 0; place < size; place++)
        total += exp(pooled[place] - pooled[best]);
    *share = 1.0 / total;
    return best;
}

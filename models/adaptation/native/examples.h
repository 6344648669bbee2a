/* Examples by letter: `OpenSetReference` in models/adaptation/open_set.py. */

#ifndef SCALEGLOVE_EXAMPLES_H
#define SCALEGLOVE_EXAMPLES_H

#include "vectors.h"

/* SHARPNESS in models/adaptation/few_shot.py. */
#define SHARPNESS 12.0

struct examples {
    int32_t classes, width, count, shown, rests, pooled;
    const float *letters;       /* [count][width], ordered by letter */
    const int64_t *starts;      /* [shown]: the first row of each letter */
    const int64_t *names;       /* [shown]: which letter that is */
    const float *rest;          /* [rests][width] */
    const int64_t *pooled_rows; /* [pooled]: of the letters shown, those that lie as far as the nearest of them */
};

/* Writes the squared distance to the nearest example of each letter shown. */
void to_letters(const struct examples *examples, const double *embedding, double *nearest);

/* Returns the squared distance to the nearest row of floats[count][width]; infinity where there is none. */
double to_nearest(const double *embedding, const float *rows, int32_t count, int32_t width);

#endif

#include "examples.h"

void to_letters(const struct examples *examples, const double *embedding, double *nearest)
{
    int32_t width = examples->width;
    for (int32_t row = 0; row < examples->shown; row++) {
        int64_t begin = examples->starts[row];
        int64_t end = row + 1 < examples->shown ? examples->starts[row + 1] : examples->count;
        nearest[row] = to_nearest(embedding, examples->letters + begin * width, (int32_t)(end - begin), width);
    }
    double least = INFINITY;
    for (int32_t one = 0; one < examples->pooled; one++)
        least = lower(least, nearest[examples->pooled_rows[one]]);
    for (int32_t one = 0; one < examples->pooled; one++)
        nearest[examples->pooled_rows[one]] = least;
}

double to_nearest(const double *embedding, const float *rows, int32_t count, int32_t width)
{
    double nearest = INFINITY;
    for (int32_t row = 0; row < count; row++)
        nearest = lower(nearest, distance(embedding, rows + (int64_t)row * width, width));
    return nearest;
}

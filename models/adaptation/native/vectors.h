/* Sums over vectors, in an order of their own that is the same on every processor. */

#ifndef SCALEGLOVE_VECTORS_H
#define SCALEGLOVE_VECTORS_H

#include <math.h>
#include <stdint.h>

#define SCALEGLOVE_EXPORT __attribute__((visibility("default")))

/* The largest sizes: of a label's and an embedding's index. What is larger runs in Python. */
enum { MOST_CLASSES = 512, MOST_WIDTH = 1024, MOST_EXAMPLES = 100000 };

/* Additions that do not wait for each other. */
enum { LANES = 8 };

static inline double lower(double one, double other) { return one < other || isnan(one) ? one : other; }

static inline double higher(double one, double other) { return one > other || isnan(one) ? one : other; }

static inline double sum_of(const double *lane)
{
    return ((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]));
}

/* The squared distance from a point to a row of floats. */
static inline double distance(const double *point, const float *row, int32_t width)
{
    double lane[LANES] = {0};
    int32_t place = 0;
    for (; place + LANES <= width; place += LANES)
        for (int32_t each = 0; each < LANES; each++) {
            double apart = point[place + each] - (double)row[place + each];
            lane[each] += apart * apart;
        }
    for (int32_t each = 0; place < width; place++, each++) {
        double apart = point[place] - (double)row[place];
        lane[each] += apart * apart;
    }
    return sum_of(lane);
}

/* Adds to `sums` the rows of a matrix float[inputs][outputs], each times its input. */
static inline void add_products(double *sums, const double *inputs, const float *matrix, int32_t count, int32_t outputs)
{
    for (int32_t input = 0; input < count; input++) {
        const float *row = matrix + (int64_t)input * outputs;
        for (int32_t output = 0; output < outputs; output++)
            sums[output] += inputs[input] * (double)row[output];
    }
}

static inline void widen(double *wide, const float *values, int32_t count)
{
    for (int32_t place = 0; place < count; place++)
        wide[place] = (double)values[place];
}

/* Writes the softmax of scores times a factor. */
static inline void softmax(double *probabilities, const double *scores, double factor, int32_t count)
{
    double highest = factor * scores[0], total = 0.0;
    for (int32_t place = 1; place < count; place++)
        highest = higher(highest, factor * scores[place]);
    for (int32_t place = 0; place < count; place++)
        total += probabilities[place] = exp(factor * scores[place] - highest);
    for (int32_t place = 0; place < count; place++)
        probabilities[place] /= total;
}

#endif

/* One step of a GRU for many rows, https://onnx.ai/onnx/operators/onnx__GRU.html:
 *
 *     z = s(Wz x + Rz h + bz)      r = s(Wr x + Rr h + br)
 *     h~ = tanh(Wh x + Rh (r * h) + bh)               or, with reset_after,
 *     h~ = tanh(Wh x + bh + r * (Rh h + rh))
 *     h = (1 - z) h~ + z h
 */
#include <string.h>

#include "kernel.h"

static inline float clamp(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

/* exp(x) = 2^n exp(r), n = round(x / ln 2); for |r| < 0.35 a polynomial of degree 6, 1e-8 off but for rounding. Its
 * coefficients interpolate (exp(r) - 1 - r) / r^2 at Chebyshev's nodes. */
static inline float exponential(float x)
{
    const float round = 12582912.0f; /* 1.5 * 2^23: the sum has no bits left for a fraction, and n in its lowest */
    x = clamp(x, -86.0f, 86.0f);
    const float shifted = x * 1.44269504f + round, n = shifted - round;
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    const float tail = 0.5f + r * (0.166665767f + r * (0.0416665542f + r * (0.00836323288f + r * 0.00139262508f)));
    float power = 1.0f + (r + r * r * tail);
    uint32_t bits, exponent;
    memcpy(&bits, &power, sizeof bits);
    memcpy(&exponent, &shifted, sizeof exponent);
    bits += exponent << 23;
    memcpy(&power, &bits, sizeof power);
    return power;
}

static inline float soft_gate(float x) { return 1.0f / (1.0f + exponential(-x)); }
static inline float soft_candidate(float x) { return 1.0f - 2.0f / (1.0f + exponential(2.0f * x)); }

/* As in the artefact: its gates' weights are scaled so that the ramp ends at -1 and 1. */
static inline float hard_candidate(float x) { return clamp(x, -1.0f, 1.0f); }
static inline float hard_gate(float x) { return 0.5f + 0.5f * hard_candidate(x); }

/* work[rows][HIDDEN] = r * h */
static void reset(int hard, int rows, const float *gates, const float *state, float *restrict work)
{
    for (int row = 0; row < rows; row++) {
        const float *r = gates + row * GATES + HIDDEN, *h = state + row * HIDDEN;
        float *const out = work + row * HIDDEN;
        if (hard)
            for (int i = 0; i < HIDDEN; i++)
                out[i] = hard_gate(r[i]) * h[i];
        else
            for (int i = 0; i < HIDDEN; i++)
                out[i] = soft_gate(r[i]) * h[i];
    }
}

/* gates[h~] += r * work */
static void reset_product(int rows, float *gates, const float *work)
{
    for (int row = 0; row < rows; row++) {
        const float *r = gates + row * GATES + HIDDEN, *from = work + row * HIDDEN;
        float *const candidate = gates + row * GATES + 2 * HIDDEN;
        for (int i = 0; i < HIDDEN; i++)
            candidate[i] += soft_gate(r[i]) * from[i];
    }
}

/* h = (1 - z) h~ + z h */
static void update(int hard, int rows, const float *gates, float *restrict state)
{
    for (int row = 0; row < rows; row++) {
        const float *z = gates + row * GATES, *candidate = z + 2 * HIDDEN;
        float *const h = state + row * HIDDEN;
        if (hard)
            for (int i = 0; i < HIDDEN; i++) {
                const float c = hard_candidate(candidate[i]);
                h[i] = c + hard_gate(z[i]) * (h[i] - c);
            }
        else
            for (int i = 0; i < HIDDEN; i++) {
                const float c = soft_candidate(candidate[i]);
                h[i] = c + soft_gate(z[i]) * (h[i] - c);
            }
    }
}

/* Advance state[rows][HIDDEN] by one step, with gates[rows][GATES] = W x + b; overwrites gates and
 * work[rows][HIDDEN]. */
void recur(const struct model *model, const struct recurrent *layer, int rows, float *gates, float *state, float *work)
{
    const struct linear *R = &layer->state;
    const struct linear zr = {R->weight, R->bias, HIDDEN, 2 * HIDDEN};
    const struct linear candidate = {R->weight + 2 * HIDDEN * PANEL, R->bias + 2 * HIDDEN, HIDDEN, HIDDEN};
    float *const in_candidate = gates + 2 * HIDDEN;

    product(&zr, rows, state, HIDDEN, gates, GATES, gates, GATES);
    if (model->reset_after) {
        product(&candidate, rows, state, HIDDEN, candidate.bias, 0, work, HIDDEN);
        reset_product(rows, gates, work);
    } else {
        reset(model->hard, rows, gates, state, work);
        product(&candidate, rows, work, HIDDEN, in_candidate, GATES, in_candidate, GATES);
    }
    update(model->hard, rows, gates, state);
}

/* In place. Summed and divided in double: the importance depends on differences between probabilities close to 1. */
void softmax(int count, float *values)
{
    float largest = values[0];
    double sum = 0.0;
    for (int i = 1; i < count; i++)
        largest = values[i] > largest ? values[i] : largest;
    for (int i = 0; i < count; i++)
        values[i] = exponential(values[i] - largest);
    for (int i = 0; i < count; i++)
        sum += values[i];
    for (int i = 0; i < count; i++)
        values[i] = (float)(values[i] / sum);
}

/* The three convolutions in scatter form: not a tower's sum over seven frames, but a frame's contribution to the
 * towers at the seven places around it, its trace. */
#include "kernel.h"

static inline float relu(float x) { return x < 0.0f ? 0.0f : x; }

/* Compute sums[POOLED] of the towers at frame `t`: missing frames are the convolutions' zero padding. */
static void convolve(const struct model *model, int frames, int t, const float *traces, float *restrict sums)
{
    const float *tap = traces; /* of the tower's first tap, in the trace of frame 0 */
    for (int tower = 0; tower < TOWERS; tower++) {
        const int width = 3 + 2 * tower, half = width / 2;
        float *const sum = sums + tower * FILTERS;
        for (int i = 0; i < FILTERS; i++)
            sum[i] = model->tower_bias[tower * FILTERS + i];
        for (int j = 0; j < width; j++, tap += FILTERS) {
            const int from = t + j - half;
            if (from >= 0 && from < frames)
                for (int i = 0; i < FILTERS; i++)
                    sum[i] += tap[from * TRACE + i];
        }
    }
}

/* Compute pooled[ceil(frames / 2)][POOLED]: the towers, ReLU, batch norm, ReLU, and the larger of each two, from
 * normalised [frames][CHANNELS] and turned[frames][2 * TURNING], by way of traces[frames][TRACE]. */
void run_towers(const struct model *model, int frames, const float *normalised, const float *turned, float *traces,
                float *restrict pooled)
{
    struct term terms[MAX_TERMS];
    float sums[POOLED];
    for (int t = 0; t < frames; t++) {
        const int count = frame_terms(model, normalised + t * CHANNELS, turned + t * 2 * TURNING, terms);
        sum_terms(terms, count, traces + t * TRACE);
    }
    for (int t = 0; t < frames; t++) {
        float *const out = pooled + t / 2 * POOLED;
        convolve(model, frames, t, traces, sums);
        for (int i = 0; i < POOLED; i++) {
            const float feature = relu(relu(sums[i]) * model->norm_gain[i] + model->norm_shift[i]);
            out[i] = t % 2 && feature < out[i] ? out[i] : feature;
        }
    }
}

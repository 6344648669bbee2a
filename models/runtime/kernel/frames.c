/* The network's input: frames normalised and encoded as in Python (Normaliser, MSCSGRU_ScaleAware_Encoded).
 *
 * This file is compiled without fused multiply-add: floor() below must get the same float as in ONNX Runtime, or an
 * angle on its seam would be a whole turn away. */
#include <math.h>
#include <string.h>

#include "kernel.h"

static inline float clamp01(float x) { return x < 0.0f ? 0.0f : x > 1.0f ? 1.0f : x; }

/* Normalise raw float[frames][CHANNELS]. */
void normalise(const struct model *model, int frames, const float *raw, float *restrict normalised)
{
    for (int t = 0; t < frames; t++)
        for (int c = 0; c < CHANNELS; c++) {
            const float x = raw[t * CHANNELS + c], filled = x < model->threshold[c] ? model->fill[c] : x;
            const float turns = floorf(filled * model->per_turn + model->turn[c]);
            normalised[t * CHANNELS + c] = filled * model->gain[c] + model->offset[c] - turns * model->turn_gain[c];
        }
}

/* sin(x): x minus the nearest multiple n of pi, then the Taylor series to the 11th power, error below 6e-8. */
static inline float sine(float x)
{
    const float round = 12582912.0f; /* 1.5 * 2^23: the sum has no bits left for a fraction, and n in its lowest */
    const float shifted = x * 0.318309886f + round, n = shifted - round;
    uint32_t odd;
    memcpy(&odd, &shifted, sizeof odd);
    const float sign = 1.0f - 2.0f * (float)(int32_t)(odd & 1);
    const float r = (x - n * 3.14159274f) + n * 8.74227766e-8f, q = r * r;
    const float tail = -1.0f / 6 + q * (1.0f / 120 + q * (-1.0f / 5040 + q * (1.0f / 362880 - q * (1.0f / 39916800))));
    return sign * (r + r * q * tail);
}

/* Compute turned[frames][2 * TURNING]: weighted sines, then cosines, of pitch and roll. */
void turn(const struct model *model, int frames, const float *normalised, float *restrict turned)
{
    const int pitch = CHANNELS - 1 - TURNING;
    for (int t = 0; t < frames; t++)
        for (int i = 0; i < TURNING; i++) {
            const float angle = normalised[t * CHANNELS + pitch + i] * model->rate[i] + model->phase[i];
            turned[2 * TURNING * t + i] = model->angle_weight * sine(angle);
            turned[2 * TURNING * t + TURNING + i] = model->angle_weight * sine(angle + 1.57079633f);
        }
}

/* A channel's features are 1 in the bins below its reading, a fraction in the reading's own bin and 0 above. So their
 * contribution to the towers is linear from knot to knot, and two rows of the table give it in place of sixteen. */
static int interpolate(const struct model *model, int channel, float x, struct term *terms)
{
    const float *low = model->low + channel * BINS;
    int bin = 0;
    for (int i = 1; i < BINS; i++)
        bin += x >= low[i];
    const float fraction = clamp01((x - low[bin]) * model->per_width[channel * BINS + bin]);
    const float *knot = model->trace + (size_t)(channel * KNOTS + bin) * TRACE;
    terms[0] = (struct term){knot, 1.0f - fraction};
    terms[1] = (struct term){knot + TRACE, fraction};
    return 2;
}

/* Compute the summands of one frame's trace from normalised[CHANNELS] and turned[2 * TURNING]; return their number. */
int frame_terms(const struct model *model, const float *normalised, const float *turned, struct term *terms)
{
    int count = 0;
    if (!model->encoded) {
        for (; count < CHANNELS; count++)
            terms[count] = (struct term){model->trace + count * TRACE, normalised[count]};
        return count;
    }
    for (int c = 0; c < CHANNELS; c++)
        count += interpolate(model, c, normalised[c], terms + count);
    for (int i = 0; i < 2 * TURNING; i++)
        terms[count++] = (struct term){model->trace + (CHANNELS * KNOTS + i) * TRACE, turned[i]};
    return count;
}

/* Compute mean[features] of the newest encoded frames. */
void newest_mean(const struct model *model, int frames, const float *normalised, const float *turned,
                 float *restrict mean)
{
    const int newest = frames < model->newest_frames ? frames : model->newest_frames;
    float *const bins = mean + 2 * TURNING;
    memset(mean, 0, sizeof(float) * (size_t)model->features);
    for (int t = frames - newest; t < frames; t++) {
        for (int i = 0; i < 2 * TURNING; i++)
            mean[i] += turned[2 * TURNING * t + i];
        for (int c = 0; c < CHANNELS; c++)
            for (int i = c * BINS; i < (c + 1) * BINS; i++)
                bins[i] += clamp01((normalised[t * CHANNELS + c] - model->low[i]) * model->per_width[i]);
    }
    for (int i = 0; i < model->features; i++)
        mean[i] /= (float)newest;
}

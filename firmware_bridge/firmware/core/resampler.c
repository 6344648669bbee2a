#include "resampler.h"

#include <math.h>
#include <string.h>

void sg_resampler_start(struct sg_resampler *resampler, uint32_t period_us)
{
    *resampler = (struct sg_resampler){.period_us = period_us};
}

static void hold(struct sg_resampler *resampler, const struct sg_frame *frame)
{
    resampler->newest_us = frame->time_us;
    memcpy(resampler->newest, frame->flex, sizeof frame->flex);
    memcpy(resampler->newest + SG_FINGERS, frame->angles, sizeof frame->angles);
}

bool sg_resampler_push(struct sg_resampler *resampler, const struct sg_frame *frame)
{
    const uint32_t elapsed_us = frame->time_us - resampler->newest_us; /* the timer wraps */
    const bool begins = !resampler->begun || elapsed_us > SG_GAP_US;
    if (!begins && elapsed_us == 0) {
        return false;
    }
    if (!begins) {
        resampler->before_us = resampler->newest_us;
        memcpy(resampler->before, resampler->newest, sizeof resampler->before);
    }
    hold(resampler, frame);
    if (begins) {
        resampler->begun = true;
        resampler->due_us = frame->time_us;
    }
    return begins;
}

static double wrap(double degrees)
{
    return degrees >= -180.0 && degrees < 180.0 ? degrees : degrees - 360.0 * floor((degrees + 180.0) / 360.0);
}

/* In double, as the Python resampler. */
static float between(float start, float end, double fraction)
{
    return (float)(start + fraction * ((double)end - start));
}

static float angle_between(float start, float end, double fraction)
{
    return (float)wrap(start + fraction * wrap((double)end - start));
}

static void draw(const struct sg_resampler *resampler, double fraction, float sample[SG_SAMPLE_VALUES])
{
    for (int i = 0; i < SG_SAMPLE_VALUES; i++) {
        const float start = resampler->before[i], end = resampler->newest[i];
        sample[i] = i < SG_FINGERS ? between(start, end, fraction) : angle_between(start, end, fraction);
    }
}

bool sg_resampler_next(struct sg_resampler *resampler, float sample[SG_SAMPLE_VALUES])
{
    const uint32_t left_us = resampler->newest_us - resampler->due_us;
    if (!resampler->begun || left_us > UINT32_MAX / 2) {
        return false;
    }
    if (left_us == 0) {
        memcpy(sample, resampler->newest, sizeof resampler->newest);
    } else {
        const uint32_t step_us = resampler->newest_us - resampler->before_us;
        draw(resampler, (double)(step_us - left_us) / step_us, sample);
    }
    resampler->due_us += resampler->period_us;
    return true;
}

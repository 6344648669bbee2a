/* Frames at the glove's own pace become samples at a network's: linear between two frames, angles by the short way
 * round. The rules are those of models/timeline.py, by which the service and the training go. */
#ifndef SG_RESAMPLER_H
#define SG_RESAMPLER_H

#include <stdbool.h>
#include <stdint.h>

#include "network.h"

#define SG_HOLE_US 250000u /* frames further apart are not joined: a hand can change its letter in that time */

struct sg_resampler {
    uint32_t period_us;
    bool begun;
    uint32_t before_us, newest_us; /* of the last two frames */
    uint32_t due_us;               /* of the next sample */
    float before[SG_SAMPLE_VALUES], newest[SG_SAMPLE_VALUES];
};

/* No frame yet; period_us from 1000 on. */
void sg_resampler_start(struct sg_resampler *resampler, uint32_t period_us);

/* Take the next frame, after all its samples of before were taken. True when the time line begins with it, or begins
 * anew behind a hole: samples from here on have nothing to do with those before. */
bool sg_resampler_push(struct sg_resampler *resampler, const struct sg_frame *frame);

/* The next sample that the frames complete; false when there is none. */
bool sg_resampler_next(struct sg_resampler *resampler, float sample[SG_SAMPLE_VALUES]);

#endif

/* The resampler from the glove's frame rate to a network's: linear between two frames, angles by the shorter way. The
 * rules are those of the Python resampler, which the service and the training use. */
#ifndef SG_RESAMPLER_H
#define SG_RESAMPLER_H

#include <stdbool.h>
#include <stdint.h>

#include "network.h"

#define SG_GAP_US 250000u /* frames further apart are not interpolated: a hand can change its letter in that time */

struct sg_resampler {
    uint32_t period_us;
    bool begun;
    uint32_t before_us, newest_us; /* of the last two frames */
    uint32_t due_us;               /* of the next sample */
    float before[SG_SAMPLE_VALUES], newest[SG_SAMPLE_VALUES];
};

/* Start without frames; period_us is at least 1000. */
void sg_resampler_start(struct sg_resampler *resampler, uint32_t period_us);

/* Take the next frame, after all earlier samples were taken. Return true when it is the first one or follows a gap:
 * samples from here on are not continuous with those before. */
bool sg_resampler_push(struct sg_resampler *resampler, const struct sg_frame *frame);

/* Take the next sample that the frames complete; return false when there is none. */
bool sg_resampler_next(struct sg_resampler *resampler, float sample[SG_SAMPLE_VALUES]);

#endif

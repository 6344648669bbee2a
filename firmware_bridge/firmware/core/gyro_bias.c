#include "gyro_bias.h"

#include <math.h>
#include <string.h>

static const float STILL_S = 1.0f;          /* time that the hand must be still */
enum { STILL_SAMPLES = 10 };                /* and samples, when they are far apart */
static const float STILL_RATE = 2.0f;       /* degrees/s about the mean: an MPU-6050's noise is below 0.5 */
static const float STILL_ACCELERATION = 0.05f; /* g about the mean, which turns with the hand: 3 degrees */
static const float LARGEST_BIAS = 20.0f;    /* degrees/s: the zero-rate output an MPU-6050's data sheet allows */
/* Once known, the bias only drifts with temperature; a steady turn faster than this is a turn, not a bias. */
static const float LARGEST_CHANGE = 1.0f;

static void begin_stretch(struct sg_gyro_bias *state)
{
    memset(state->rate_mean, 0, sizeof state->rate_mean);
    memset(state->acceleration_mean, 0, sizeof state->acceleration_mean);
    state->samples = 0;
    state->seconds = 0.0f;
}

void sg_gyro_bias_start(struct sg_gyro_bias *state)
{
    memset(state->bias, 0, sizeof state->bias);
    sg_gyro_bias_renew(state);
}

void sg_gyro_bias_renew(struct sg_gyro_bias *state)
{
    state->found = false;
    begin_stretch(state);
}

static bool within(const float values[3], const float about[3], float distance)
{
    for (int axis = 0; axis < 3; axis++) {
        if (!(fabsf(values[axis] - about[axis]) <= distance)) {
            return false;
        }
    }
    return true;
}

static void take_into_mean(float mean[3], const float values[3], uint16_t count)
{
    for (int axis = 0; axis < 3; axis++) {
        mean[axis] += (values[axis] - mean[axis]) / (float)count;
    }
}

/* Tell a bias from a slow turn, by the mean rate of a whole still stretch. */
static bool is_bias(const struct sg_gyro_bias *state)
{
    static const float none[3] = {0.0f, 0.0f, 0.0f};
    return within(state->rate_mean, none, LARGEST_BIAS) &&
           (!state->found || within(state->rate_mean, state->bias, LARGEST_CHANGE));
}

bool sg_gyro_bias_update(struct sg_gyro_bias *state, const float acceleration[3], const float rate[3], float seconds)
{
    if (state->samples > 0 && !(within(rate, state->rate_mean, STILL_RATE) &&
                                within(acceleration, state->acceleration_mean, STILL_ACCELERATION))) {
        begin_stretch(state);
    }
    state->seconds += state->samples > 0 ? seconds : 0.0f;
    state->samples++;
    take_into_mean(state->rate_mean, rate, state->samples);
    take_into_mean(state->acceleration_mean, acceleration, state->samples);
    if (state->seconds < STILL_S || state->samples < STILL_SAMPLES) {
        return false;
    }
    const bool taken = is_bias(state);
    if (taken) {
        memcpy(state->bias, state->rate_mean, sizeof state->bias);
        state->found = true;
    }
    begin_stretch(state);
    return taken;
}

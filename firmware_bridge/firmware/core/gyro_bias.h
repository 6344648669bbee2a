/* What the gyroscope reads when nothing turns: found while the hand is still. */
#ifndef SG_GYRO_BIAS_H
#define SG_GYRO_BIAS_H

#include <stdbool.h>
#include <stdint.h>

struct sg_gyro_bias {
    float bias[3];              /* degrees/s; 0 until found */
    bool found;                 /* since the start or since sg_gyro_bias_renew */
    float rate_mean[3];         /* of the still stretch so far */
    float acceleration_mean[3];
    uint16_t samples;
    float seconds;
};

/* Nothing known, nothing assumed. */
void sg_gyro_bias_start(struct sg_gyro_bias *state);

/* Find the bias anew: the old one holds until the hand has been still. */
void sg_gyro_bias_renew(struct sg_gyro_bias *state);

/* Take one sample, `seconds` after the last. True when it ended a still stretch that found or refined the bias. */
bool sg_gyro_bias_update(struct sg_gyro_bias *state, const float acceleration[3], const float rate[3], float seconds);

#endif

/* The gyroscope's bias, its reading at rest: measured while the hand is still. */
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

/* Start with a bias of 0 that is not found. */
void sg_gyro_bias_start(struct sg_gyro_bias *state);

/* Measure the bias again: the old one stays in use until the hand has been still. */
void sg_gyro_bias_renew(struct sg_gyro_bias *state);

/* Take one sample, `seconds` after the last. Return true when it ends a still stretch that found or refined the
 * bias. */
bool sg_gyro_bias_update(struct sg_gyro_bias *state, const float acceleration[3], const float rate[3], float seconds);

#endif

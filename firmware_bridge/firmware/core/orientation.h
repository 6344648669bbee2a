/* The hand's orientation: a complementary filter over acceleration and turn rate. */
#ifndef SG_ORIENTATION_H
#define SG_ORIENTATION_H

#include <stdbool.h>

struct sg_orientation {
    float attitude[4];  /* unit quaternion w x y z: turns the hand's axes into the earth's (z up) */
    float yaw_zero;     /* degrees subtracted from the yaw */
    bool levelled;      /* pitch and roll have been set from the first acceleration */
};

/* Start level, at yaw 0; the first usable acceleration sets pitch and roll at once. */
void sg_orientation_start(struct sg_orientation *state);

/* Turn by `rate` (degrees/s, without the bias) over `seconds`, and lean towards the vertical of the acceleration
 * (g). An acceleration far from 1 g, as in a blow or of a dead sensor, is ignored: then the gyroscope alone counts. */
void sg_orientation_update(struct sg_orientation *state, const float acceleration[3], const float rate[3],
                           float seconds);

/* Compute pitch [-90, 90], roll and yaw [-180, 180) in degrees: turns about y, x and z in the order z, y, x. */
void sg_orientation_angles(const struct sg_orientation *state, float angles[3]);

/* Make this direction yaw 0. */
void sg_orientation_zero_yaw(struct sg_orientation *state);

#endif

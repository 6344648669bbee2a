/* Which way the hand points: a complementary filter over acceleration and turn rate. */
#ifndef SG_ORIENTATION_H
#define SG_ORIENTATION_H

#include <stdbool.h>

struct sg_orientation {
    float attitude[4];  /* unit quaternion w x y z: turns the hand's axes into the room's (z up) */
    float yaw_zero;     /* degrees taken off the yaw */
    bool levelled;      /* pitch and roll have been set from the first acceleration */
};

/* Level, yaw 0; the first usable acceleration sets pitch and roll at once. */
void sg_orientation_start(struct sg_orientation *state);

/* Turn on by `rate` (degrees/s, bias taken off) over `seconds`, and lean towards where the acceleration (g) says up is.
 * An acceleration far from 1 g, as in a blow or from a dead sensor, is left out: the gyroscope alone goes on. */
void sg_orientation_update(struct sg_orientation *state, const float acceleration[3], const float rate[3],
                           float seconds);

/* Pitch [-90, 90], roll and yaw [-180, 180) in degrees: turns about y, x and z in the order z, y, x. */
void sg_orientation_angles(const struct sg_orientation *state, float angles[3]);

/* From now on yaw is 0 in this direction. */
void sg_orientation_zero_yaw(struct sg_orientation *state);

#endif

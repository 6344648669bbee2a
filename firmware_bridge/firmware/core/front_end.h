/* The front end of a glove: from its samples to those of the glove that a network was trained on, before the network
 * sees them. models/adaptation/front_end.py in C: five gains, offsets and slopes, and an orthogonal matrix on gravity. */
#ifndef SG_FRONT_END_H
#define SG_FRONT_END_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"

enum { SG_SAMPLE_VALUES = SG_FINGERS + SG_ANGLES };

struct sg_front_end {
    double gain[SG_FINGERS], offset[SG_FINGERS]; /* in double, as in Python: the same readings to the bit */
    double slope[SG_FINGERS]; /* of a divider that bends the scale; 0: the scale is straight */
    double contact[SG_FINGERS][2]; /* a reading below the first or above the second is of a sensor without contact */
    float rotation[SG_AXES][SG_AXES];
    float neutral[SG_ANGLES]; /* pitch, roll and yaw where the glove has no motion sensor */
    bool keeps_flex, keeps_lean; /* gains, offsets and slopes, or the matrix, change nothing */
    uint8_t missing; /* bit i: the i-th value of a sample says nothing */
};

/* Turn a sample, flex1 to flex5 and pitch, roll, yaw in degrees, into what the network's own glove would give; NaN is a
 * sensor that this glove does not have. The same bits on every machine with IEEE arithmetic. */
void sg_front_end_apply(const struct sg_front_end *front_end, float sample[SG_SAMPLE_VALUES]);

/* The front end that is linked into this board's program: `scaleglove export --target c --glove`, or one that changes
 * nothing. */
extern const struct sg_front_end sg_front_end_of_board;

#endif

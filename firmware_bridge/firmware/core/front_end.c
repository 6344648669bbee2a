#include "front_end.h"

#include <math.h>

/* As in models/adaptation/front_end.py and scaleglove/channels.py. */
static const double DROPPED_BELOW = 100.0;
static const float DROPPED = 0.0f;

static const float RIGHT_ANGLE = 90.0f, HALF_TURN = 180.0f, RADIANS = 0.017453292519943295f;

/* Sine and cosine of r within a quarter of pi, and the arc tangent of t within 0 to tan(pi / 8): the polynomials of the
 * Cephes library (S. L. Moshier, 1989; sinf.c, atanf.c), to 1e-7. Those of the C library differ from chip to chip. */
static float sine(float r)
{
    const float z = r * r;
    return ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * r + r;
}

static float cosine(float r)
{
    const float z = r * r;
    return ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z - 0.5f * z + 1.0f;
}

static float arc_tangent(float t)
{
    const float z = t * t;
    return (((8.05374449538e-2f * z - 1.38776856032e-1f) * z + 1.99777106478e-1f) * z - 3.33329491539e-1f) * z * t + t;
}

/* Compute sine and cosine of degrees; the whole right angles are taken off exactly. */
static void sine_and_cosine(float degrees, float *sin, float *cos)
{
    const float turns = rintf(degrees / RIGHT_ANGLE);
    const float r = (degrees - turns * RIGHT_ANGLE) * RADIANS;
    const float s = sine(r), c = cosine(r);
    const float quarters[4] = {s, c, -s, -c};
    const int quarter = (int)(turns - 4.0f * floorf(turns / 4.0f));
    *sin = quarters[quarter];
    *cos = quarters[(quarter + 1) % 4];
}

/* Return the angle of the direction x, y in degrees, -180 to 180. */
static float angle_of(float y, float x)
{
    const float across = fabsf(y), along = fabsf(x);
    const float lesser = across < along ? across : along, greater = across < along ? along : across;
    if (greater == 0.0f) {
        return 0.0f;
    }
    /* The arc tangent of 1 is half a right angle; above tan(pi / 8) what is missing to it is the smaller one. */
    const float ratio = lesser / greater;
    const bool is_steep = ratio > 0.41421356f;
    const float small = arc_tangent(is_steep ? (ratio - 1.0f) / (ratio + 1.0f) : ratio) / RADIANS;
    const float octant = is_steep ? 0.5f * RIGHT_ANGLE + small : small;
    const float quadrant = across < along ? octant : RIGHT_ANGLE - octant;
    return copysignf(x < 0.0f ? HALF_TURN - quadrant : quadrant, y);
}

static float see_finger(const struct sg_front_end *front_end, int finger, float reading)
{
    if (front_end->keeps_flex) {
        return reading;
    }
    const double raw = (double)reading;
    if (raw < front_end->contact[finger][0] || raw > front_end->contact[finger][1]) {
        return DROPPED;
    }
    const double line = front_end->gain[finger] * raw + front_end->offset[finger];
    const double slope = front_end->slope[finger];
    const double seen = slope == 0.0 ? line : line / (1.0 + slope * raw); /* a division costs more than all the rest */
    return (float)(seen < DROPPED_BELOW ? DROPPED_BELOW : seen);
}

/* Turn the direction of gravity. */
static void see_lean(const struct sg_front_end *front_end, float *pitch, float *roll)
{
    float sin_pitch, cos_pitch, sin_roll, cos_roll, seen[SG_AXES];
    sine_and_cosine(*pitch, &sin_pitch, &cos_pitch);
    sine_and_cosine(*roll, &sin_roll, &cos_roll);
    const float gravity[SG_AXES] = {-sin_pitch, cos_pitch * sin_roll, cos_pitch * cos_roll};
    for (int axis = 0; axis < SG_AXES; axis++) {
        const float *row = front_end->rotation[axis];
        seen[axis] = row[0] * gravity[0] + row[1] * gravity[1] + row[2] * gravity[2];
    }
    *pitch = angle_of(-seen[0], sqrtf(seen[1] * seen[1] + seen[2] * seen[2]));
    *roll = angle_of(seen[1], seen[2]);
}

void sg_front_end_apply(const struct sg_front_end *front_end, float sample[SG_SAMPLE_VALUES])
{
    float *angles = sample + SG_FINGERS;
    for (int i = 0; i < SG_SAMPLE_VALUES; i++) {
        if (front_end->missing >> i & 1) {
            sample[i] = NAN;
        }
    }
    for (int finger = 0; finger < SG_FINGERS; finger++) {
        sample[finger] = isnan(sample[finger]) ? DROPPED : see_finger(front_end, finger, sample[finger]);
    }
    if (isnan(angles[SG_PITCH]) || isnan(angles[SG_ROLL])) { /* without one the direction of gravity is not known */
        angles[SG_PITCH] = front_end->neutral[SG_PITCH];
        angles[SG_ROLL] = front_end->neutral[SG_ROLL];
    } else if (!front_end->keeps_lean) {
        see_lean(front_end, &angles[SG_PITCH], &angles[SG_ROLL]);
    }
    if (isnan(angles[SG_YAW])) {
        angles[SG_YAW] = front_end->neutral[SG_YAW];
    }
}

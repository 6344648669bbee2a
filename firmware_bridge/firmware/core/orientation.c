/* The explicit complementary filter of R. Mahony, T. Hamel, J.-M. Pflimlin, "Nonlinear complementary filters on the
 * special orthogonal group", IEEE Transactions on Automatic Control 53(5), 2008, eq. 32, on quaternions:
 *
 *     dq/dt = 1/2 q * (0, w + k e)        e = a x v
 *
 * w the turn rate, a the direction of the measured acceleration, v that of the upward vertical in the hand's axes by q.
 * In each step first w turns q to where the acceleration was measured, then e is computed there: with the vertical
 * before the turn, every turn would count as an error, and the angles would run ahead by one step of it.
 * Pitch and roll of an acceleration: M. Pedley, Freescale application note AN3461, eq. 25 and 26 with z up.
 * A quaternion rather than Euler angles, because their rates are infinite where the hand points straight up or down. */
#include "orientation.h"

#include <math.h>

static const float DEGREES = 57.2957795f;
/* Time in which the pull of the acceleration removes 63 % of an error: far longer than the strokes of signing (0.2 s),
 * far shorter than the gyroscope's drift (1 degree in minutes, without its bias). */
static const float LEAN_S = 1.0f;
static const float LEAST_G = 0.7f, MOST_G = 1.3f; /* beyond these the hand is being swung or hit */

void sg_orientation_start(struct sg_orientation *state)
{
    *state = (struct sg_orientation){.attitude = {1.0f, 0.0f, 0.0f, 0.0f}};
}

static float length(const float v[3]) { return sqrtf(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]); }

/* product = p * r; not in place. */
static void multiply(float product[4], const float p[4], const float r[4])
{
    product[0] = p[0] * r[0] - p[1] * r[1] - p[2] * r[2] - p[3] * r[3];
    product[1] = p[0] * r[1] + p[1] * r[0] + p[2] * r[3] - p[3] * r[2];
    product[2] = p[0] * r[2] - p[1] * r[3] + p[2] * r[0] + p[3] * r[1];
    product[3] = p[0] * r[3] + p[1] * r[2] - p[2] * r[1] + p[3] * r[0];
}

/* attitude = attitude * (a turn by the vector `radians` in the hand's axes), normalised. */
static void turn(float attitude[4], const float radians[3])
{
    const float angle = length(radians);
    /* sin(angle / 2) / angle, whose series begins 1/2 - angle^2 / 48. */
    const float scale = angle > 1e-3f ? sinf(0.5f * angle) / angle : 0.5f;
    const float step[4] = {cosf(0.5f * angle), scale * radians[0], scale * radians[1], scale * radians[2]};
    float turned[4];
    multiply(turned, attitude, step);
    const float norm = sqrtf(turned[0] * turned[0] + turned[1] * turned[1] + turned[2] * turned[2] +
                             turned[3] * turned[3]);
    for (int i = 0; i < 4; i++) {
        attitude[i] = turned[i] / norm;
    }
}

/* Compute the upward vertical in the hand's axes. */
static void vertical(const float q[4], float up[3])
{
    up[0] = 2.0f * (q[1] * q[3] - q[0] * q[2]);
    up[1] = 2.0f * (q[0] * q[1] + q[2] * q[3]);
    up[2] = q[0] * q[0] - q[1] * q[1] - q[2] * q[2] + q[3] * q[3];
}

/* Set pitch and roll from the acceleration, yaw to 0. */
static void level(float attitude[4], const float a[3])
{
    const float half_pitch = 0.5f * atan2f(-a[0], sqrtf(a[1] * a[1] + a[2] * a[2]));
    const float half_roll = 0.5f * atan2f(a[1], a[2]);
    attitude[0] = cosf(half_pitch) * cosf(half_roll);
    attitude[1] = cosf(half_pitch) * sinf(half_roll);
    attitude[2] = sinf(half_pitch) * cosf(half_roll);
    attitude[3] = -sinf(half_pitch) * sinf(half_roll);
}

/* Turn by k e over `seconds`; `size` is the length of the acceleration. */
static void lean(float attitude[4], const float acceleration[3], float size, float seconds)
{
    float up[3];
    vertical(attitude, up);
    const float gain = seconds / (LEAN_S + seconds) / size; /* below 1 for long steps too */
    const float radians[3] = {
        gain * (acceleration[1] * up[2] - acceleration[2] * up[1]),
        gain * (acceleration[2] * up[0] - acceleration[0] * up[2]),
        gain * (acceleration[0] * up[1] - acceleration[1] * up[0]),
    };
    turn(attitude, radians);
}

void sg_orientation_update(struct sg_orientation *state, const float acceleration[3], const float rate[3],
                           float seconds)
{
    const float size = length(acceleration);
    const bool usable = size >= LEAST_G && size <= MOST_G;
    if (usable && !state->levelled) {
        level(state->attitude, acceleration);
        state->levelled = true;
        return;
    }
    const float radians[3] = {
        rate[0] / DEGREES * seconds, rate[1] / DEGREES * seconds, rate[2] / DEGREES * seconds};
    turn(state->attitude, radians);
    if (usable) {
        lean(state->attitude, acceleration, size, seconds);
    }
}

static float wrap(float degrees)
{
    if (degrees >= 180.0f) {
        return degrees - 360.0f;
    }
    return degrees < -180.0f ? degrees + 360.0f : degrees;
}

static float yaw(const float q[4])
{
    return DEGREES * atan2f(2.0f * (q[1] * q[2] + q[0] * q[3]),
                            q[0] * q[0] + q[1] * q[1] - q[2] * q[2] - q[3] * q[3]);
}

void sg_orientation_angles(const struct sg_orientation *state, float angles[3])
{
    float up[3];
    vertical(state->attitude, up);
    angles[0] = DEGREES * atan2f(-up[0], sqrtf(up[1] * up[1] + up[2] * up[2]));
    angles[1] = wrap(DEGREES * atan2f(up[1], up[2]));
    angles[2] = wrap(yaw(state->attitude) - state->yaw_zero);
}

void sg_orientation_zero_yaw(struct sg_orientation *state) { state->yaw_zero = yaw(state->attitude); }

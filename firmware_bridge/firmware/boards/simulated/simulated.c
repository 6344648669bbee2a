#include "simulated.h"

#include <math.h>
#include <string.h>

static const float DEGREES = 57.2957795f;
static const float ACCELERATION_NOISE = 0.003f; /* g; typical of a small motion sensor, as are the next ones */
static const float RATE_NOISE = 0.1f;           /* degrees/s */
static const float RATE_BIAS[3] = {1.5f, -0.8f, 0.6f};

/* G. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8(14), 2003. */
static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Mean 0, standard deviation 1: the sum of four is close to normal, without a logarithm. */
static float noise(struct sg_simulated *hand)
{
    float sum = -2.0f;
    for (int i = 0; i < 4; i++) {
        sum += (float)(next_random(&hand->random) >> 8) * 0x1p-24f;
    }
    return sum * 1.7320508f;
}

static float wrap(float degrees) { return degrees - 360.0f * floorf((degrees + 180.0f) / 360.0f); }

static void begin(struct sg_simulated *hand, int phase, uint32_t length_us, const struct sg_hand_shape *to)
{
    hand->begun_us += hand->length_us;
    hand->phase = phase;
    hand->length_us = length_us;
    hand->from = hand->to;
    hand->to = to;
}

static void begin_next(struct sg_simulated *hand)
{
    const enum sg_letter before = sg_simulated_letter(hand);
    if (hand->phase == SG_MOVING) {
        begin(hand, SG_HOLDING, SG_HOLD_US, hand->to);
        return;
    }
    if (hand->phase == SG_HOLDING) {
        hand->place = (hand->place + 1) % hand->count;
    }
    if (before == hand->letters[hand->place]) {
        begin(hand, SG_OPENING, SG_MOVE_US, &sg_hand_open);
    } else {
        begin(hand, SG_MOVING, SG_MOVE_US, &sg_hand_shapes[hand->letters[hand->place]]);
    }
}

void sg_simulated_set_time(struct sg_simulated *hand, uint32_t now_us)
{
    hand->now_us = now_us;
    while (now_us - hand->begun_us >= hand->length_us) {
        begin_next(hand);
    }
}

enum sg_letter sg_simulated_letter(const struct sg_simulated *hand)
{
    return hand->phase == SG_HOLDING ? hand->letters[hand->place] : SG_NO_LETTER;
}

/* T. Flash, N. Hogan, "The coordination of arm movements", J. Neurosci. 5, 1985: s = 10 u^3 - 15 u^4 + 6 u^5. */
static float fraction(const struct sg_simulated *hand)
{
    const float u = (float)(hand->now_us - hand->begun_us) / (float)hand->length_us;
    return u * u * u * (10.0f + u * (6.0f * u - 15.0f));
}

void sg_simulated_truth(const struct sg_simulated *hand, float flex[SG_FINGERS], float angles[3])
{
    const float part = fraction(hand);
    for (int finger = 0; finger < SG_FINGERS; finger++) {
        flex[finger] = hand->from->flex[finger] + part * (hand->to->flex[finger] - hand->from->flex[finger]);
    }
    for (int i = 0; i < 3; i++) {
        angles[i] = wrap(hand->from->angles[i] + part * wrap(hand->to->angles[i] - hand->from->angles[i]));
    }
}

/* Compute the quaternion that turns the hand's axes into the earth's: about z by yaw, y by pitch, x by roll. */
static void attitude(const float angles[3], float q[4])
{
    const float pitch = 0.5f * angles[0] / DEGREES, roll = 0.5f * angles[1] / DEGREES, yaw = 0.5f * angles[2] / DEGREES;
    const float cp = cosf(pitch), sp = sinf(pitch), cr = cosf(roll), sr = sinf(roll), cy = cosf(yaw), sy = sinf(yaw);
    q[0] = cr * cp * cy + sr * sp * sy;
    q[1] = sr * cp * cy - cr * sp * sy;
    q[2] = cr * sp * cy + sr * cp * sy;
    q[3] = cr * cp * sy - sr * sp * cy;
}

/* Compute the turn from p to q about the hand's own axes, as one rotation by the shorter way: its axis times
 * degrees. */
static void turn_between(const float p[4], const float q[4], float turn[3])
{
    const float w = p[0] * q[0] + p[1] * q[1] + p[2] * q[2] + p[3] * q[3];
    const float sign = w < 0.0f ? -1.0f : 1.0f;
    const float x[3] = {sign * (p[0] * q[1] - p[1] * q[0] - p[2] * q[3] + p[3] * q[2]),
                        sign * (p[0] * q[2] + p[1] * q[3] - p[2] * q[0] - p[3] * q[1]),
                        sign * (p[0] * q[3] - p[1] * q[2] + p[2] * q[1] - p[3] * q[0])};
    const float size = sqrtf(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]);
    const float scale = size > 1e-6f ? 2.0f * atan2f(size, sign * w) / size : 2.0f;
    for (int axis = 0; axis < 3; axis++) {
        turn[axis] = DEGREES * scale * x[axis];
    }
}

/* Compute the mean rate of the turn since the last reading. */
static void mean_rate(struct sg_simulated *hand, const float angles[3], float rate[3])
{
    const float seconds = (float)(hand->now_us - hand->turned_us) * 1e-6f;
    float turned[4], turn[3];
    attitude(angles, turned);
    turn_between(hand->turned, turned, turn);
    for (int axis = 0; axis < 3; axis++) {
        rate[axis] = seconds > 0.0f ? turn[axis] / seconds : 0.0f;
    }
    memcpy(hand->turned, turned, sizeof turned);
    hand->turned_us = hand->now_us;
}

void sg_simulated_start(struct sg_simulated *hand, const enum sg_letter *letters, size_t count, uint32_t seed,
                        uint32_t now_us)
{
    float flex[SG_FINGERS], angles[3];
    *hand = (struct sg_simulated){.letters = letters,
                                  .count = count,
                                  .phase = SG_RESTING,
                                  .begun_us = now_us,
                                  .length_us = SG_REST_US, /* longer than the core needs to find the gyroscope's bias */
                                  .now_us = now_us,
                                  .from = &sg_hand_rest,
                                  .to = &sg_hand_rest,
                                  .random = seed ? seed : 1u, /* 0 would stay 0 */
                                  .turned_us = now_us};
    sg_simulated_truth(hand, flex, angles);
    attitude(angles, hand->turned);
}

void sg_simulated_read_imu(struct sg_simulated *hand, float acceleration[3], float rate[3])
{
    float flex[SG_FINGERS], angles[3];
    sg_simulated_truth(hand, flex, angles);
    mean_rate(hand, angles, rate);
    const float pitch = angles[0] / DEGREES, roll = angles[1] / DEGREES;
    acceleration[0] = -sinf(pitch);
    acceleration[1] = sinf(roll) * cosf(pitch);
    acceleration[2] = cosf(roll) * cosf(pitch);
    for (int axis = 0; axis < 3; axis++) {
        acceleration[axis] += ACCELERATION_NOISE * noise(hand);
        rate[axis] += RATE_BIAS[axis] + RATE_NOISE * noise(hand);
    }
}

void sg_simulated_read_flex(struct sg_simulated *hand, uint16_t counts[SG_FINGERS])
{
    float flex[SG_FINGERS], angles[3];
    sg_simulated_truth(hand, flex, angles);
    for (int finger = 0; finger < SG_FINGERS; finger++) {
        const float reading = floorf(flex[finger] + hand->to->noise[finger] * noise(hand) + 0.5f);
        counts[finger] = (uint16_t)fminf(fmaxf(reading, 0.0f), SG_ADC_MAX);
    }
}

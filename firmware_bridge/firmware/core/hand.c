#include "hand.h"

#include <math.h>
#include <stddef.h>

static const float LONGEST_STEP_S = 1.0f; /* how the hand turned in a longer gap is unknown */

void sg_hand_start(struct sg_hand *hand)
{
    sg_gyro_bias_start(&hand->bias);
    sg_orientation_start(&hand->orientation);
    for (int finger = 0; finger < SG_FINGERS; finger++) {
        sg_flex_start(&hand->flex[finger]);
    }
    hand->measured = false;
}

static bool sensible(const float values[3])
{
    return fabsf(values[0]) <= SG_VALUE_LIMIT && fabsf(values[1]) <= SG_VALUE_LIMIT &&
           fabsf(values[2]) <= SG_VALUE_LIMIT;
}

/* NaN and impossible values of a driver count as unreadable: in the filters they would stay for ever. */
static bool read_imu(const struct sg_board *board, float acceleration[3], float rate[3])
{
    return board->read_imu(board->context, acceleration, rate) && sensible(acceleration) && sensible(rate);
}

/* Return the seconds since the last measurement; 0 for the first. */
static float step(struct sg_hand *hand, uint32_t now_us)
{
    const float since = hand->measured ? (float)(now_us - hand->measured_us) * 1e-6f : 0.0f;
    hand->measured = true;
    hand->measured_us = now_us;
    return since < LONGEST_STEP_S ? since : LONGEST_STEP_S;
}

const char *sg_hand_measure(struct sg_hand *hand, const struct sg_board *board, uint32_t now_us,
                            struct sg_frame *frame)
{
    uint16_t counts[SG_FINGERS];
    float rate[3];
    if (!read_imu(board, frame->acceleration, rate)) {
        return "fault=motion_sensor; the motion sensor cannot be read";
    }
    if (!board->read_flex(board->context, counts)) {
        return "fault=flex_sensors; the flex sensors cannot be read";
    }
    const float seconds = step(hand, now_us);
    sg_gyro_bias_update(&hand->bias, frame->acceleration, rate, seconds);
    for (int axis = 0; axis < 3; axis++) {
        rate[axis] -= hand->bias.bias[axis];
    }
    sg_orientation_update(&hand->orientation, frame->acceleration, rate, seconds);
    sg_orientation_angles(&hand->orientation, frame->angles);
    for (int finger = 0; finger < SG_FINGERS; finger++) {
        frame->flex[finger] = sg_flex_update(&hand->flex[finger], counts[finger], seconds);
    }
    return NULL;
}

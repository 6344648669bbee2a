/* The hand as measured: flex sensors smoothed, orientation from the motion sensor. */
#ifndef SG_HAND_H
#define SG_HAND_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "flex.h"
#include "frame.h"
#include "gyro_bias.h"
#include "orientation.h"

struct sg_hand {
    struct sg_gyro_bias bias;
    struct sg_orientation orientation;
    struct sg_flex flex[SG_FINGERS];
    bool measured;
    uint32_t measured_us; /* when last */
};

/* Start without measurements. */
void sg_hand_start(struct sg_hand *hand);

/* Read the sensors, at now_us, into the frame's flex, angles and acceleration. Return NULL, or the remark on the sensor
 * that cannot be read; the frame is then invalid and the hand unchanged. */
const char *sg_hand_measure(struct sg_hand *hand, const struct sg_board *board, uint32_t now_us,
                            struct sg_frame *frame);

#endif

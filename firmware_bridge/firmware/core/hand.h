/* The hand as the sensors have it: flex sensors smoothed, orientation from the motion sensor. */
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

/* Nothing is known of the hand yet. */
void sg_hand_start(struct sg_hand *hand);

/* Read the sensors, at now_us, into the frame's flex, angles and acceleration. NULL when all is well, else in words
 * which sensor cannot be read: the frame is of no use then, and the hand as it was. */
const char *sg_hand_measure(struct sg_hand *hand, const struct sg_board *board, uint32_t now_us,
                            struct sg_frame *frame);

#endif

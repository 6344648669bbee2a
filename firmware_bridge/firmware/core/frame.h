/* One frame, as sent over the link. */
#ifndef SG_FRAME_H
#define SG_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"

#define SG_VALUE_LIMIT 1e6f /* no sensor reads more: MAX_MAGNITUDE of models/runtime/contract.py */

/* The order of the angles in a packet. */
enum { SG_PITCH, SG_ROLL, SG_YAW, SG_ANGLES };

enum { SG_AXES = 3 }; /* of the motion sensor: x, y, z */

struct sg_frame {
    uint32_t time_us;        /* device time; wraps after 71.6 minutes */
    uint16_t sequence;       /* counts the samples that fell due since the start, modulo 2^16 */
    float flex[SG_FINGERS];  /* ADC counts */
    float angles[SG_ANGLES]; /* degrees: pitch, roll, yaw */
    float acceleration[SG_AXES]; /* g: x, y, z */
    bool has_acceleration;
};

#endif

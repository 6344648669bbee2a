/* Whether one frame follows the other: what is missing between them, came again, or began anew. The rules and figures
 * are those of firmware_bridge/codec/continuity.py. */
#ifndef SG_CONTINUITY_H
#define SG_CONTINUITY_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"

/* The time between frames, as the glove keeps it. */
struct sg_frame_interval {
    double ms;
    uint32_t seen;
    uint32_t longer;  /* intervals in a row that were too long */
    uint32_t shorter; /* or much shorter than usual */
    double slack_ms; /* the step across a change may hold what had run of the interval before it */
};

enum { SG_REPEATED_MAX = 256 }; /* a device that sends a buffer again goes back less than this */

/* A frame as it was sent. */
struct sg_sent {
    bool known;
    uint16_t sequence;
    double t_ms;
    double values[SG_VALUES];
};

struct sg_continuity {
    bool begun;
    double last_ms;     /* unwrapped */
    double last_raw_ms; /* as the device sent it */
    double turns_ms;    /* what the device's counter has lost by wrapping around */
    bool last_has_sequence;
    uint16_t last_sequence;
    double last_values[SG_VALUES];
    double letter_ms;   /* the last letter's, unwrapped; 0 before there is one */
    bool paused;        /* the device has said that it sends no frames */
    struct sg_frame_interval interval;
    struct sg_sent sent[SG_REPEATED_MAX]; /* the last ones, each at its number modulo so many */
};

/* No frame yet. */
void sg_continuity_start(struct sg_continuity *state);

/* The device says that `ms` is the time between its frames from now on. */
void sg_continuity_expect(struct sg_continuity *state, double ms);

/* The device says that it sends no frames; until they come again, none is missing. */
void sg_continuity_expect_none(struct sg_continuity *state);

/* The time of a letter, which is the device's counter as it was sent, on the clock of the frames. */
double sg_continuity_place(struct sg_continuity *state, double raw_ms);

/* Give the sink what is to be said before the frame, whose t_ms is the device's counter as it was sent, and then the
 * frame with its time unwrapped, unless it came again. */
void sg_continuity_follow(struct sg_continuity *state, const struct sg_event *frame, sg_event_sink sink, void *context);

#endif

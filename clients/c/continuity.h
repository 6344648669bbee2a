/* The continuity of frames: losses, repeats, restarts. Rules and constants are those of
 * firmware_bridge/codec/continuity.py. */
#ifndef SG_CONTINUITY_H
#define SG_CONTINUITY_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"

/* The usual time between the glove's frames. */
struct sg_frame_interval {
    double ms;
    uint32_t seen;
    uint32_t longer;  /* intervals in a row that were too long */
    uint32_t shorter; /* or much shorter than usual */
    double slack_ms; /* the step across a change may contain part of the previous interval */
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
    double wraps_ms;    /* lost by the wrap-arounds of the device's counter */
    bool last_has_sequence;
    uint16_t last_sequence;
    double last_values[SG_VALUES];
    double letter_ms;   /* the last letter's, unwrapped; 0 before there is one */
    bool paused;        /* the device sends no frames, by its own remark */
    struct sg_frame_interval interval;
    struct sg_sent sent[SG_REPEATED_MAX]; /* the last ones, each at its number modulo SG_REPEATED_MAX */
};

/* Start without frames. */
void sg_continuity_start(struct sg_continuity *state);

/* Expect a frame every `ms` from now on, by the device's own remark. */
void sg_continuity_expect(struct sg_continuity *state, double ms);

/* Expect no frames, by the device's own remark; until they resume, none is missing. */
void sg_continuity_expect_none(struct sg_continuity *state);

/* Return the time of a letter, the device's counter as sent, on the unwrapped clock of the frames. */
double sg_continuity_place(struct sg_continuity *state, double raw_ms);

/* Follow a frame whose t_ms is the device's counter as sent: emit the events before it, and then the frame with its
 * time unwrapped, unless it is a repeat. */
void sg_continuity_follow(struct sg_continuity *state, const struct sg_event *frame, sg_event_sink sink, void *context);

#endif

/* The events of a glove's bytes: firmware_bridge/codec/events.py in C. */
#ifndef SG_EVENT_H
#define SG_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "letter.h"
#include "words.h"

enum { SG_VALUES = 8 }; /* flex1..flex5 (ADC counts), pitch, roll, yaw (degrees) */

enum { SG_REMARK_VALUES_MAX = 8 };

enum sg_event_kind {
    SG_EVENT_FRAME,
    SG_EVENT_LETTER,              /* the glove's own: `place`, `confidence`, `shares` */
    SG_EVENT_MISSING_BY_SEQUENCE, /* `count` frames are missing before the one at t_ms */
    SG_EVENT_MISSING_BY_TIME,
    SG_EVENT_REPEATED,            /* the frame at t_ms came again and is left out */
    SG_EVENT_RESTARTED,           /* the device restarted: its clock fell from before_ms to t_ms */
    SG_EVENT_REMARK,              /* `words` for people, `remark_values` for programs */
    SG_EVENT_HEADER,              /* `words`: the line that names the columns from here on */
    SG_EVENT_DAMAGED,             /* bytes left out, and the kind of fault */
};

/* A value in a remark: `interval_ms` and `20`. */
struct sg_remark_value {
    struct sg_words key, value;
};

/* The lowest and the highest reading of a value; both 0: the header gives none. */
struct sg_range {
    double low, high;
};

struct sg_event {
    enum sg_event_kind kind;
    double t_ms;             /* device time, unwrapped: it rises on where the device's counter wraps around */
    double before_ms;
    uint64_t count;
    double values[SG_VALUES];
    double acceleration[3];  /* g */
    bool has_acceleration;
    uint16_t sequence;
    bool has_sequence;       /* of a binary frame or letter */
    uint8_t place;           /* as in struct sg_letter_message */
    uint8_t confidence;
    uint8_t shares[SG_SCALES];
    struct sg_range ranges[SG_VALUES]; /* of a header */
    enum sg_fault fault;
    struct sg_words words;   /* of a remark, a header, damaged bytes; valid until the sink returns, as are the values */
    struct sg_remark_value remark_values[SG_REMARK_VALUES_MAX];
    size_t value_count;
};

/* Called with each event in turn. */
typedef void (*sg_event_sink)(void *context, const struct sg_event *event);

#endif

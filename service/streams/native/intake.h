/* One stream's frames, from the bytes of a message to samples, due windows, gaps and faults of the sensors.

   Computes what scaleglove/resampling.py, service/streams/window.py and service/streams/sensors.py compute, byte for
   byte: their numbers are doubles, and a sample is rounded to a float at the end. The constants are theirs too, given
   as sg_rules. structures.py has the same structures. */
#ifndef SG_INTAKE_H
#define SG_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#define SG_EXPORT __attribute__((visibility("default")))

enum { SG_CHANNELS = 8, SG_FLEX = 5, SG_REMEMBERED = 256 };

/* Bytes of a message's header, and of its frames: u32 t_ms, 8 x f32, or wide: f64 t_ms, 8 x f32. */
enum { SG_HEADER = 8, SG_PACKED = 36, SG_WIDE = 40 };

enum sg_kind { SG_DROPPED, SG_REPEATING, SG_SATURATED, SG_STUCK, SG_KINDS };

struct sg_rules {
    double max_magnitude, max_time_ms;
    double max_gap_ms, max_late_ms, rounding_ms;
    double rate_smoothing;
    double unchanged_ms, clear_ms, angle_bound;
    double lasts_ms[SG_KINDS];
    int64_t new_clock_frames, most_frames;
};

/* The time line on which samples lie. */
struct sg_timeline {
    double period_ms; /* 0: every frame is a sample */
    double anchor_ms, last_ms;
    int64_t complete; /* samples since the anchor */
    int32_t behind, has_last;
    float last[SG_CHANNELS];
};

enum sg_arrival { SG_IN_ORDER, SG_LATE, SG_GAP, SG_RESTART };

struct sg_window {
    float (*samples)[SG_CHANNELS]; /* [capacity], oldest first */
    double newest_ms, interval_ms;
    int64_t intervals, frames, late_frames, duplicate_frames, missing_frames;
    int64_t count, gap_end; /* samples since the window was emptied */
    uint32_t size, hop, capacity, end;
    uint32_t most_drawn; /* by one frame; capacity is at least size + most_drawn */
    uint32_t next_seq;
    int32_t has_next, is_repeating;
    uint32_t skipped_count, skipped[SG_REMEMBERED]; /* oldest first */
};

struct sg_sign {
    double since_ms, last_ms;
    int32_t is_present, is_fault;
};

struct sg_sensors {
    double newest_ms; /* -INFINITY before the first frame */
    double most, judged_most; /* greatest reading of flex sensors, now and when the rail was found */
    double valid_to, rail, lost_below;
    double changed_ms[SG_CHANNELS];
    int32_t signs_present, reserved;
    float row[SG_CHANNELS];
    struct sg_sign signs[SG_CHANNELS][SG_KINDS];
};

enum sg_reason { SG_NO_GAP, SG_SEQUENCE, SG_TIME, SG_CLOCK, SG_DUPLICATE };

/* What happened at a frame. */
struct sg_event {
    double t_ms, before_t_ms;
    int64_t missing; /* -1: unknown */
    uint32_t seq;
    uint32_t reason; /* enum sg_reason */
    uint32_t restarted;
    uint32_t dues, reserved;
};

struct sg_intake {
    const struct sg_rules *rules;
    uint32_t stride; /* bytes of a frame of the message that is being taken */
    uint32_t place;  /* its next frame for the window, then, from `count` on, for the sensors */
    struct sg_event event;
    struct sg_timeline timeline;
    struct sg_window window;
    struct sg_sensors sensors;
};

enum sg_outcome { SG_INVALID = -1, SG_END, SG_FRAME, SG_RAIL, SG_REPORT };

void sg_timeline_reset(struct sg_timeline *line);
enum sg_arrival sg_timeline_arrive(struct sg_timeline *line, const struct sg_rules *rules, double t_ms);
uint32_t sg_timeline_push(struct sg_timeline *line, const struct sg_rules *rules, double t_ms, const float *frame,
                          float (*samples)[SG_CHANNELS], uint32_t most);

bool sg_window_push(struct sg_intake *intake, uint32_t seq, double t_ms, const float *frame);
void sg_window_empty(struct sg_window *window);

enum sg_outcome sg_sensors_push(struct sg_sensors *sensors, const struct sg_rules *rules, double t_ms,
                                const float *frame);

/* Takes the frames of one message until something happens that its caller handles.

   data, size: u8 kind, u8 version, u16 count, u32 seq, then `count` frames, little endian, packed or wide. Frames enter
   the window first, all of them, and then the sensors' health.

   Returns SG_END: all are taken; SG_FRAME: a gap and the windows that fell due at one frame are in `event`; SG_RAIL:
   the highest reading has grown, and its rail is to be found; SG_REPORT: faults have changed; SG_INVALID: no such
   message. */
SG_EXPORT int scaleglove_take(struct sg_intake *intake, const uint8_t *data, uint64_t size);
SG_EXPORT int scaleglove_take_wide(struct sg_intake *intake, const uint8_t *data, uint64_t size);

/* Goes on with the same message after an event. */
SG_EXPORT int scaleglove_go_on(struct sg_intake *intake, const uint8_t *data, uint64_t size);

/* Reads a text message of frames, valid and in its usual form; a character that is no digit follows it in memory.

   wide: for a wide message of `most_frames`. Returns its bytes; 0: Python has to read the text. */
SG_EXPORT uint64_t scaleglove_read_text(const struct sg_rules *rules, const char *data, uint64_t size, uint8_t *wide);

/* Discards the window; the next frame begins another. */
SG_EXPORT void scaleglove_reset(struct sg_intake *intake);

/* Returns sizeof(struct sg_intake), by which a caller knows that its own is the same. */
SG_EXPORT uint64_t scaleglove_intake_size(void);

#endif

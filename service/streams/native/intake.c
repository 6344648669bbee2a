/* From the bytes of a message to events. */
#include <math.h>
#include <string.h>

#include "intake.h"

enum { VALUES = SG_CHANNELS * sizeof(float) };

static double time_of(const uint8_t *frame, uint32_t stride)
{
    if (stride == SG_WIDE) {
        double t_ms;
        memcpy(&t_ms, frame, sizeof t_ms);
        return t_ms;
    }
    uint32_t t_ms;
    memcpy(&t_ms, frame, sizeof t_ms);
    return t_ms;
}

static void values_of(const uint8_t *frame, uint32_t stride, float *values)
{
    memcpy(values, frame + stride - VALUES, VALUES);
}

/* Returns whether every value is within its bound, or NaN: a sensor that the glove does not have. */
static bool is_bounded(const uint8_t *frames, uint32_t count, double max_magnitude)
{
    for (uint32_t place = 0; place < count; place++) {
        float values[SG_CHANNELS];
        values_of(frames + (uint64_t)place * SG_PACKED, SG_PACKED, values);
        for (int channel = 0; channel < SG_CHANNELS; channel++)
            if (fabs((double)values[channel]) > max_magnitude)
                return false;
    }
    return true;
}

static bool push_frames(struct sg_intake *intake, const uint8_t *frames, uint32_t count, uint32_t seq)
{
    float values[SG_CHANNELS];
    while (intake->place < count) {
        uint32_t place = intake->place++;
        const uint8_t *frame = frames + (uint64_t)place * intake->stride;
        values_of(frame, intake->stride, values);
        if (sg_window_push(intake, seq + place, time_of(frame, intake->stride), values))
            return true;
    }
    return false;
}

static enum sg_outcome push_readings(struct sg_intake *intake, const uint8_t *frames, uint32_t count, uint32_t seq)
{
    float values[SG_CHANNELS];
    for (; intake->place < 2 * count; intake->place++) {
        uint32_t place = intake->place - count;
        const uint8_t *frame = frames + (uint64_t)place * intake->stride;
        double t_ms = time_of(frame, intake->stride);
        values_of(frame, intake->stride, values);
        enum sg_outcome outcome = sg_sensors_push(&intake->sensors, intake->rules, t_ms, values);
        if (outcome != SG_END) {
            intake->event.seq = seq + place;
            intake->event.t_ms = t_ms;
            intake->place += outcome == SG_REPORT; /* a frame without a rail is taken again */
            return outcome;
        }
    }
    return SG_END;
}

int scaleglove_go_on(struct sg_intake *intake, const uint8_t *data, uint64_t size)
{
    if (size < SG_HEADER || data[0] != 1 || data[1] != 1)
        return SG_INVALID;
    uint16_t count;
    uint32_t seq;
    memcpy(&count, data + 2, sizeof count);
    memcpy(&seq, data + 4, sizeof seq);
    if (count == 0 || count > intake->rules->most_frames || size != SG_HEADER + (uint64_t)count * intake->stride)
        return SG_INVALID;
    const uint8_t *frames = data + SG_HEADER;
    if (intake->place == 0 && intake->stride == SG_PACKED && !is_bounded(frames, count, intake->rules->max_magnitude))
        return SG_INVALID;
    if (push_frames(intake, frames, count, seq))
        return SG_FRAME;
    return push_readings(intake, frames, count, seq);
}

int scaleglove_take(struct sg_intake *intake, const uint8_t *data, uint64_t size)
{
    intake->stride = SG_PACKED;
    intake->place = 0;
    return scaleglove_go_on(intake, data, size);
}

int scaleglove_take_wide(struct sg_intake *intake, const uint8_t *data, uint64_t size)
{
    intake->stride = SG_WIDE;
    intake->place = 0;
    return scaleglove_go_on(intake, data, size);
}

void scaleglove_reset(struct sg_intake *intake)
{
    sg_timeline_reset(&intake->timeline);
    intake->window.has_next = 0;
    intake->window.is_repeating = 0;
    intake->window.skipped_count = 0;
    sg_window_empty(&intake->window);
}

uint64_t scaleglove_intake_size(void)
{
    return sizeof(struct sg_intake);
}

/* For how long a hand is still: `still_frames` in service/streams/stillness.py. */

#include "stillness.h"

#include <math.h>

/* _SMOOTHED, TURNED_DEG and BENT_COUNTS in stillness.py, DROPPED_FLEX_BELOW in scaleglove/channels.py. */
enum { CHANNELS = 8, FLEX = 5, LEAN = 5, MOVING = 7, SMOOTHED = 5 };
#define TURNED_DEG 3.0f
#define BENT_COUNTS 14.0f
#define DROPPED_FLEX_BELOW 100.0f

static float wrapped(float angle) { return angle - 360.0f * floorf((angle + 180.0f) / 360.0f); }

/* What the newest frames do to the sums of all: as numpy, which finds no extremum among numbers that are none. */
struct extremes {
    int is_far, has_lost;
};

static struct extremes find_extremes(const float *frames, const float *lean, int32_t count)
{
    const float *newest = lean + (int64_t)(count - 1) * CHANNELS;
    struct extremes found = {0, 0};
    int is_number[2] = {1, 1};
    for (int32_t frame = 0; frame < count; frame++) {
        for (int32_t finger = 0; finger < FLEX; finger++) {
            float value = frames[(int64_t)frame * CHANNELS + finger];
            is_number[0] &= !isnan(value);
            found.has_lost |= value < DROPPED_FLEX_BELOW;
        }
        for (int32_t channel = LEAN; channel < MOVING; channel++) {
            float apart = lean[(int64_t)frame * CHANNELS + channel] - newest[channel];
            is_number[1] &= !isnan(apart);
            found.is_far |= fabsf(apart) > 180.0f;
        }
    }
    found.has_lost &= is_number[0];
    found.is_far &= is_number[1];
    return found;
}

static int has_lean(const float *raw, int32_t count)
{
    for (int32_t frame = 0; frame < count; frame++)
        for (int32_t channel = LEAN; channel < MOVING; channel++)
            if (isnan(raw[(int64_t)frame * CHANNELS + channel]))
                return 0;
    return 1;
}

/* Writes how far each channel of a frame is from the newest one's. */
static void offset_from_newest(
    const float *frame, const float *lean, const float *newest, const float *newest_lean, struct extremes found, float *offset
)
{
    for (int32_t finger = 0; finger < FLEX; finger++) {
        int is_lost = frame[finger] < DROPPED_FLEX_BELOW || newest[finger] < DROPPED_FLEX_BELOW;
        offset[finger] = found.has_lost && is_lost ? 0.0f : frame[finger] - newest[finger];
    }
    for (int32_t channel = LEAN; channel < MOVING; channel++) {
        float apart = lean[channel] - newest_lean[channel];
        offset[channel] = found.is_far ? wrapped(apart) : apart;
    }
}

static int has_moved(const float *sums, const float *newest)
{
    float bend = 0.0f, turn = 0.0f;
    for (int32_t channel = 0; channel < MOVING; channel++) {
        float apart = sums[channel] - newest[channel];
        if (channel < FLEX)
            bend += apart * apart;
        else
            turn += apart * apart;
    }
    float bent = BENT_COUNTS * SMOOTHED, turned = TURNED_DEG * SMOOTHED;
    return bend > FLEX * bent * bent || turn > turned * turned;
}

SCALEGLOVE_EXPORT int32_t scaleglove_still_frames(const float *frames, const float *raw, int32_t count)
{
    float sums[MOST_FRAMES][MOVING] = {{0}};
    if (count <= SMOOTHED || count > MOST_FRAMES)
        return 0;
    const float *lean = raw && has_lean(raw, count) ? raw : frames;
    struct extremes found = find_extremes(frames, lean, count);
    int64_t last = (int64_t)(count - 1) * CHANNELS;
    for (int32_t frame = 0; frame < count; frame++) {
        float offset[MOVING];
        int64_t at = (int64_t)frame * CHANNELS;
        offset_from_newest(frames + at, lean + at, frames + last, lean + last, found, offset);
        for (int32_t channel = 0; channel < MOVING; channel++)
            sums[frame][channel] = (frame ? sums[frame - 1][channel] : 0.0f) + offset[channel];
    }
    /* From the newest on, so that what is subtracted is the sum up to a frame. */
    for (int32_t frame = count - 1; frame >= SMOOTHED; frame--)
        for (int32_t channel = 0; channel < MOVING; channel++)
            sums[frame][channel] -= sums[frame - SMOOTHED][channel];
    for (int32_t frame = count - 1; frame >= SMOOTHED - 1; frame--)
        if (has_moved(sums[frame], sums[count - 1]))
            return count - 2 - frame;
    return count - SMOOTHED;
}

/* Resampling of one glove's frames by linear interpolation over device time; scaleglove.resampling.Resampler.

   A sample is drawn as soon as it is complete: then the two frames around it are the newest and the one before it. */
#include <math.h>
#include <string.h>

#include "intake.h"

static void begin(struct sg_timeline *line, double t_ms)
{
    line->anchor_ms = t_ms;
    line->complete = 0;
}

void sg_timeline_reset(struct sg_timeline *line)
{
    line->has_last = 0;
    line->behind = 0;
    begin(line, 0.0);
}

static enum sg_arrival judge(struct sg_timeline *line, const struct sg_rules *rules, double t_ms)
{
    if (!line->has_last)
        return SG_IN_ORDER;
    double elapsed = t_ms - line->last_ms;
    if (0 < elapsed && elapsed <= rules->max_gap_ms) {
        line->behind = 0;
        return SG_IN_ORDER;
    }
    line->behind = elapsed < 0 ? line->behind + 1 : 0;
    if (elapsed < -rules->max_late_ms || line->behind == rules->new_clock_frames) {
        line->behind = 0;
        return SG_RESTART;
    }
    return elapsed <= 0 ? SG_LATE : SG_GAP;
}

/* Judges the order of a frame by its time; a frame that is not late starts the grid where none continues. */
enum sg_arrival sg_timeline_arrive(struct sg_timeline *line, const struct sg_rules *rules, double t_ms)
{
    enum sg_arrival arrival = judge(line, rules, t_ms);
    if (arrival == SG_GAP || arrival == SG_RESTART || !line->has_last)
        begin(line, t_ms);
    return arrival;
}

static double wrap(double angle)
{
    if ((-180.0 <= angle && angle < 180.0) || isnan(angle))
        return angle;
    return angle - 360.0 * floor((angle + 180.0) / 360.0);
}

static void between(const float *start, const float *end, double fraction, float *sample)
{
    for (int channel = 0; channel < SG_FLEX; channel++) {
        double a = start[channel], b = end[channel];
        sample[channel] = (float)(a + fraction * (b - a));
    }
    for (int channel = SG_FLEX; channel < SG_CHANNELS; channel++) {
        double a = start[channel], b = end[channel];
        sample[channel] = (float)wrap(a + fraction * wrap(b - a));
    }
}

/* Writes the samples that the frame at `t_ms` completes, at most `most`, and keeps it for those between it and the next
   one; returns their number. The frame is not late. */
uint32_t sg_timeline_push(struct sg_timeline *line, const struct sg_rules *rules, double t_ms, const float *frame,
                          float (*samples)[SG_CHANNELS], uint32_t most)
{
    uint32_t drawn = 0;
    if (line->period_ms == 0.0)
        memcpy(samples[drawn++], frame, sizeof *samples);
    else {
        /* Multiples from the anchor, not sums, do not drift. */
        double due_ms = line->anchor_ms + (double)line->complete * line->period_ms;
        for (; due_ms <= t_ms + rules->rounding_ms && drawn < most; drawn++) {
            if (line->complete == 0)
                between(frame, frame, 0.0, samples[drawn]);
            else
                between(line->last, frame, (due_ms - line->last_ms) / (t_ms - line->last_ms), samples[drawn]);
            line->complete++;
            due_ms = line->anchor_ms + (double)line->complete * line->period_ms;
        }
    }
    line->last_ms = t_ms;
    line->has_last = 1;
    memcpy(line->last, frame, sizeof line->last);
    return drawn;
}

/* Faults of a glove's sensors by channel; service.streams.sensors.SensorHealth. */
#include <math.h>
#include <string.h>

#include "intake.h"

/* The first of the flex sensors, and each that is more (or less) than the one found so far: NaN, a sensor that the
   glove does not have, stays only where it is the first. */
static void flex_bounds(const float *frame, double *least, double *most)
{
    *least = *most = frame[0];
    for (int channel = 1; channel < SG_FLEX; channel++) {
        double value = frame[channel];
        if (value > *most)
            *most = value;
        if (value < *least)
            *least = value;
    }
}

/* Returns whether the rail of the converter has to be found again, since a reading is above those that it gives. */
static bool exceeds_rail(struct sg_sensors *sensors, const float *frame)
{
    double most = -INFINITY;
    for (int channel = 0; channel < SG_FLEX; channel++)
        if (frame[channel] > most)
            most = frame[channel];
    if (most == -INFINITY)
        most = 0.0;
    if (most > sensors->most)
        sensors->most = most;
    return most > sensors->valid_to && sensors->most > sensors->judged_most;
}

static bool note_sign(struct sg_sensors *sensors, const struct sg_rules *rules, int channel, enum sg_kind kind,
                      double since_ms, double t_ms)
{
    struct sg_sign *sign = &sensors->signs[channel][kind];
    if (!sign->is_present) {
        *sign = (struct sg_sign){.since_ms = since_ms, .is_present = 1};
        sensors->signs_present++;
    }
    sign->last_ms = t_ms;
    if (sign->is_fault || !(t_ms - sign->since_ms >= rules->lasts_ms[kind]))
        return false;
    sign->is_fault = 1;
    return true;
}

static double newest_of(const double *changed_ms, int first, int end)
{
    double newest = changed_ms[first];
    for (int channel = first + 1; channel < end; channel++)
        if (changed_ms[channel] > newest)
            newest = changed_ms[channel];
    return newest;
}

static bool note_signs(struct sg_sensors *sensors, const struct sg_rules *rules, double t_ms, const float *frame)
{
    const double *changed_ms = sensors->changed_ms;
    double newest_ms = newest_of(changed_ms, 0, SG_CHANNELS), angles_ms = newest_of(changed_ms, SG_FLEX, SG_CHANNELS);
    bool changed = false;
    for (int channel = 0; channel < SG_FLEX; channel++) {
        double value = frame[channel], since_ms = changed_ms[channel];
        if (value < sensors->lost_below)
            changed |= note_sign(sensors, rules, channel, SG_DROPPED, t_ms, t_ms);
        else if (value >= sensors->rail)
            changed |= note_sign(sensors, rules, channel, SG_SATURATED, t_ms, t_ms);
        else if (newest_ms - since_ms >= rules->lasts_ms[SG_STUCK] && !isnan(value))
            changed |= note_sign(sensors, rules, channel, SG_STUCK, since_ms, t_ms);
    }
    for (int channel = SG_FLEX; channel < SG_CHANNELS; channel++) {
        double value = frame[channel], since_ms = changed_ms[channel];
        if (isnan(value))
            continue;
        if (t_ms - angles_ms >= rules->lasts_ms[SG_REPEATING])
            changed |= note_sign(sensors, rules, channel, SG_REPEATING, angles_ms, t_ms);
        else if (fabs(value) >= rules->angle_bound && t_ms - since_ms >= rules->lasts_ms[SG_SATURATED])
            changed |= note_sign(sensors, rules, channel, SG_SATURATED, since_ms, t_ms);
    }
    return changed;
}

static bool judge(struct sg_sensors *sensors, const struct sg_rules *rules, double t_ms, const float *frame)
{
    bool changed = note_signs(sensors, rules, t_ms, frame);
    struct sg_sign *sign = &sensors->signs[0][0];
    for (int at = 0; at < SG_CHANNELS * SG_KINDS && sensors->signs_present; at++, sign++)
        if (sign->is_present && t_ms - sign->last_ms >= rules->clear_ms) {
            changed |= sign->is_fault;
            sign->is_present = sign->is_fault = 0;
            sensors->signs_present--;
        }
    return changed;
}

/* Takes the first frame, or the first after a gap or after a restart of the clock. */
static bool begin(struct sg_sensors *sensors, const struct sg_rules *rules, double t_ms, const float *frame,
                  bool restarted)
{
    bool had_faults = false;
    sensors->newest_ms = t_ms;
    memcpy(sensors->row, frame, sizeof sensors->row);
    for (int channel = 0; channel < SG_CHANNELS; channel++)
        sensors->changed_ms[channel] = t_ms;
    struct sg_sign *sign = &sensors->signs[0][0];
    for (int at = 0; at < SG_CHANNELS * SG_KINDS; at++, sign++) {
        had_faults |= sign->is_fault;
        if (sign->is_present && (restarted || !sign->is_fault)) {
            sign->is_present = sign->is_fault = 0;
            sensors->signs_present--;
        }
        sign->last_ms = t_ms;
    }
    return judge(sensors, rules, t_ms, frame) || (restarted && had_faults);
}

/* Takes one frame; returns SG_REPORT if the faults have changed, SG_RAIL before it is taken if its rail is not known,
   otherwise SG_END. */
enum sg_outcome sg_sensors_push(struct sg_sensors *sensors, const struct sg_rules *rules, double t_ms,
                                const float *frame)
{
    double step_ms = t_ms - sensors->newest_ms;
    bool begins = !(0 < step_ms && step_ms <= rules->max_gap_ms);
    if (begins && -rules->max_late_ms <= step_ms && step_ms <= 0)
        return SG_END;
    double least, most;
    flex_bounds(frame, &least, &most);
    if ((begins || !(most <= sensors->valid_to)) && exceeds_rail(sensors, frame))
        return SG_RAIL;
    if (begins)
        return begin(sensors, rules, t_ms, frame, step_ms <= 0) ? SG_REPORT : SG_END;
    sensors->newest_ms = t_ms;
    double oldest_ms = INFINITY;
    for (int channel = 0; channel < SG_CHANNELS; channel++) {
        float value = frame[channel];
        if (value != sensors->row[channel] && !isnan(value))
            sensors->changed_ms[channel] = t_ms;
        if (sensors->changed_ms[channel] < oldest_ms)
            oldest_ms = sensors->changed_ms[channel];
    }
    memcpy(sensors->row, frame, sizeof sensors->row);
    bool is_plain = least >= sensors->lost_below && most < sensors->rail && t_ms - oldest_ms < rules->unchanged_ms;
    if (is_plain && !sensors->signs_present)
        return SG_END;
    return judge(sensors, rules, t_ms, frame) ? SG_REPORT : SG_END;
}

#include "continuity.h"

#include <math.h>
#include <string.h>

/* The reasons are given in continuity.py. */
static const double WRAP_US_MS = 4294967.296, WRAP_MS = 4294967296.0;
static const double MAX_WRAP_STEP_MS = 10000.0;
static const double MAX_WRAP_SILENCE_MS = 600000.0;
static const double SILENCE_SLACK = 0.02, MAX_SILENCE_SLACK = 256.0;
static const double RESTART_MS = 1000.0;
static const double MAX_RATE_PER_MS = 1.0;
static const double SMOOTHING = 0.1, FASTER = 0.7;
static const double MISSING_FROM = 1.75;
static const double SEQUENCES = 65536.0;
enum { FASTER_AFTER = 2, KNOWN_AFTER = 5, NEW_RATE_AFTER = 3, HALF = 32768 };

/* The frame that is being followed. */
struct step {
    const struct sg_event *frame;
    double t_ms, step_ms, wraps_ms;
    uint16_t ahead; /* by sequence */
};

static double lesser(double a, double b) { return a < b ? a : b; }
static double greater(double a, double b) { return a < b ? b : a; }

static void learn(struct sg_frame_interval *interval, double step_ms)
{
    interval->seen++;
    interval->shorter = step_ms < FASTER * interval->ms ? interval->shorter + 1 : 0;
    const double faster = interval->shorter >= FASTER_AFTER ? 0.5 : 0.0;
    const double share = greater(SMOOTHING, greater(1.0 / interval->seen, faster));
    interval->ms += (step_ms - interval->ms) * share;
}

static void expect(struct sg_frame_interval *interval, double ms)
{
    *interval = (struct sg_frame_interval){.ms = ms, .seen = KNOWN_AFTER};
}

/* Return the number of frames expected within a step. */
static double missing_in(struct sg_frame_interval *interval, double step_ms)
{
    if (interval->seen < KNOWN_AFTER) {
        learn(interval, step_ms);
        return 0.0;
    }
    const double slack_ms = interval->slack_ms;
    interval->slack_ms = 0.0;
    if (step_ms < MISSING_FROM * interval->ms + slack_ms) {
        interval->longer = 0;
        if (slack_ms == 0.0) {
            learn(interval, step_ms);
        }
        return 0.0;
    }
    interval->longer++;
    const double missing = nearbyint((step_ms - slack_ms) / interval->ms) - 1.0;
    if (interval->longer >= NEW_RATE_AFTER) {
        expect(interval, step_ms);
        return 0.0;
    }
    return missing;
}

void sg_continuity_start(struct sg_continuity *state) { *state = (struct sg_continuity){.begun = false}; }

void sg_continuity_expect(struct sg_continuity *state, double ms)
{
    const double before_ms = state->interval.ms;
    expect(&state->interval, ms);
    state->interval.slack_ms = before_ms;
}

void sg_continuity_expect_none(struct sg_continuity *state) { state->paused = true; }

static double newest_ms(const struct sg_continuity *state) { return greater(state->last_ms, state->letter_ms); }

/* Return the wraps that bring the counter nearest to the last known time; without frames it may wrap any number of
 * times. A counter of ms wraps after a thousand wraps of one of us, so the latter serve both. */
static double nearest_wraps_ms(const struct sg_continuity *state, double raw_ms)
{
    return greater(0.0, nearbyint((newest_ms(state) - raw_ms) / WRAP_US_MS)) * WRAP_US_MS;
}

double sg_continuity_place(struct sg_continuity *state, double raw_ms)
{
    state->letter_ms = raw_ms + nearest_wraps_ms(state, raw_ms);
    return state->letter_ms;
}

static bool resumes_after_pause(struct sg_continuity *state, double raw_ms)
{
    const bool was_paused = state->paused;
    const double step_ms = raw_ms + nearest_wraps_ms(state, raw_ms) - newest_ms(state);
    state->paused = false;
    return was_paused && step_ms >= 0.0 && step_ms <= MAX_WRAP_STEP_MS;
}

static void emit_missing(enum sg_event_kind kind, double t_ms, double count, sg_event_sink sink, void *context)
{
    const double most = 9.0e18; /* keeps the conversion of an absurd time defined */
    const struct sg_event event = {.kind = kind, .t_ms = t_ms, .count = (uint64_t)lesser(most, greater(0.0, count))};
    if (event.count > 0) {
        sink(context, &event);
    }
}

static void emit_repeated(double t_ms, sg_event_sink sink, void *context)
{
    const struct sg_event event = {.kind = SG_EVENT_REPEATED, .t_ms = t_ms};
    sink(context, &event);
}

/* Forget the interval: a device may restart with another one. */
static void restart(struct sg_continuity *state, struct step *step, sg_event_sink sink, void *context)
{
    const struct sg_event event = {
        .kind = SG_EVENT_RESTARTED, .before_ms = state->last_ms, .t_ms = step->frame->t_ms};
    sink(context, &event);
    state->interval = (struct sg_frame_interval){.ms = 0.0};
    state->letter_ms = 0.0;
    memset(state->sent, 0, sizeof state->sent);
    step->wraps_ms = 0.0;
    step->t_ms = step->frame->t_ms;
}

static void take(struct sg_continuity *state, const struct step *step, sg_event_sink sink, void *context)
{
    struct sg_event frame = *step->frame;
    state->begun = true;
    state->wraps_ms = step->wraps_ms;
    state->last_ms = step->t_ms;
    state->last_raw_ms = frame.t_ms;
    state->last_has_sequence = frame.has_sequence;
    state->last_sequence = frame.sequence;
    memcpy(state->last_values, frame.values, sizeof frame.values);
    if (frame.has_sequence) {
        struct sg_sent *sent = &state->sent[frame.sequence % SG_REPEATED_MAX];
        *sent = (struct sg_sent){.known = true, .sequence = frame.sequence, .t_ms = frame.t_ms};
        memcpy(sent->values, frame.values, sizeof frame.values);
    }
    frame.t_ms = step->t_ms;
    sink(context, &frame);
}

/* Whether the sequence, where there is one, continues over a step across a wrap-around as well. */
static bool goes_on(const struct sg_continuity *state, const struct sg_event *frame, double step_ms)
{
    if (!frame->has_sequence || !state->last_has_sequence) {
        return step_ms <= MAX_WRAP_STEP_MS;
    }
    const uint16_t ahead = (uint16_t)(frame->sequence - state->last_sequence);
    if (step_ms <= MAX_WRAP_STEP_MS) {
        return ahead >= 1 && ahead <= step_ms * MAX_RATE_PER_MS + 1.0;
    }
    if (frame->sequence == 0 || step_ms > MAX_WRAP_SILENCE_MS || state->interval.seen < KNOWN_AFTER) {
        return false;
    }
    const double expected = step_ms / state->interval.ms;
    const double off = expected - ahead;
    return fabs(off - SEQUENCES * nearbyint(off / SEQUENCES)) <= lesser(SILENCE_SLACK * expected, MAX_SILENCE_SLACK);
}

/* Return the range of the counter that has wrapped around; 0 when it has fallen for another reason. */
static double wrapped_ms(const struct sg_continuity *state, const struct sg_event *frame)
{
    const double wraps[] = {WRAP_US_MS, WRAP_MS};
    for (int i = 0; i < 2; i++) {
        const double step_ms = frame->t_ms + wraps[i] - state->last_raw_ms;
        if (step_ms >= 0.0 && goes_on(state, frame, step_ms)) {
            return wraps[i];
        }
    }
    return 0.0;
}

/* Return the count of skipped numbers; after a long silence they may have wrapped, and the time tells how often. */
static double missing_by_sequence(const struct sg_continuity *state, const struct step *step)
{
    const double ahead = step->ahead;
    const bool known = state->interval.seen >= KNOWN_AFTER;
    const double expected = known ? step->step_ms / state->interval.ms : ahead;
    const double rounds = greater(0.0, nearbyint((expected - ahead) / SEQUENCES));
    if (step->ahead > HALF && rounds == 0.0 && ahead > 2.0 * expected) {
        return 0.0; /* the device restarted its numbers but not its clock: the loss is unknown */
    }
    return ahead - 1.0 + rounds * SEQUENCES; /* -1: the same number at a later time, for an unknown reason */
}

static bool are_equal(const double *values, const double *others)
{
    for (int i = 0; i < SG_VALUES; i++) {
        if (values[i] != others[i]) {
            return false;
        }
    }
    return true;
}

/* Whether a frame of an earlier time belongs to another run of the device, rather than being a repeat. */
static bool is_restart(const struct sg_continuity *state, const struct step *step)
{
    const struct sg_event *frame = step->frame;
    if (frame->sequence == 0 || SEQUENCES - step->ahead > SG_REPEATED_MAX) {
        return true;
    }
    const struct sg_sent *sent = &state->sent[frame->sequence % SG_REPEATED_MAX];
    return sent->known && sent->sequence == frame->sequence &&
           (sent->t_ms != frame->t_ms || !are_equal(sent->values, frame->values));
}

static void follow_by_sequence(struct sg_continuity *state, struct step *step, sg_event_sink sink, void *context)
{
    if (step->step_ms > 0.0 && step->ahead == 1) {
        missing_in(&state->interval, step->step_ms); /* only learns: the sequence decides */
    } else if (step->step_ms < 0.0 && is_restart(state, step)) {
        restart(state, step, sink, context);
    } else if (step->step_ms <= 0.0) {
        emit_repeated(step->t_ms, sink, context);
        return;
    } else {
        emit_missing(SG_EVENT_MISSING_BY_SEQUENCE, step->t_ms, missing_by_sequence(state, step), sink, context);
    }
    take(state, step, sink, context);
}

static void follow_by_time(struct sg_continuity *state, struct step *step, sg_event_sink sink, void *context)
{
    if (step->step_ms < -RESTART_MS) {
        restart(state, step, sink, context);
    } else if (step->step_ms == 0.0 && are_equal(step->frame->values, state->last_values)) {
        emit_repeated(step->t_ms, sink, context);
        return;
    } else if (step->step_ms > 0.0) {
        emit_missing(SG_EVENT_MISSING_BY_TIME, step->t_ms, missing_in(&state->interval, step->step_ms), sink, context);
    }
    take(state, step, sink, context);
}

void sg_continuity_follow(struct sg_continuity *state, const struct sg_event *frame, sg_event_sink sink, void *context)
{
    struct step step = {.frame = frame, .t_ms = frame->t_ms};
    if (!state->begun) {
        take(state, &step, sink, context);
        return;
    }
    if (resumes_after_pause(state, frame->t_ms)) {
        step.wraps_ms = nearest_wraps_ms(state, frame->t_ms);
        step.t_ms += step.wraps_ms;
        take(state, &step, sink, context);
        return;
    }
    step.wraps_ms = state->wraps_ms + (frame->t_ms < state->last_raw_ms ? wrapped_ms(state, frame) : 0.0);
    step.t_ms = frame->t_ms + step.wraps_ms;
    step.step_ms = step.t_ms - state->last_ms;
    step.ahead = (uint16_t)(frame->sequence - state->last_sequence);
    if (frame->has_sequence && state->last_has_sequence) {
        follow_by_sequence(state, &step, sink, context);
    } else {
        follow_by_time(state, &step, sink, context);
    }
}

/* The order of frames by their numbers, gaps, and the samples in the window; service.streams.window.StreamWindow. */
#include <string.h>

#include "intake.h"

void sg_window_empty(struct sg_window *window)
{
    window->count = 0;
    window->end = 0;
    window->gap_end = 0;
}

/* Returns how many numbers were skipped before `seq`; negative if it is behind (RFC 1982). */
static int64_t frames_ahead(const struct sg_window *window, uint32_t seq)
{
    if (!window->has_next)
        return 0;
    uint32_t ahead = seq - window->next_seq;
    return ahead < 0x80000000u ? (int64_t)ahead : (int64_t)ahead - 0x100000000;
}

static bool forget_skipped(struct sg_window *window, uint32_t seq)
{
    for (uint32_t at = 0; at < window->skipped_count; at++)
        if (window->skipped[at] == seq) {
            window->skipped_count--;
            memmove(window->skipped + at, window->skipped + at + 1,
                    (window->skipped_count - at) * sizeof *window->skipped);
            return true;
        }
    return false;
}

static void remember_skipped(struct sg_window *window, uint32_t seq, int64_t ahead)
{
    uint32_t added = ahead <= 0 ? 0 : ahead < SG_REMEMBERED ? (uint32_t)ahead : SG_REMEMBERED;
    uint32_t space = SG_REMEMBERED - added;
    if (window->skipped_count > space) {
        memmove(window->skipped, window->skipped + (window->skipped_count - space), space * sizeof *window->skipped);
        window->skipped_count = space;
    }
    for (uint32_t back = added; back > 0; back--)
        window->skipped[window->skipped_count++] = seq - back;
}

/* Ignores an old frame: late if its number was skipped, otherwise a duplicate, reported once for a run of them. */
static bool leave_out(struct sg_window *window, struct sg_event *event, uint32_t seq)
{
    if (forget_skipped(window, seq)) {
        window->late_frames++;
        return false;
    }
    window->duplicate_frames++;
    if (window->is_repeating)
        return false;
    window->is_repeating = 1;
    event->reason = SG_DUPLICATE;
    event->missing = 0;
    event->before_t_ms = window->newest_ms;
    return true;
}

static void report_gap(struct sg_window *window, struct sg_event *event, int64_t ahead, enum sg_arrival arrival)
{
    event->before_t_ms = window->newest_ms;
    event->restarted = arrival == SG_GAP || arrival == SG_RESTART;
    event->missing = -1;
    if (arrival == SG_RESTART)
        event->reason = SG_CLOCK;
    else if (ahead == 0)
        event->reason = SG_TIME;
    else {
        event->reason = SG_SEQUENCE;
        if (ahead > 0)
            event->missing = ahead;
    }
    if (event->missing > 0)
        window->missing_frames += event->missing;
    remember_skipped(window, event->seq, ahead);
}

static void measure(struct sg_window *window, const struct sg_rules *rules, double interval_ms)
{
    double smoothing = 1 / (double)(window->intervals + 1);
    if (smoothing < rules->rate_smoothing)
        smoothing = rules->rate_smoothing;
    double known = window->intervals ? window->interval_ms : interval_ms;
    window->interval_ms = known + smoothing * (interval_ms - known);
    window->intervals++;
}

/* Makes space for the samples of one frame: only the newest `size` move to the front. */
static void make_space(struct sg_window *window)
{
    if (window->end + window->most_drawn <= window->capacity)
        return;
    uint32_t kept = window->end < window->size ? window->end : window->size;
    memmove(window->samples, window->samples + (window->end - kept), kept * sizeof *window->samples);
    window->end = kept;
}

/* Takes one frame; returns whether `intake->event` has a gap or due windows. */
bool sg_window_push(struct sg_intake *intake, uint32_t seq, double t_ms, const float *frame)
{
    struct sg_window *window = &intake->window;
    struct sg_event *event = &intake->event;
    const struct sg_rules *rules = intake->rules;
    event->seq = seq;
    event->t_ms = t_ms;
    event->reason = SG_NO_GAP;
    event->restarted = 0;
    event->dues = 0;
    int64_t ahead = frames_ahead(window, seq);
    if (ahead < 0 && window->newest_ms - rules->max_late_ms <= t_ms && t_ms <= window->newest_ms)
        return leave_out(window, event, seq);
    enum sg_arrival arrival = sg_timeline_arrive(&intake->timeline, rules, t_ms);
    bool breaks = arrival == SG_GAP || arrival == SG_RESTART;
    if (ahead || breaks)
        report_gap(window, event, ahead, arrival);
    if (breaks)
        sg_window_empty(window);
    int64_t hops = window->count / window->hop;
    if (arrival == SG_LATE)
        window->late_frames++;
    else {
        make_space(window);
        uint32_t drawn = sg_timeline_push(&intake->timeline, rules, t_ms, frame, window->samples + window->end,
                                          window->most_drawn);
        window->end += drawn;
        window->count += drawn;
        window->frames++;
        if (window->has_next && !event->reason)
            measure(window, rules, t_ms - window->newest_ms);
        window->newest_ms = t_ms;
    }
    if (event->reason && !event->restarted) {
        /* The samples drawn across the gap belong to it; a frame that is used as a sample does not. */
        bool own = intake->timeline.period_ms == 0.0 && arrival == SG_IN_ORDER;
        window->gap_end = window->count - own;
    }
    window->next_seq = seq + 1; /* after a late frame too: it is dropped, but it did arrive */
    window->has_next = 1;
    window->is_repeating = 0;
    event->dues = (uint32_t)(window->count / window->hop - hops);
    return event->reason || event->dues;
}

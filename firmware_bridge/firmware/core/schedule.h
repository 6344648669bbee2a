/* When to sample: every interval of a free-running 32-bit microsecond timer, without drift. */
#ifndef SG_SCHEDULE_H
#define SG_SCHEDULE_H

#include <stdint.h>

/* The n-th sample falls due at start + n * interval, however late the earlier ones were taken. Samples that were slept
 * through are missed, not made up for: only the latest is taken, and the count given tells how many fell due. */
struct sg_schedule {
    uint32_t interval_us;
    uint32_t due_us; /* of the next sample */
};

/* From now on, every interval_us (1000 to 1000000); the first sample is due at once. */
void sg_schedule_start(struct sg_schedule *schedule, uint32_t now_us, uint32_t interval_us);

/* Change the interval; the next sample is due one new interval from now. */
void sg_schedule_change(struct sg_schedule *schedule, uint32_t now_us, uint32_t interval_us);

/* How many samples have fallen due since the last call: 0 not yet, 1 take it now, n take the last, n - 1 are missed.
 * Asked at least every 35 minutes (2^31 us), else the wrapped timer cannot be read. */
uint32_t sg_schedule_due(struct sg_schedule *schedule, uint32_t now_us);

/* Microseconds until the next sample is due; 0 when it already is. For boards that sleep. */
uint32_t sg_schedule_wait(const struct sg_schedule *schedule, uint32_t now_us);

#endif

/* The sampling schedule: every interval of a free-running 32-bit microsecond timer, without drift. */
#ifndef SG_SCHEDULE_H
#define SG_SCHEDULE_H

#include <stdint.h>

/* The n-th sample is due at start + n * interval, however late the earlier ones were taken. Samples that were slept
 * through are missed, not made up for: only the latest is taken, and sg_schedule_due counts them all. */
struct sg_schedule {
    uint32_t interval_us;
    uint32_t due_us; /* of the next sample */
};

/* Sample every interval_us (1000 to 1000000) from now on; the first sample is due at once. */
void sg_schedule_start(struct sg_schedule *schedule, uint32_t now_us, uint32_t interval_us);

/* Change the interval; the next sample is due one new interval from now. */
void sg_schedule_change(struct sg_schedule *schedule, uint32_t now_us, uint32_t interval_us);

/* Return the number of samples due since the last call: 0 not yet, 1 take it now, n take the last, n - 1 are missed.
 * Call it at least every 35 minutes (2^31 us), or the wrapped timer is ambiguous. */
uint32_t sg_schedule_due(struct sg_schedule *schedule, uint32_t now_us);

/* Return the microseconds until the next sample is due, 0 when it already is, for boards that sleep. */
uint32_t sg_schedule_wait(const struct sg_schedule *schedule, uint32_t now_us);

#endif

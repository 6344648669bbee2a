#include "schedule.h"

#include <stdbool.h>

/* The timer wraps: a time less than half its range ahead is in the future, any other in the past. */
static bool is_due(const struct sg_schedule *schedule, uint32_t now_us)
{
    return now_us - schedule->due_us < UINT32_C(1) << 31;
}

void sg_schedule_start(struct sg_schedule *schedule, uint32_t now_us, uint32_t interval_us)
{
    schedule->interval_us = interval_us;
    schedule->due_us = now_us;
}

void sg_schedule_change(struct sg_schedule *schedule, uint32_t now_us, uint32_t interval_us)
{
    schedule->interval_us = interval_us;
    schedule->due_us = now_us + interval_us;
}

uint32_t sg_schedule_due(struct sg_schedule *schedule, uint32_t now_us)
{
    if (!is_due(schedule, now_us)) {
        return 0;
    }
    const uint32_t count = (now_us - schedule->due_us) / schedule->interval_us + 1;
    schedule->due_us += count * schedule->interval_us;
    return count;
}

uint32_t sg_schedule_wait(const struct sg_schedule *schedule, uint32_t now_us)
{
    return is_due(schedule, now_us) ? 0 : schedule->due_us - now_us;
}

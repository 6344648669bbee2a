/* The schedule around the timer's wrap-around. */
#include "check.h"
#include "schedule.h"

int main(void)
{
    struct sg_schedule schedule;
    sg_schedule_start(&schedule, UINT32_MAX - 9999, 20000);
    CHECK(sg_schedule_wait(&schedule, UINT32_MAX - 9999) == 0);
    CHECK(sg_schedule_due(&schedule, UINT32_MAX - 9999) == 1);
    CHECK(sg_schedule_due(&schedule, 9999) == 0);
    CHECK(sg_schedule_wait(&schedule, UINT32_MAX) == 10001);
    CHECK(sg_schedule_due(&schedule, 10000) == 1);
    CHECK(sg_schedule_due(&schedule, 75000) == 3);
    CHECK(sg_schedule_wait(&schedule, 75000) == 15000);
    sg_schedule_change(&schedule, 75000, 1000);
    CHECK(sg_schedule_due(&schedule, 75999) == 0 && sg_schedule_due(&schedule, 76000) == 1);
    return 0;
}

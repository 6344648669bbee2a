/* The time base: TIM2 runs free and is read, never counted in an interrupt, so that no time is ever lost. */
#ifndef TIMER_H
#define TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"

/* Microseconds from SG_TIMER_BEGIN_US (0 if not defined) on. */
void timer_start(const struct clock *clock);

/* Microseconds; wraps after 71.6 minutes. */
uint32_t timer_now_us(void);

/* Sleep until the timer has come to until_us, or earlier: for any interrupt, or not at all when awake() is true. */
void timer_sleep(uint32_t until_us, bool (*awake)(void));

#endif

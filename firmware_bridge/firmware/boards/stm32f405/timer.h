/* The time base: TIM2 runs free and is read, never counted in an interrupt, so that no time is lost. */
#ifndef TIMER_H
#define TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"

/* Start the timer at SG_TIMER_BEGIN_US (0 if not defined). */
void timer_start(const struct clock *clock);

/* Return the time in microseconds; wraps after 71.6 minutes. */
uint32_t timer_now_us(void);

/* Sleep until the timer reaches until_us or an interrupt comes; not at all when awake() is true. */
void timer_sleep(uint32_t until_us, bool (*awake)(void));

#endif

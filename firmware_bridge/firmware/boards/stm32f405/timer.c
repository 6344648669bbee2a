#include "timer.h"

#include "registers.h"

#ifndef SG_TIMER_BEGIN_US
#define SG_TIMER_BEGIN_US 0u
#endif

enum { TIM2EN = 0, CEN = 0, UG = 0 };
static const uint32_t SYSTICK_MAX = 0xFFFFFFu;
static const uint32_t SYSTICK_ON = 7u; /* enabled, interrupts, by the core's clock */
static const uint32_t SHORTEST_SLEEP_US = 20;

static uint32_t ticks_per_us;

void timer_start(const struct clock *clock)
{
    ticks_per_us = clock->core_hz / 1000000u;
    RCC_APB1ENR |= BIT(TIM2EN);
    TIM2_PSC = clock->timer_hz / 1000000u - 1u;
    TIM2_ARR = UINT32_MAX;
    TIM2_EGR = BIT(UG); /* the prescaler counts from now on */
    TIM2_CNT = SG_TIMER_BEGIN_US;
    TIM2_CR1 = BIT(CEN);
}

uint32_t timer_now_us(void) { return TIM2_CNT; }

void systick_handler(void) {} /* it only wakes the core */

/* QEMU's SysTick takes one period too many after it was cleared. So this sleeps only half of the time at once: in
 * QEMU that is all of it, and on silicon the main loop runs some ten times more.
 *
 * Interrupts are masked between the last check and wfi, which returns for a masked one too: so none is missed. */
void timer_sleep(uint32_t until_us, bool (*awake)(void))
{
    const uint32_t left_us = until_us - timer_now_us();
    if (left_us < SHORTEST_SLEEP_US || left_us > UINT32_MAX / 2) {
        return;
    }
    const uint32_t sleep_us = left_us / 2;
    SYST_RVR = sleep_us < SYSTICK_MAX / ticks_per_us ? sleep_us * ticks_per_us : SYSTICK_MAX;
    SYST_CVR = 0;
    SYST_CSR = SYSTICK_ON;
    __asm__ volatile("cpsid i" ::: "memory");
    if (!awake()) {
        __asm__ volatile("wfi" ::: "memory");
    }
    __asm__ volatile("cpsie i" ::: "memory");
    SYST_CSR = 0;
}

/* The clocks of the chip's parts. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock {
    uint32_t core_hz;
    uint32_t timer_hz;      /* of TIM2 */
    uint32_t peripheral1_hz; /* of I2C1 */
    uint32_t peripheral2_hz; /* of USART1 */
};

/* Switch to 168 MHz by the crystal, or by the internal oscillator when the crystal does not start, or stay at the 16
 * MHz of the reset when the PLL does not lock. Returns in any case. */
struct clock clock_start(void);

/* Wait until a bit of the register is set; return false after about 10 ms at 168 MHz (0.1 s at 16 MHz). */
bool wait_for(const volatile uint32_t *status, uint32_t bit);

#endif

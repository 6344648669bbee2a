#include "clock.h"

#include "registers.h"

#ifndef SG_CRYSTAL_MHZ
#define SG_CRYSTAL_MHZ 8u /* of the STM32F4 Discovery; a Feather STM32F405 has 12, a Netduino Plus 2 has 25 */
#endif

enum { HSEON = 16, HSERDY = 17, PLLON = 24, PLLRDY = 25, PLLSRC_HSE = 22, SWS_PLL = 3 };
static const uint32_t INTERNAL_MHZ = 16;
static const uint32_t PATIENCE = 200000; /* turns of a loop of about 8 cycles */

bool wait_for(const volatile uint32_t *status, uint32_t bit)
{
    for (uint32_t turn = 0; turn < PATIENCE; turn++) {
        if (*status & bit) {
            return true;
        }
    }
    return false;
}

static bool start_crystal(void)
{
    RCC_CR |= BIT(HSEON);
    return wait_for(&RCC_CR, BIT(HSERDY));
}

/* 168 MHz = input / its MHz * 336 / 2, and 48 MHz = 336 / 7 for what is not used here. */
static bool start_pll(bool by_crystal)
{
    const uint32_t divider = by_crystal ? SG_CRYSTAL_MHZ : INTERNAL_MHZ;
    RCC_PLLCFGR = divider | 336u << 6 | 7u << 24 | (by_crystal ? BIT(PLLSRC_HSE) : 0u);
    RCC_CR |= BIT(PLLON);
    return wait_for(&RCC_CR, BIT(PLLRDY));
}

/* First the 5 wait states that the flash needs at 168 MHz and 3.3 V; the peripherals' buses at 42 and 84 MHz. */
static bool switch_to_pll(void)
{
    FLASH_ACR = 5u | BIT(8) | BIT(9) | BIT(10);
    RCC_CFGR = 5u << 10 | 4u << 13 | 2u;
    return wait_for(&RCC_CFGR, BIT(SWS_PLL));
}

struct clock clock_start(void)
{
    struct clock clock = {16000000u, 16000000u, 16000000u, 16000000u};
    if (start_pll(start_crystal()) && switch_to_pll()) {
        clock = (struct clock){168000000u, 84000000u, 42000000u, 84000000u};
    }
    /* An emulator's clocks ignore the registers above. */
#ifdef SG_CORE_HZ
    clock.core_hz = SG_CORE_HZ;
#endif
#ifdef SG_TIMER_HZ
    clock.timer_hz = SG_TIMER_HZ;
#endif
    return clock;
}

/* From the reset to main(), and the handler of faults. */
#include <stdint.h>

#include "registers.h"

extern uint32_t stack_top, data_in_flash, data_begin, data_end, bss_begin, bss_end; /* stm32f405.ld */

int main(void);
void systick_handler(void);
void usart1_handler(void);

enum { FPU_FULL_ACCESS = 15 << 20 };
static const uint32_t AIRCR_RESET = 0x05FA0004u;

__attribute__((noreturn)) void reset_handler(void)
{
    SCB_CPACR |= FPU_FULL_ACCESS;
    __asm__ volatile("dsb\n isb" ::: "memory");
    const uint32_t *from = &data_in_flash;
    for (uint32_t *to = &data_begin; to < &data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = &bss_begin; to < &bss_end; to++) {
        *to = 0;
    }
    main();
    for (;;) {
    }
}

/* Restart after a fault: better than to hang, and the computer detects the restart. */
__attribute__((noreturn)) static void fault_handler(void)
{
    SCB_AIRCR = AIRCR_RESET;
    for (;;) {
    }
}

union vector {
    uint32_t *stack;
    void (*handler)(void);
};

/* Only what is enabled has an entry: 16 of the core, then the peripherals'. */
__attribute__((section(".vectors"), used)) static const union vector vectors[16 + USART1_IRQ + 1] = {
    [0] = {.stack = &stack_top},
    [1] = {.handler = reset_handler},
    [2] = {.handler = fault_handler},
    [3] = {.handler = fault_handler},
    [4] = {.handler = fault_handler},
    [5] = {.handler = fault_handler},
    [6] = {.handler = fault_handler},
    [15] = {.handler = systick_handler},
    [16 + USART1_IRQ] = {.handler = usart1_handler},
};

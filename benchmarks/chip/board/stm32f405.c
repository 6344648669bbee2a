/* A Cortex-M4F as in QEMU's netduinoplus2 (ST RM0090, Arm DDI 0403). */
#include "board.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

extern uint32_t data_in_flash, data_begin, data_end, bss_begin, bss_end;

enum { FPU_FULL_ACCESS = 15 << 20, UNPAINTED = 32 };

__attribute__((noreturn)) static void reset(void)
{
    REGISTER(0xE000ED88u) |= FPU_FULL_ACCESS;
    __asm__ volatile("dsb\n isb" ::: "memory");
    const uint32_t *from = &data_in_flash;
    for (uint32_t *to = &data_begin; to < &data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = &bss_begin; to < &bss_end; to++) {
        *to = 0;
    }
    for (uint32_t *to = stack_bottom; to + UNPAINTED < stack_top; to++) {
        *to = STACK_COLOUR;
    }
    REGISTER(0x40023840u) |= 1u; /* TIM2 runs, undivided: 1 GHz in QEMU, where an instruction takes 1 ns */
    REGISTER(0x40000028u) = 0;
    REGISTER(0x4000002Cu) = UINT32_MAX;
    REGISTER(0x40000014u) = 1u;
    REGISTER(0x40000000u) = 1u;
    main();
    board_end();
}

__attribute__((noreturn)) static void fault(void) { board_end(); }

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    void (*handlers[6])(void);
} vectors = {stack_top, {reset, fault, fault, fault, fault, fault}};

void board_put(char character) { REGISTER(0x40011004u) = (uint32_t)character; } /* USART1, which never waits there */

uint32_t board_instructions(void) { return REGISTER(0x40000024u); }

_Noreturn void board_end(void)
{
    register uint32_t operation __asm__("r0") = 0x18; /* semihosting: exit */
    register uint32_t reason __asm__("r1") = 0x20026; /* by itself */
    __asm__ volatile("bkpt 0xAB" ::"r"(operation), "r"(reason) : "memory");
    for (;;) {
    }
}

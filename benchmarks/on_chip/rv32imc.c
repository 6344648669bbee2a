/* An rv32imc as QEMU's virt has it. */
#include "board.h"

__attribute__((naked, section(".start"), used)) void start(void)
{
    __asm__ volatile(".option push\n"
                     ".option norelax\n"
                     "la gp, __global_pointer$\n"
                     ".option pop\n"
                     "la sp, stack_top\n"
                     "la t0, stack_bottom\n"
                     "li t1, 0x5A5A5A5A\n"
                     "1: sw t1, 0(t0)\n"
                     "addi t0, t0, 4\n"
                     "bltu t0, sp, 1b\n"
                     "j main\n");
}

/* The UART of QEMU never waits. */
void board_put(char character) { *(volatile char *)0x10000000u = character; }

uint32_t board_instructions(void)
{
    uint32_t count;
    __asm__ volatile(".option push\n"
                     ".option arch, +zicsr\n"
                     "csrr %0, minstret\n"
                     ".option pop\n"
                     : "=r"(count));
    return count;
}

_Noreturn void board_end(void)
{
    *(volatile uint32_t *)0x100000u = 0x5555;
    for (;;) {
    }
}

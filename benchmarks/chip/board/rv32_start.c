/* The start of a RISC-V chip without an operating system: set the pointers, fill the stack, call main. */
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

/* An ESP32-C3 whose ROM has set up the UART at 115200 baud. Built and checked as an image, never run here. */
#include "board.h"

#define UART0_FIFO (*(volatile uint32_t *)0x60000000u)
#define UART0_STATUS (*(volatile uint32_t *)0x6000001Cu)

enum { FIFO_FULL = 126 };

void board_put(char character)
{
    while ((UART0_STATUS >> 16 & 0x3FF) >= FIFO_FULL) {
    }
    UART0_FIFO = (uint8_t)character;
}

/* Cycles, by the performance counter of this chip, which has no minstret: mpcer 0x7E0, mpcmr 0x7E1, mpccr 0x7E2. */
uint32_t board_instructions(void)
{
    uint32_t count;
    __asm__ volatile(".option push\n"
                     ".option arch, +zicsr\n"
                     "csrsi 0x7E0, 1\n"
                     "csrsi 0x7E1, 1\n"
                     "csrr %0, 0x7E2\n"
                     ".option pop\n"
                     : "=r"(count));
    return count;
}

_Noreturn void board_end(void)
{
    for (;;) {
    }
}

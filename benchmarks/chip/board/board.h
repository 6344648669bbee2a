/* The functions of a machine in QEMU that the harness needs. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

void board_put(char character);       /* to the serial port */
uint32_t board_instructions(void);    /* executed so far, with -icount shift=0 */
uint32_t board_stack_used(void);      /* bytes, at the deepest since the start */
_Noreturn void board_end(void);       /* of QEMU */
int main(void);

/* From the linker script. The stack is filled with a pattern at the start: bytes that lost it were used. */
extern uint32_t stack_bottom[], stack_top[];
enum { STACK_COLOUR = 0x5A5A5A5A };

#endif

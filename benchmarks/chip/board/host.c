/* This computer: the same results, without a count of instructions. */
#include <stdio.h>
#include <stdlib.h>

#include "board.h"

void board_put(char character) { putchar(character); }

uint32_t board_instructions(void) { return 0; }

uint32_t board_stack_used(void) { return 0; }

_Noreturn void board_end(void) { exit(0); }

#include "board.h"

uint32_t board_stack_used(void)
{
    const uint32_t *place = stack_bottom;
    while (place < stack_top && *place == STACK_COLOUR) {
        place++;
    }
    return (uint32_t)(stack_top - place) * 4u;
}

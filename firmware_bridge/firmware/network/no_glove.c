/* The front end of a glove whose samples the network takes as they are. */
#include "front_end.h"

const struct sg_front_end sg_front_end_of_board = {.keeps_flex = true, .keeps_lean = true};

/* The network of a glove without one. */
#include "network.h"

const struct sg_network *const sg_network_of_board = 0;

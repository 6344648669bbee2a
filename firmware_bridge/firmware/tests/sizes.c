/* The sizes of the structures that the tests in Python mirror. */
#include "glove.h"

#define SIZE_OF(name)                                                                                                  \
    extern const size_t sg_size_of_##name;                                                                             \
    const size_t sg_size_of_##name = sizeof(struct sg_##name)

SIZE_OF(board);
SIZE_OF(command);
SIZE_OF(command_line);
SIZE_OF(flex);
SIZE_OF(frame);
SIZE_OF(front_end);
SIZE_OF(glove);
SIZE_OF(gyro_bias);
SIZE_OF(letter_message);
SIZE_OF(network);
SIZE_OF(orientation);
SIZE_OF(recogniser);
SIZE_OF(resampler);
SIZE_OF(schedule);
SIZE_OF(settings);

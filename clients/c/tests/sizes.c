/* The sizes of the structures that the tests in Python mirror. */
#include "decoder.h"

#define SIZE_OF(name)                                                                                                  \
    extern const size_t sg_size_of_##name;                                                                             \
    const size_t sg_size_of_##name = sizeof(struct sg_##name)

SIZE_OF(decoder);
SIZE_OF(event);
SIZE_OF(words);

/* For how long a hand is still: service/streams/stillness.py. */

#ifndef SCALEGLOVE_STILLNESS_H
#define SCALEGLOVE_STILLNESS_H

#include <stdint.h>

#define SCALEGLOVE_EXPORT __attribute__((visibility("default")))

enum { MOST_FRAMES = 1024 };

/* Returns for how many frames the hand has stayed near its newest position in frames[count][8]; 0 for more than
   MOST_FRAMES. `raw`[count][8], null where they are the same: the frames as the glove read them, which have the lean. */
SCALEGLOVE_EXPORT int32_t scaleglove_still_frames(const float *frames, const float *raw, int32_t count);

#endif

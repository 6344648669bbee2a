#include "cobs.h"

#include <string.h>

enum { LONGEST_BLOCK = 254 };

size_t sg_cobs_encode(uint8_t *stuffed, const uint8_t *bytes, size_t size)
{
    size_t code = 0, end = 1; /* where the block's length goes, and where its next byte does */
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0) {
            stuffed[end++] = bytes[i];
        }
        if (bytes[i] == 0 || end - code > LONGEST_BLOCK) { /* a full block stands for no zero */
            stuffed[code] = (uint8_t)(end - code);
            code = end++;
        }
    }
    stuffed[code] = (uint8_t)(end - code);
    return end;
}

bool sg_cobs_decode(uint8_t *bytes, size_t *length, const uint8_t *stuffed, size_t size)
{
    size_t place = 0, end = 0;
    while (place < size) {
        if (stuffed[place] == 0) {
            return false;
        }
        const size_t block = (size_t)stuffed[place] - 1;
        if (place + 1 + block > size) {
            return false;
        }
        memcpy(bytes + end, stuffed + place + 1, block);
        end += block;
        place += 1 + block;
        if (block < LONGEST_BLOCK && place < size) {
            bytes[end++] = 0;
        }
    }
    *length = end;
    return true;
}

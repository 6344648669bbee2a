#include "cobs.h"

size_t sg_cobs_encode(uint8_t *encoded, const uint8_t *bytes, size_t size)
{
    size_t code = 0, end = 1; /* the places of the block's length and of its next byte */
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0) {
            encoded[end++] = bytes[i];
        }
        if (bytes[i] == 0 || end - code > SG_COBS_BLOCK_MAX) { /* a full block implies no zero */
            encoded[code] = (uint8_t)(end - code);
            code = end++;
        }
    }
    encoded[code] = (uint8_t)(end - code);
    return end;
}

/* Consistent Overhead Byte Stuffing: bytes without a zero, so that a zero can end a packet.
 * S. Cheshire, M. Baker, IEEE/ACM Transactions on Networking 7(2), 1999. */
#ifndef SG_COBS_H
#define SG_COBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest that `size` bytes become, without the delimiter. */
#define SG_COBS_MAX(size) ((size) + (size) / 254 + 1)

/* Stuff `size` bytes into `stuffed`, which has SG_COBS_MAX(size); gives the length. No delimiter is written. */
size_t sg_cobs_encode(uint8_t *stuffed, const uint8_t *bytes, size_t size);

/* The bytes of what stood between two delimiters, and so holds no zero, into `bytes`, which has room for `size`; their
 * number in *length. False when it is not COBS: a block is announced longer than what is there. */
bool sg_cobs_decode(uint8_t *bytes, size_t *length, const uint8_t *stuffed, size_t size);

#endif

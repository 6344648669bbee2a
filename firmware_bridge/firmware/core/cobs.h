/* Consistent Overhead Byte Stuffing: encodes bytes without a zero, so that a zero can end a packet.
 * S. Cheshire, M. Baker, IEEE/ACM Transactions on Networking 7(2), 1999. */
#ifndef SG_COBS_H
#define SG_COBS_H

#include <stddef.h>
#include <stdint.h>

/* The longest encoding of `size` bytes, without the delimiter. */
#define SG_COBS_MAX(size) ((size) + (size) / 254 + 1)

#define SG_COBS_BLOCK_MAX 254 /* bytes without a zero that one code byte can announce */

/* Encode `size` bytes into `encoded`, which has SG_COBS_MAX(size) bytes, and return the length. Writes no delimiter. */
size_t sg_cobs_encode(uint8_t *encoded, const uint8_t *bytes, size_t size);

#endif

/* The computer's side: bytes from a glove become events, by the rules of firmware_bridge/codec (docs/link.md). Text
 * lines and binary packets are told apart by what arrives; any split of the bytes gives the same events. */
#ifndef SG_DECODER_H
#define SG_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "frame.h"

#define SG_DECODER_LINE_MAX 512


#endif

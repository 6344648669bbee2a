/* The decoder: bytes from a glove become events by the rules of docs/reference/link.md, as in firmware_bridge/codec/decoder.py.
 * It detects text lines and binary packets by their bytes; any split of the bytes gives the same events. */
#ifndef SG_DECODER_H
#define SG_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "continuity.h"
#include "event.h"
#include "line_reader.h"

#define SG_DECODER_LINE_MAX 512 /* bytes of a line; a longer one is damaged */

struct sg_decoder {
    uint8_t held[SG_DECODER_LINE_MAX + 1]; /* since the last delimiter */
    size_t held_size;
    bool binary;                           /* the buffer contains a packet, else a line */
    bool joining;                          /* no delimiter has come since the link was opened */
    size_t joined_bytes;                   /* of partial lines and packets after opening the link */
    bool known;                            /* the format is known by a whole line or packet */
    bool skipping;                         /* to the end of a line that is too long */
    uint32_t partial;                      /* partial lines and packets after opening the link: no damage */
    struct sg_line_reader lines;
    struct sg_continuity continuity;
    sg_event_sink sink;
    void *context;
};

/* Start on a link that was just opened. Events go to the sink, with `context`. */
void sg_decoder_start(struct sg_decoder *decoder, sg_event_sink sink, void *context);

/* Restart on a link that was opened again, to the same glove: the bytes before the next delimiter are a partial
 * message. */
void sg_decoder_rejoin(struct sg_decoder *decoder);

/* Take the next bytes, in pieces of any size. */
void sg_decoder_feed(struct sg_decoder *decoder, const uint8_t *bytes, size_t size);

#endif

/* Any bytes from a link, whole and byte by byte: the same events, none with an impossible number. */
#include <math.h>
#include <stdlib.h>

#include "crc16.h"
#include "decoder.h"
#include "frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A digest of the events in order. */
struct seen {
    uint64_t digest;
};

static void expect(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void stir(struct seen *seen, const void *bytes, size_t size)
{
    seen->digest = seen->digest * 31 + sg_crc16(bytes, size);
}

static void see(void *context, const struct sg_event *event)
{
    struct seen *seen = context;
    stir(seen, &event->kind, sizeof event->kind);
    stir(seen, &event->t_ms, sizeof event->t_ms);
    stir(seen, &event->count, sizeof event->count);
    stir(seen, event->words.text, event->words.size);
    expect(event->words.size <= SG_DECODER_LINE_MAX);
    expect((event->kind == SG_EVENT_DAMAGED) == (event->fault != SG_FAULT_NONE));
    if (event->kind == SG_EVENT_FRAME) {
        expect(event->t_ms >= 0.0);
        for (int i = 0; i < SG_VALUES; i++) {
            expect(fabs(event->values[i]) <= (double)SG_VALUE_LIMIT);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct seen whole = {0}, pieces = {0};
    struct sg_decoder decoder;
    sg_decoder_start(&decoder, see, &whole);
    sg_decoder_feed(&decoder, bytes, size);
    sg_decoder_start(&decoder, see, &pieces);
    for (size_t i = 0; i < size; i++) {
        sg_decoder_feed(&decoder, bytes + i, 1);
    }
    expect(whole.digest == pieces.digest);
    return 0;
}

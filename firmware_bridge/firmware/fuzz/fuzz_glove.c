/* The whole glove on a hostile board: the bytes decide what is typed, how much space there is, what the sensors do
 * and how late the board is. Its output is decoded: nothing is damaged, repeated or restarted. */
#include <stdlib.h>

#include "decoder.h"
#include "glove.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct bench {
    const uint8_t *bytes;
    size_t size;
    size_t space;
    const char *typed; /* before the bytes' own commands */
    struct sg_decoder decoder;
};

static void expect(bool holds)
{
    if (!holds) {
        abort();
    }
}

static uint8_t next(struct bench *bench)
{
    if (bench->size == 0) {
        return 0;
    }
    bench->size--;
    return *bench->bytes++;
}

static bool read_imu(void *context, float acceleration[3], float rate[3])
{
    for (int axis = 0; axis < 3; axis++) {
        acceleration[axis] = (float)(int8_t)next(context) / 16.0f;
        rate[axis] = (float)(int8_t)next(context) * 16.0f;
    }
    return next(context) % 8 != 0;
}

static bool read_flex(void *context, uint16_t counts[SG_FINGERS])
{
    for (int finger = 0; finger < SG_FINGERS; finger++) {
        counts[finger] = (uint16_t)(next(context) * 16);
    }
    return next(context) % 16 != 0;
}

static size_t space(void *context) { return ((struct bench *)context)->space; }

static void write(void *context, const uint8_t *bytes, size_t size)
{
    struct bench *bench = context;
    expect(size <= bench->space);
    bench->space -= size;
    sg_decoder_feed(&bench->decoder, bytes, size);
}

static bool receive(void *context, uint8_t *byte)
{
    struct bench *bench = context;
    if (*bench->typed) {
        *byte = (uint8_t)*bench->typed++;
        return true;
    }
    if (next(bench) % 4 == 0) {
        return false;
    }
    *byte = next(bench);
    return true;
}

static void start(void *context) { (void)context; }

static void step(void *context, const float sample[SG_SAMPLE_VALUES])
{
    (void)context;
    for (int i = 0; i < SG_SAMPLE_VALUES; i++) {
        expect(sample[i] >= -180.0f && sample[i] <= 4080.0f); /* between what the sensors read */
    }
}

static void recognise(void *context, struct sg_letter_message *letter)
{
    letter->place = next(context) % SG_LABELS_MAX;
    letter->confidence = next(context);
}

static bool explain(void *context, struct sg_letter_message *letter)
{
    letter->shares[0] = next(context);
    return letter->shares[0] % 4 == 0;
}

static void see(void *context, const struct sg_event *event)
{
    (void)context;
    expect(event->kind != SG_EVENT_DAMAGED && event->kind != SG_EVENT_REPEATED);
    expect(event->kind != SG_EVENT_RESTARTED);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct bench bench = {.bytes = bytes, .size = size};
    static const char *const typed[] = {"", "letters,on\n", "letters,only\n"};
    const struct sg_network network = {.context = &bench,
                                       .period_us = 20000,
                                       .min_samples = 3,
                                       .start = start,
                                       .step = step,
                                       .recognise = recognise,
                                       .explain = explain};
    const struct sg_board board = {"bench", &bench, read_imu, read_flex, space, write, receive, 4095};
    struct sg_settings settings = SG_SETTINGS_DEFAULT;
    struct sg_glove glove;
    uint32_t now_us = (uint32_t)next(&bench) << 24;
    settings.format = next(&bench) % 2 ? SG_FORMAT_BINARY : SG_FORMAT_TEXT;
    settings.acceleration = next(&bench) % 2;
    settings.network = &network;
    bench.typed = typed[next(&bench) % 3];
    sg_decoder_start(&bench.decoder, see, &bench);
    sg_glove_init(&glove, &board, &settings, now_us);
    while (bench.size > 0) {
        bench.space = 2u * next(&bench);
        const uint32_t wait_us = sg_glove_poll(&glove, now_us);
        expect(wait_us <= SG_INTERVAL_MAX_US);
        now_us += wait_us + next(&bench) * 100u;
    }
    return 0;
}

/* The network of an exported package (docs/reference/chip.md) on the glove: raw units in, shares of 255 out. */
#include <math.h>

#include "network.h"
#include "sg_net.h"

enum { PERIOD_US = 1000000 / SG_NET_SAMPLE_RATE_HZ, PER_COUNT = 32, PER_TURN = 65536, LARGEST = 32767, WHOLE = 255 };

static struct sg_net net;
static struct sg_net finished; /* a copy, since the stream continues */
static struct sg_net_explanation explanation;

/* Whether the package is one of integers, which have no half. */
static bool is_integer(void) { return (sg_net_reading)0.5 == 0; }

static sg_net_reading count_of(float count)
{
    const float most = (float)LARGEST / PER_COUNT;
    const float bounded = count < 0.0f ? 0.0f : count > most ? most : count;
    return (sg_net_reading)(is_integer() ? rintf(bounded * PER_COUNT) : count);
}

/* In double, as in the export's readings.py; whole turns are dropped. */
static sg_net_reading angle_of(float degrees)
{
    if (!is_integer()) {
        return (sg_net_reading)degrees;
    }
    const double turns = rint((double)degrees / 360.0 * PER_TURN);
    const double within = turns - PER_TURN * floor((turns + PER_TURN / 2) / PER_TURN);
    return (sg_net_reading)within;
}

static void start(void *context)
{
    (void)context;
    sg_net_start(&net);
}

static void step(void *context, const float sample[SG_SAMPLE_VALUES])
{
    (void)context;
    sg_net_reading frame[SG_NET_CHANNELS];
    for (int i = 0; i < SG_NET_CHANNELS; i++) {
        frame[i] = i < SG_FINGERS ? count_of(sample[i]) : angle_of(sample[i]);
    }
    sg_net_step(&net, (const sg_net_reading *)frame);
}

static uint8_t part(sg_net_share share)
{
    const float one = is_integer() ? 65535.0f : 1.0f;
    return (uint8_t)rintf((float)share / one * WHOLE);
}

static void recognise(void *context, struct sg_letter_message *letter)
{
    (void)context;
    struct sg_net_result result;
    finished = net;
    sg_net_finish(&finished);
    sg_net_result(&finished, &result);
    letter->place = result.letter;
    letter->confidence = part(result.probabilities[result.letter]);
    sg_net_explain_begin(&finished, &explanation);
}

static bool explain(void *context, struct sg_letter_message *letter)
{
    (void)context;
    sg_net_share importance[SG_NET_SCALES];
    if (sg_net_explain_advance(&finished, &explanation)) {
        return false;
    }
    sg_net_explain_end(&finished, &explanation, importance);
    for (int scale = 0; scale < SG_SCALES; scale++) {
        letter->shares[scale] = part(importance[scale]);
    }
    return true;
}

static const struct sg_network package = {.period_us = PERIOD_US,
                                          .min_samples = SG_NET_MIN_FRAMES,
                                          .start = start,
                                          .step = step,
                                          .recognise = recognise,
                                          .explain = explain,
                                          .vocabulary = SG_NET_VOCABULARY,
                                          .labels = sg_net_labels,
                                          .label_count = SG_NET_LABELS,
                                          .front_end = &sg_front_end_of_board};
const struct sg_network *const sg_network_of_board = &package;

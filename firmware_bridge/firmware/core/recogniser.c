#include "recogniser.h"

void sg_recogniser_start(struct sg_recogniser *recogniser, const struct sg_network *network)
{
    *recogniser = (struct sg_recogniser){
        .network = network, .hop = (SG_LETTER_HOP_US + network->period_us - 1) / network->period_us};
    sg_resampler_start(&recogniser->resampler, network->period_us);
}

static void begin(struct sg_recogniser *recogniser)
{
    recogniser->network->start(recogniser->network->context);
    recogniser->samples = 0;
    recogniser->since = 0;
}

static void see(struct sg_recogniser *recogniser, const float sample[SG_SAMPLE_VALUES])
{
    recogniser->network->step(recogniser->network->context, sample);
    recogniser->since++;
    recogniser->samples += recogniser->samples < recogniser->network->min_samples;
}

bool sg_recogniser_take(struct sg_recogniser *recogniser, const struct sg_frame *frame, struct sg_letter_said *letter)
{
    const struct sg_network *network = recogniser->network;
    float sample[SG_SAMPLE_VALUES];
    if (sg_resampler_push(&recogniser->resampler, frame)) {
        begin(recogniser);
    }
    while (sg_resampler_next(&recogniser->resampler, sample)) {
        see(recogniser, sample);
    }
    if (recogniser->since < recogniser->hop || recogniser->samples < network->min_samples) {
        return false;
    }
    recogniser->since %= recogniser->hop; /* a frame that was late moves no later letter */
    *letter = (struct sg_letter_said){.time_us = frame->time_us, .sequence = frame->sequence};
    network->recognise(network->context, letter);
    return true;
}

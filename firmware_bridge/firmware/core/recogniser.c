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

static void take_sample(struct sg_recogniser *recogniser, float sample[SG_SAMPLE_VALUES])
{
    if (recogniser->network->front_end) {
        sg_front_end_apply(recogniser->network->front_end, sample);
    }
    recogniser->network->step(recogniser->network->context, sample);
    recogniser->since++;
    recogniser->samples += recogniser->samples < recogniser->network->min_samples;
}

/* Release the pending letter; return false when there is none. */
static bool release(struct sg_recogniser *recogniser, struct sg_letter_message *letter)
{
    const bool waited = recogniser->waits;
    *letter = recogniser->letter;
    recogniser->waits = false;
    return waited;
}

static void recognise(struct sg_recogniser *recogniser, const struct sg_frame *frame)
{
    recogniser->letter = (struct sg_letter_message){.time_us = frame->time_us, .sequence = frame->sequence};
    recogniser->network->recognise(recogniser->network->context, &recogniser->letter);
    recogniser->waits = true;
}

bool sg_recogniser_take(struct sg_recogniser *recogniser, const struct sg_frame *frame,
                        struct sg_letter_message *letter)
{
    float sample[SG_SAMPLE_VALUES];
    if (sg_resampler_push(&recogniser->resampler, frame)) {
        begin(recogniser);
    }
    while (sg_resampler_next(&recogniser->resampler, sample)) {
        take_sample(recogniser, sample);
    }
    if (recogniser->since < recogniser->hop || recogniser->samples < recogniser->network->min_samples) {
        return false;
    }
    recogniser->since %= recogniser->hop; /* a late frame does not move later letters */
    const bool waited = release(recogniser, letter);
    recognise(recogniser, frame);
    return waited;
}

bool sg_recogniser_work(struct sg_recogniser *recogniser, struct sg_letter_message *letter)
{
    if (!recogniser->waits || !recogniser->network->explain(recogniser->network->context, &recogniser->letter)) {
        return false;
    }
    return release(recogniser, letter);
}

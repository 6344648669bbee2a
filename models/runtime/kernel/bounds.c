/* Sizes come from a file that anybody can have made: each is checked here again, whatever the caller has checked. */
#include "kernel.h"

static int within(int32_t value, int32_t least, int32_t most) { return value >= least && value <= most; }

static int is_flag(int32_t value) { return within(value, 0, 1); }

/* Return whether a layer has `inputs`, and its outputs are whole panels of which `used` are read. */
static int layer_fits(const struct linear *linear, int32_t inputs, int32_t used)
{
    return linear->weight && linear->bias && linear->inputs == inputs && within(linear->outputs, used, MAX_WIDTH) &&
           linear->outputs % PANEL == 0;
}

static int layers_fit(const struct model *model)
{
    for (int i = 0; i < model->layers; i++) {
        const struct recurrent *layer = &model->layer[i];
        const int parts = i ? 1 : TOWERS, inputs = i ? HIDDEN : FILTERS;
        if (!layer_fits(&layer->state, HIDDEN, GATES) || layer->state.outputs != GATES)
            return 0;
        for (int k = 0; k < parts; k++)
            if (!layer_fits(&layer->input[k], inputs, GATES) || layer->input[k].outputs != GATES)
                return 0;
    }
    return 1;
}

/* Each layer of the head reads no more than the one before it writes. */
static int head_fits(const struct model *model)
{
    int32_t width = HIDDEN + (model->encoded ? model->features : 0);
    for (int i = 0; i < model->head; i++) {
        const struct linear *linear = &model->linear[i];
        if (!layer_fits(linear, linear->inputs, 1) || !within(linear->inputs, 1, width))
            return 0;
        width = linear->outputs;
    }
    return within(model->labels, 1, width);
}

/* Return the numbers that the embedding can be made of: kernel.c takes them from the state, the skip connection or both. */
static int traits_fit(const struct model *model)
{
    const int32_t skipped = 2 * TURNING + (CHANNELS - 1) * BINS;
    const int32_t traits = model->traits;
    const int known = model->encoded ? traits == skipped || traits == skipped + HIDDEN : traits == HIDDEN;
    return known && layer_fits(&model->metric, traits, traits);
}

/* Return whether nothing is read or written beyond its end with this model and windows of at most `longest` frames. */
int fits(const struct model *model, int32_t longest)
{
    return within(longest, 1, MAX_FRAMES) && is_flag(model->encoded) && is_flag(model->hard) &&
           is_flag(model->reset_after) && within(model->layers, 1, MAX_LAYERS) && within(model->head, 1, MAX_HEAD) &&
           model->features == (model->encoded ? 2 * TURNING + CHANNELS * BINS : CHANNELS) &&
           within(model->newest_frames, model->encoded ? 1 : 0, MAX_FRAMES) &&
           within(model->recent_steps, 1, MAX_FRAMES) && layers_fit(model) && head_fits(model) && traits_fit(model);
}

/* Any sizes in a model, any lengths of windows, any numbers: the kernel refuses them, or stays within its memory.
 *
 * The bytes change a sound model field by field; its arrays are then as long as the fields say, and no longer. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

enum { MOST_FLOATS = 1 << 22, MOST_WINDOWS = 10, MOST_FRAMES = 40, TAKEN = 64, NOISE = 4096 };

static const int32_t SIZES[] = {
    -1, 0, 1, 2, 3, 8, 24, 63, 64, 65, 116, 128, 132, 180, 192, 196, 4095, 4096, 4097, 65536, INT32_MAX, INT32_MIN,
};
static const float NUMBERS[] = {0.0f, 1.0f, -1.0f, 1e30f, -1e30f, 3e38f, INFINITY, -INFINITY, NAN};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct input {
    const uint8_t *bytes;
    size_t size, at;
    int is_odd; /* whether some numbers of the arrays are none */
};

struct memory {
    void *part[TAKEN];
    int count;
};

static int next(struct input *in, int most) { return in->at < in->size ? in->bytes[in->at++] % most : 0; }

static int32_t any_size(struct input *in) { return SIZES[next(in, (int)(sizeof SIZES / sizeof *SIZES))]; }

static void *allocate(struct memory *memory, size_t bytes)
{
    void *const part = malloc(bytes ? bytes : 1);
    if (!part || memory->count == TAKEN)
        abort();
    memory->part[memory->count++] = part;
    return part;
}

static const float *noise(void)
{
    static float stored[NOISE];
    static int is_made;
    uint32_t state = 1;
    for (int i = 0; i < NOISE && !is_made; i++) {
        state = state * 1664525u + 1013904223u;
        stored[i] = (float)(int32_t)state * 1e-10f;
    }
    is_made = 1;
    return stored;
}

static const float *floats(struct input *in, struct memory *memory, int64_t count)
{
    const int64_t known = count < 0 || count > MOST_FLOATS ? 0 : count;
    float *const made = allocate(memory, sizeof(float) * (size_t)known);
    for (int64_t done = 0; done < known; done += NOISE) /* from a store: to compute them takes longer than the kernel */
        memcpy(made + done, noise(), sizeof(float) * (size_t)(known - done < NOISE ? known - done : NOISE));
    for (int64_t i = 0; in->is_odd && i < known; i += 61)
        made[i] = NUMBERS[(in->at + (size_t)i) % (sizeof NUMBERS / sizeof *NUMBERS)];
    return made;
}

static void fill(struct input *in, struct memory *memory, struct linear *linear)
{
    linear->weight = floats(in, memory, (int64_t)linear->inputs * linear->outputs);
    linear->bias = floats(in, memory, linear->outputs);
}

/* Change some sizes, each to a value that a file may hold. */
static void mistreat(struct input *in, struct model *model)
{
    int32_t *const sizes[] = {
        &model->encoded, &model->features, &model->traits, &model->labels, &model->layers, &model->head, &model->hard,
        &model->reset_after, &model->newest_frames, &model->recent_steps, &model->metric.inputs,
        &model->metric.outputs, &model->linear[0].inputs, &model->linear[0].outputs, &model->linear[1].inputs,
        &model->linear[1].outputs, &model->layer[0].state.inputs, &model->layer[0].state.outputs,
        &model->layer[0].input[1].inputs, &model->layer[0].input[2].outputs, &model->layer[1].input[0].inputs,
    };
    for (int left = next(in, 4); left > 0; left--) {
        int32_t *const size = sizes[next(in, (int)(sizeof sizes / sizeof *sizes))];
        *size = any_size(in);
    }
}

static struct model sound(struct input *in)
{
    const int encoded = next(in, 2), layers = 1 + next(in, 2), beside = 2 * TURNING + CHANNELS * BINS;
    const int traits = !encoded ? HIDDEN : beside - BINS + (next(in, 2) ? HIDDEN : 0);
    struct model model = {
        .encoded = encoded, .features = encoded ? beside : CHANNELS, .traits = traits, .labels = 1 + next(in, 64),
        .layers = layers, .head = 2, .hard = next(in, 2), .reset_after = next(in, 2), .newest_frames = 10,
        .recent_steps = 1 + next(in, 32), .per_turn = 1.0f, .angle_weight = 1.0f, .least_effect = 1e-6f,
        .linear = {{.inputs = HIDDEN + (encoded ? beside : 0), .outputs = 128}, {.inputs = 128, .outputs = 64}},
        .metric = {.inputs = traits, .outputs = (traits + PANEL - 1) / PANEL * PANEL},
    };
    for (int i = 0; i < layers; i++) {
        model.layer[i].state = (struct linear){.inputs = HIDDEN, .outputs = GATES};
        for (int k = 0; k < (i ? 1 : TOWERS); k++)
            model.layer[i].input[k] = (struct linear){.inputs = i ? HIDDEN : FILTERS, .outputs = GATES};
    }
    return model;
}

static void fill_all(struct input *in, struct memory *memory, struct model *model)
{
    const float **const by_channel[] = {&model->threshold, &model->fill,   &model->turn,
                                        &model->gain,      &model->offset, &model->turn_gain};
    const float **const by_filter[] = {&model->tower_bias, &model->norm_gain, &model->norm_shift};
    for (size_t i = 0; i < sizeof by_channel / sizeof *by_channel; i++)
        *by_channel[i] = floats(in, memory, CHANNELS);
    for (size_t i = 0; i < sizeof by_filter / sizeof *by_filter; i++)
        *by_filter[i] = floats(in, memory, POOLED);
    model->low = floats(in, memory, CHANNELS * BINS);
    model->per_width = floats(in, memory, CHANNELS * BINS);
    model->rate = floats(in, memory, TURNING);
    model->phase = floats(in, memory, TURNING);
    model->trace = floats(in, memory, (int64_t)(model->encoded ? CHANNELS * KNOTS + 2 * TURNING : CHANNELS) * TRACE);
    model->left_out = floats(in, memory, (int64_t)TOWERS * GATES);
    for (int i = 0; i < MAX_LAYERS; i++) {
        fill(in, memory, &model->layer[i].state);
        for (int k = 0; k < TOWERS; k++)
            fill(in, memory, &model->layer[i].input[k]);
    }
    for (int i = 0; i < MAX_HEAD; i++)
        fill(in, memory, &model->linear[i]);
    fill(in, memory, &model->metric);
}

static void run(struct input *in, struct memory *memory, const struct model *model)
{
    const int32_t longest = next(in, 8) == 7 ? any_size(in) : 1 + next(in, MOST_FRAMES);
    const int64_t needed = scaleglove_scratch_floats(model, longest);
    int32_t lengths[MOST_WINDOWS];
    int64_t frames = 0;
    int sound_lengths = 1;
    const int windows = 1 + next(in, MOST_WINDOWS);
    for (int i = 0; i < windows; i++) {
        lengths[i] = next(in, 16) == 15 ? any_size(in) : 1 + next(in, longest < 1 || longest > MOST_FRAMES ? MOST_FRAMES : longest);
        sound_lengths &= lengths[i] >= 1 && lengths[i] <= longest;
        frames += sound_lengths ? lengths[i] : 0;
    }
    if (needed > MOST_FLOATS)
        return; /* as it should be, and slow */
    const int accepted = needed >= 0 && sound_lengths;
    const size_t rows = accepted ? (size_t)windows : 0;
    float *const scratch = allocate(memory, needed < 0 ? 0 : sizeof(float) * (size_t)needed);
    float *const probabilities = allocate(memory, sizeof(float) * rows * (size_t)(accepted ? model->labels : 0));
    float *const importance = allocate(memory, sizeof(float) * rows * TOWERS);
    float *const embedding = allocate(memory, sizeof(float) * rows * (size_t)(accepted ? model->traits : 0));
    const float *const raw = floats(in, memory, accepted ? frames * CHANNELS : 0);
    const int32_t ran =
        scaleglove_run(model, windows, raw, lengths, longest, scratch, probabilities, importance, embedding);
    if ((ran == 0) != accepted)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct input in = {bytes, size, 0, 0};
    struct memory memory = {.count = 0};
    struct model model = sound(&in);
    in.is_odd = next(&in, 4) == 3;
    mistreat(&in, &model);
    fill_all(&in, &memory, &model);
    run(&in, &memory, &model);
    while (memory.count)
        free(memory.part[--memory.count]);
    return 0;
}

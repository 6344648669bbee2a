/* The networks of models/networks/scale_aware.py and models/networks/encoded.py by hand: what the files of this folder share.
 *
 * Everything is float32 and row-major. weights.py reads the contents of a `struct model` from an artefact, library.py
 * mirrors the structs.
 */
#ifndef SCALEGLOVE_KERNEL_H
#define SCALEGLOVE_KERNEL_H

#include <stddef.h>
#include <stdint.h>

enum {
    CHANNELS = 8,
    TURNING = 2,                                /* pitch and roll: also given by sine and cosine */
    BINS = 16,                                  /* of a channel */
    KNOTS = BINS + 1,                           /* the edges of its bins */
    TOWERS = 3,                                 /* of width 3, 5 and 7 frames */
    FILTERS = 32,                               /* of a tower */
    POOLED = TOWERS * FILTERS,
    TAPS = 3 + 5 + 7,
    TRACE = TAPS * FILTERS,                     /* what one frame adds to the outputs of all towers around it */
    HIDDEN = 64,                                /* width of the recurrent layers */
    GATES = 3 * HIDDEN,                         /* update z, reset r, candidate h~ */
    PANEL = HIDDEN,                             /* columns of a matrix that are stored together; a gate is one panel */
    MAX_LAYERS = 2,
    MAX_HEAD = 3,
    MAX_TERMS = 2 * CHANNELS + 2 * TURNING,     /* of a frame's trace */
    MAX_FRAMES = 4096,                          /* of a window; every place in the scratch memory is then an int */
    MAX_WIDTH = 4096,                           /* of a linear layer, its rows of all windows being an int too */
};

/* y = W x + b. The columns of W transposed are stored in panels: weight[outputs / PANEL][inputs][PANEL]. */
struct linear {
    const float *weight;
    const float *bias;       /* [outputs] */
    int32_t inputs, outputs; /* outputs: a multiple of PANEL, padded with zeros */
};

struct recurrent {
    struct linear state;    /* R: HIDDEN to GATES; its bias is used for the candidate alone, with reset_after */
    struct linear input[3]; /* W: of the towers in the first layer, one of them in later ones */
};

struct model {
    int32_t encoded;       /* whether the channels are encoded, with a skip connection of their mean */
    int32_t features;      /* of a frame: 2 * TURNING + CHANNELS * BINS if encoded, else CHANNELS */
    int32_t traits;        /* numbers from which the metric makes the embedding: of the state, of the skip connection if
                              encoded, or of both where they are more than its features */
    int32_t labels;
    int32_t layers;        /* recurrent layers */
    int32_t head;          /* linear layers behind them */
    int32_t hard;          /* hard functions in place of sigmoid and tanh */
    int32_t reset_after;   /* GRU's linear_before_reset */
    int32_t newest_frames; /* of the skip connection */
    int32_t recent_steps;  /* of the importance */
    float per_turn, angle_weight, least_effect;

    const float *threshold, *fill, *turn, *gain, *offset, *turn_gain; /* [CHANNELS]: the normaliser */
    const float *low, *per_width;                                     /* [CHANNELS][BINS] */
    const float *rate, *phase;                        /* [TURNING]: normalised angle to radians */
    const float *trace;                               /* [CHANNELS][TRACE]; if encoded, [CHANNELS][KNOTS][TRACE] of the
                                                         channels' knots, then [2 * TURNING][TRACE] */
    const float *tower_bias, *norm_gain, *norm_shift; /* [POOLED] */
    const float *left_out;                            /* [TOWERS][GATES]: input[k] of tower k's mean output */

    struct recurrent layer[MAX_LAYERS];
    struct linear linear[MAX_HEAD];
    struct linear metric;
};

/* One summand of a frame's trace. */
struct term {
    const float *row; /* [TRACE] */
    float weight;
};

/* frames.c */
void normalise(const struct model *model, int frames, const float *raw, float *normalised);
void turn(const struct model *model, int frames, const float *normalised, float *turned);
int frame_terms(const struct model *model, const float *normalised, const float *turned, struct term *terms);
void newest_mean(const struct model *model, int frames, const float *normalised, const float *turned, float *mean);

/* product.c */
void product(const struct linear *linear, int rows, const float *in, int in_stride, const float *start,
             int start_stride, float *out, int out_stride);
void sum_terms(const struct term *terms, int count, float *trace);

/* towers.c */
void run_towers(const struct model *model, int frames, const float *normalised, const float *turned, float *traces,
                float *pooled);

/* recurrence.c */
void recur(const struct model *model, const struct recurrent *layer, int rows, float *gates, float *state, float *work);
void softmax(int count, float *values);

#define EXPORTED __attribute__((visibility("default")))

/* processor.c */
EXPORTED int32_t scaleglove_runs(const char *variant);

/* bounds.c */
int fits(const struct model *model, int32_t longest);

/* The entry points: kernel.c. */
EXPORTED int32_t scaleglove_version(void);
EXPORTED int64_t scaleglove_model_bytes(void);
EXPORTED int64_t scaleglove_scratch_floats(const struct model *model, int32_t longest);
EXPORTED int32_t scaleglove_run(const struct model *model, int32_t windows, const float *frames, const int32_t *lengths,
                                int32_t longest, float *scratch, float *probabilities, float *importance,
                                float *embedding);

#endif

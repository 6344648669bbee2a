/* From windows to results.
 *
 * Every window is five rows of the recurrence: all of its steps, for the result; and, for the importance of the
 * scales, its newest steps four times, whole and without each tower. Rows are aligned at their newest step, longest
 * first: at each step the rows that have begun are the first ones, they advance together, and all end together. */
#include <math.h>
#include <string.h>

#include "kernel.h"

enum {
    GROUP = 8, /* windows that run together: more share the weights, fewer fit the cache */
    WHOLE = 1, /* copy 0 has all steps, 1 the newest ones, 2 + k the newest ones without tower k */
    COPIES = 2 + TOWERS,
    ROWS = COPIES * GROUP,
};

struct row {
    int window, copy, steps;
};

/* The rows of one group and the places of their steps: step t of row r is number first[t] + r. */
struct plan {
    int windows, rows, longest; /* in steps */
    struct row row[ROWS];
    int place[GROUP][COPIES];   /* the row of a window's copy */
    int32_t *first;             /* [longest + 1] */
};

/* Parts of the caller's scratch memory, for the longest window and a whole group. */
struct scratch {
    int32_t *first;
    float *normalised, *turned, *traces, *pooled; /* of one window */
    float *towers[TOWERS];                        /* of one window: [steps][GATES] of each tower */
    float *gates, *states;                        /* of all steps of all rows: [][GATES] and [][HIDDEN] */
    float *state, *work;                          /* [ROWS][HIDDEN] */
    float *beside;                                /* [GROUP][features] */
    float *wide[2];                               /* [ROWS][widest]: in and out of a linear layer */
    int64_t floats;
};

static int at_most(int a, int b) { return a < b ? a : b; }

static int steps_of(int frames) { return (frames + 1) / 2; }

static int beside_width(const struct model *model) { return model->encoded ? model->features : 0; }

/* Return the largest width of a linear layer's input or output. */
static int widest(const struct model *model)
{
    int width = HIDDEN + beside_width(model);
    if (model->metric.outputs > width)
        width = model->metric.outputs;
    for (int i = 0; i < model->head; i++)
        if (model->linear[i].outputs > width)
            width = model->linear[i].outputs;
    return width;
}

/* Take the next `count` floats of `base`, from a new cache line on. Without `base` only their total is valid. */
static float *take(float *base, int64_t *used, int64_t count)
{
    float *const part = base ? base + *used : NULL;
    *used += (count + 15) / 16 * 16;
    return part;
}

static struct scratch lay_out(const struct model *model, int longest, float *base)
{
    const int64_t steps = steps_of(longest), recent = at_most((int)steps, model->recent_steps);
    const int64_t all = GROUP * (steps + (COPIES - 1) * recent);
    struct scratch s;
    int64_t used = 0;
    s.first = (int32_t *)take(base, &used, steps + 1);
    s.normalised = take(base, &used, (int64_t)longest * CHANNELS);
    s.turned = take(base, &used, (int64_t)longest * 2 * TURNING);
    s.traces = take(base, &used, (int64_t)longest * TRACE);
    s.pooled = take(base, &used, steps * POOLED);
    for (int k = 0; k < TOWERS; k++)
        s.towers[k] = take(base, &used, steps * GATES);
    s.gates = take(base, &used, all * GATES);
    s.states = take(base, &used, all * HIDDEN);
    s.state = take(base, &used, ROWS * HIDDEN);
    s.work = take(base, &used, ROWS * HIDDEN);
    s.beside = take(base, &used, (int64_t)GROUP * model->features);
    for (int i = 0; i < 2; i++)
        s.wide[i] = take(base, &used, (int64_t)ROWS * widest(model));
    s.floats = used;
    return s;
}

/* Order the rows by length, longest first, and place their steps. */
static struct plan make_plan(const struct model *model, int windows, const int32_t *lengths, int32_t *first)
{
    struct plan plan = {.windows = windows, .rows = 0, .first = first};
    for (int window = 0; window < windows; window++)
        for (int copy = 0; copy < COPIES; copy++) {
            const int all = steps_of(lengths[window]);
            const struct row row = {window, copy, copy ? at_most(all, model->recent_steps) : all};
            int place = plan.rows++;
            for (; place > 0 && plan.row[place - 1].steps < row.steps; place--)
                plan.row[place] = plan.row[place - 1];
            plan.row[place] = row;
        }
    for (int r = 0; r < plan.rows; r++)
        plan.place[plan.row[r].window][plan.row[r].copy] = r;
    plan.longest = plan.row[0].steps;
    first[0] = 0;
    for (int t = 0, begun = 0; t < plan.longest; t++) {
        while (begun < plan.rows && plan.row[begun].steps >= plan.longest - t)
            begun++;
        first[t + 1] = first[t] + begun;
    }
    return plan;
}

/* Compute the first recurrent layer's input of one window, for each of its rows: a tower that is left out gives its
 * mean. */
static void project(const struct model *model, const struct plan *plan, int window, int steps, const struct scratch *s)
{
    for (int k = 0; k < TOWERS; k++) {
        const struct linear *W = &model->layer[0].input[k];
        product(W, steps, s->pooled + k * FILTERS, POOLED, W->bias, 0, s->towers[k], GATES);
    }
    for (int copy = 0; copy < COPIES; copy++) {
        const int row = plan->place[window][copy], own = plan->row[row].steps;
        for (int step = steps - own; step < steps; step++) {
            const float *tower[TOWERS];
            for (int k = 0; k < TOWERS; k++)
                tower[k] = copy == WHOLE + 1 + k ? model->left_out + k * GATES : s->towers[k] + step * GATES;
            float *const gates = s->gates + (int64_t)(plan->first[plan->longest - steps + step] + row) * GATES;
            for (int i = 0; i < GATES; i++)
                gates[i] = tower[0][i] + tower[1][i] + tower[2][i];
        }
    }
}

/* Run one window's frames through the towers and into the first recurrent layer. */
static void see(const struct model *model, const struct plan *plan, int window, int frames, const float *raw,
                const struct scratch *s)
{
    normalise(model, frames, raw, s->normalised);
    if (model->encoded) {
        turn(model, frames, s->normalised, s->turned);
        newest_mean(model, frames, s->normalised, s->turned, s->beside + window * model->features);
    }
    run_towers(model, frames, s->normalised, s->turned, s->traces, s->pooled);
    project(model, plan, window, steps_of(frames), s);
}

/* Run all recurrent layers; `state` [rows][HIDDEN] is then the newest one of the last layer. */
static void run_layers(const struct model *model, const struct plan *plan, const struct scratch *s)
{
    for (int number = 0; number < model->layers; number++) {
        const struct recurrent *layer = &model->layer[number];
        if (number > 0) {
            const struct linear *W = &layer->input[0];
            product(W, plan->first[plan->longest], s->states, HIDDEN, W->bias, 0, s->gates, GATES);
        }
        memset(s->state, 0, sizeof(float) * ROWS * HIDDEN);
        for (int t = 0; t < plan->longest; t++) {
            const int from = plan->first[t], rows = plan->first[t + 1] - from;
            recur(model, layer, rows, s->gates + (int64_t)from * GATES, s->state, s->work);
            memcpy(s->states + (int64_t)from * HIDDEN, s->state, sizeof(float) * (size_t)rows * HIDDEN);
        }
    }
}

/* Compute [rows][widest] probabilities from the states and the skip connection. */
static const float *answer(const struct model *model, const struct plan *plan, const struct scratch *s)
{
    const int width = widest(model), beside = beside_width(model);
    float *in = s->wide[0], *out = s->wide[1];
    for (int r = 0; r < plan->rows; r++) {
        memcpy(in + r * width, s->state + r * HIDDEN, sizeof(float) * HIDDEN);
        const float *mine = s->beside + plan->row[r].window * model->features;
        memcpy(in + r * width + HIDDEN, mine, sizeof(float) * (size_t)beside);
    }
    for (int number = 0; number < model->head; number++) {
        const struct linear *linear = &model->linear[number];
        product(linear, plan->rows, in, width, linear->bias, 0, out, width);
        for (int r = 0; r < plan->rows && number + 1 < model->head; r++)
            for (float *y = out + r * width; y < out + r * width + linear->outputs; y++)
                *y = *y < 0.0f ? 0.0f : *y;
        float *const taken = in;
        in = out;
        out = taken;
    }
    for (int r = 0; r < plan->rows; r++)
        softmax(model->labels, in + r * width);
    return in;
}

/* Compute importance[TOWERS] of one window: the probability that moves without each tower, as a share of all three. */
static void weigh(const struct model *model, const struct plan *plan, int window, const float *answers,
                  float *importance)
{
    const int width = widest(model);
    const float *whole = answers + plan->place[window][WHOLE] * width;
    float all = 0.0f;
    for (int k = 0; k < TOWERS; k++) {
        const float *without = answers + plan->place[window][WHOLE + 1 + k] * width;
        float moved = 0.0f;
        for (int i = 0; i < model->labels; i++)
            moved += fabsf(without[i] - whole[i]);
        importance[k] = moved + model->least_effect;
        all += importance[k];
    }
    for (int k = 0; k < TOWERS; k++)
        importance[k] /= all;
}

/* Compute embedding[traits] of one window; overwrites `wide`. */
static void embed(const struct model *model, const struct plan *plan, int window, const struct scratch *s,
                  float *embedding)
{
    const float *const beside = s->beside + window * model->features;
    const float *const state = s->state + plan->place[window][0] * HIDDEN;
    const float *traits = model->encoded ? beside : state;
    float *const out = s->wide[0];
    if (model->encoded && model->traits > model->features) {
        memcpy(s->wide[1], state, sizeof(float) * HIDDEN);
        memcpy(s->wide[1] + HIDDEN, beside, sizeof(float) * (size_t)(model->traits - HIDDEN));
        traits = s->wide[1];
    }
    product(&model->metric, 1, traits, 0, model->metric.bias, 0, out, 0);
    memcpy(embedding, out, sizeof(float) * (size_t)model->traits);
}

/* Increased whenever an entry point changes: library.py has the same number. */
int32_t scaleglove_version(void) { return 2; }

int64_t scaleglove_model_bytes(void) { return sizeof(struct model); }

/* Return the floats of scratch memory that a run needs, -1 for sizes that are out of bounds. */
int64_t scaleglove_scratch_floats(const struct model *model, int32_t longest)
{
    return fits(model, longest) ? lay_out(model, longest, NULL).floats : -1;
}

/* Compute the results for windows whose frames follow each other, lengths[windows] of them, each 1 to `longest`:
 * probabilities[windows][labels], importance[windows][TOWERS] and embedding[windows][traits].
 * `scratch` has scaleglove_scratch_floats() floats, for this call alone while it runs.
 * Return 0, or -1 where a size is out of bounds: nothing is then written. */
int32_t scaleglove_run(const struct model *model, int32_t windows, const float *frames, const int32_t *lengths,
                       int32_t longest, float *scratch, float *probabilities, float *importance, float *embedding)
{
    if (!fits(model, longest))
        return -1;
    for (int window = 0; window < windows; window++)
        if (lengths[window] < 1 || lengths[window] > longest)
            return -1;
    const struct scratch s = lay_out(model, longest, scratch);
    for (int done = 0; done < windows; done += GROUP) {
        const struct plan plan = make_plan(model, at_most(GROUP, windows - done), lengths + done, s.first);
        for (int window = 0; window < plan.windows; window++) {
            const int count = lengths[done + window];
            see(model, &plan, window, count, frames, &s);
            frames += (int64_t)count * CHANNELS;
        }
        run_layers(model, &plan, &s);
        const float *const answers = answer(model, &plan, &s);
        for (int window = 0; window < plan.windows; window++) {
            const float *mine = answers + plan.place[window][0] * widest(model);
            memcpy(probabilities, mine, sizeof(float) * (size_t)model->labels);
            weigh(model, &plan, window, answers, importance);
            probabilities += model->labels;
            importance += TOWERS;
        }
        for (int window = 0; window < plan.windows; window++, embedding += model->traits)
            embed(model, &plan, window, &s, embedding);
    }
    return 0;
}

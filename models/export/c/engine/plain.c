
/* ---- From frames to sums of the towers. ---- */

/* sums[count][FEATURES] of the `count` places whose neighbourhoods begin at line[0], line[1], ... A tower's inputs are
 * neighbours in the line, so that a convolution is a product whose rows overlap. */
static void run_towers(const value (*line)[CHANNELS], int count, value *sums)
{
    for (int k = 0; k < SCALES; k++) {
        const int margin = REACH - 1 - k, first = k * FILTERS;
        product(&towers[k], count, line[margin], CHANNELS, tower_bias + first, 0, sums + first, FEATURES);
    }
}

/* Take `count` frames, of which the first `real` are given; return the number of those that now have all their
 * neighbours, and their sums. */
static int take(struct sg_net *net, const sg_net_reading (*frames)[CHANNELS], int real, int count,
                value (*sums)[FEATURES])
{
    value(*const line)[CHANNELS] = net->line;
    for (int i = 0; i < count; i++) {
        if (i < real) {
            normalise(frames[i], line[2 * REACH + i]);
        } else {
            memset(line[2 * REACH + i], 0, sizeof line[0]);
        }
    }
    const int begun = net->frames < REACH ? REACH - (int)net->frames : 0; /* places before the first frame */
    const int ready = count > begun ? count - begun : 0;
    net->frames += (uint32_t)count;
    run_towers((const value(*)[CHANNELS])line + count - ready, ready, sums[0]);
    memmove(line[0], line[count], sizeof line[0] * 2 * REACH);
    return ready;
}

/* Return the head's inputs: the state alone. */
static const value *head_inputs(const struct sg_net *net, const value *state, value *inputs)
{
    (void)net;
    (void)inputs;
    return state;
}

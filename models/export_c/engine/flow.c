/* ---- Frames in, steps of the recurrence, answers out: the same for float32 and for integers. ---- */

void sg_net_start(struct sg_net *net) { *net = (struct sg_net){.waiting = false}; }

/* Pairs of features[0 .. count - 1] to their larger halves; one that is left over waits. Returns the number of pairs. */
static int pool(struct sg_net *net, int count)
{
    const int steps = count / 2;
    for (int step = 0; step < steps; step++) {
        const value *const one = net->features[2 * step], *const other = net->features[2 * step + 1];
        value *const pooled = net->features[step];
        for (int i = 0; i < FEATURES; i++) {
            pooled[i] = one[i] < other[i] ? other[i] : one[i];
        }
    }
    return steps;
}

static void remember(struct sg_net *net, int steps)
{
    for (int step = 0; step < steps; step++, net->steps++) {
        memcpy(net->recent[net->steps % SG_NET_RECENT_STEPS], net->features[step], sizeof net->recent[0]);
    }
}

/* Steps 0 .. `steps` - 1 of `features` through all recurrent layers. What does not depend on the states is computed for
 * all steps at once, so that a weight is loaded once for all of them. */
static void recur(struct sg_net *net, int steps)
{
    const value *inputs = net->features[0];
    for (int number = 0; number < LAYERS; number++) {
        const struct layer *const layer = &layers[number];
        project(layer, steps, inputs, net->gates[0]);
        for (int step = 0; step < steps; step++) {
            advance(layer, 1, net->gates[step], net->state[number]);
            memcpy(net->states[step], net->state[number], sizeof net->states[0]);
        }
        inputs = net->states[0];
    }
}

/* `count` features, from features[1] on, and maybe one that waits before them, into the recurrence. */
static void follow(struct sg_net *net, int count)
{
    value(*const features)[FEATURES] = net->features;
    if (!net->waiting) {
        memmove(features[0], features[1], sizeof features[0] * (size_t)count);
    }
    const int available = count + (net->waiting ? 1 : 0);
    const int steps = pool(net, available);
    remember(net, steps);
    recur(net, steps);
    net->waiting = available % 2 == 1;
    if (net->waiting) {
        memmove(features[0], features[available - 1], sizeof features[0]);
    }
}

/* `count` places of the line at once: `real` frames, then nothing. */
static void see(struct sg_net *net, const sg_net_reading (*frames)[CHANNELS], int real, int count)
{
    value (*const line)[CHANNELS] = net->line;
    for (int i = 0; i < count; i++) {
        if (i < real) {
            normalise(frames[i], line[2 * REACH + i]);
        } else {
            memset(line[2 * REACH + i], 0, sizeof line[0]);
        }
    }
    const int begun = net->frames < REACH ? REACH - (int)net->frames : 0; /* places that look at what was before */
    const int ready = count > begun ? count - begun : 0;
    net->frames += (uint32_t)count;
    run_towers((const value(*)[CHANNELS])line + count - ready, ready, net->features[1]);
    memmove(line[0], line[count], sizeof line[0] * 2 * REACH);
    follow(net, ready);
}

/* An odd frame is a step by itself. */
static void flush(struct sg_net *net)
{
    if (net->waiting) {
        net->waiting = false;
        remember(net, 1);
        recur(net, 1);
    }
}

void sg_net_step(struct sg_net *net, const sg_net_reading frame[CHANNELS])
{
    see(net, (const sg_net_reading(*)[CHANNELS])frame, 1, 1);
}

void sg_net_finish(struct sg_net *net)
{
    see(net, NULL, 0, REACH);
    flush(net);
}

void sg_net_window(struct sg_net *net, const sg_net_reading (*frames)[CHANNELS], uint32_t count,
                   struct sg_net_result *result)
{
    sg_net_start(net);
    /* First what only fills the line, so that afterwards every block gives as many features as it has places. */
    uint32_t size = REACH;
    for (uint32_t done = 0; done < count + REACH; done += size) {
        size = done == 0 ? REACH : BLOCK;
        const uint32_t left = count + REACH - done, real = count > done ? count - done : 0;
        size = left < size ? left : size;
        see(net, real ? frames + done : NULL, (int)(real < size ? real : size), (int)size);
    }
    flush(net);
    sg_net_result(net, result);
}

/* ---- From frames over the recurrence to results: the same for float32 and for integers. ---- */

void sg_net_start(struct sg_net *net) { *net = (struct sg_net){.waiting = false}; }

/* Run the steps in `recent` from `row` on through all recurrent layers. The parts that do not depend on the states are
 * computed for all steps at once, so that a weight is loaded once for all of them. */
static void recur(struct sg_net *net, uint32_t row, int steps)
{
    const value *inputs = net->recent[row];
    for (int number = 0; number < LAYERS; number++) {
        const value *state = net->state[number];
        project(&layers[number], steps, inputs, net->gates[0]);
        for (int step = 0; step < steps; step++) {
            advance(&layers[number], 1, net->gates[step], state, net->states[step]);
            state = net->states[step];
        }
        memcpy(net->state[number], state, sizeof net->state[number]);
        inputs = net->states[0];
    }
}

/* Take the first `count` sums: two frames are a step, and one that is left over waits. */
static void follow(struct sg_net *net, int count)
{
    for (int frame = 0; frame + 1 < count;) {
        const uint32_t row = net->steps % SG_NET_RECENT_STEPS;
        int steps = 0;
        for (; frame + 1 < count && row + (uint32_t)steps < SG_NET_RECENT_STEPS; frame += 2, steps++) {
            for (int i = 0; i < FEATURES; i++) {
                net->recent[row + (uint32_t)steps][i] = pooled(net->sums[frame][i], net->sums[frame + 1][i], i);
            }
        }
        net->steps += (uint32_t)steps;
        recur(net, row, steps);
    }
    net->waiting = count % 2 == 1;
    if (net->waiting && count > 1) {
        memcpy(net->sums[0], net->sums[count - 1], sizeof net->sums[0]);
    }
}

/* Take `count` frames at once, of which the first `real` are given: the others are padding after a window's end. */
static void see(struct sg_net *net, const sg_net_reading (*frames)[CHANNELS], int real, int count)
{
    const int waiting = net->waiting ? 1 : 0;
    follow(net, waiting + take(net, frames, real, count, net->sums + waiting));
}

/* An odd frame is a step by itself. */
static void flush(struct sg_net *net)
{
    if (net->waiting) {
        memcpy(net->sums[1], net->sums[0], sizeof net->sums[1]);
        follow(net, 2);
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
    /* First the frames that only fill the line, so that afterwards every block completes as many features as it has
     * places. */
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

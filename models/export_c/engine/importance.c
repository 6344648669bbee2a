
/* ---- What the answer hangs on: docs/importance.md. ---- */

/* Rows of one step: as it was, and with each tower at its mean over training. */
static void occlude(const value *step, value rows[ROWS][FEATURES])
{
    for (int row = 0; row < ROWS; row++) {
        memcpy(rows[row], step, sizeof rows[0]);
    }
    for (int k = 0; k < SCALES; k++) {
        memcpy(rows[1 + k] + k * FILTERS, tower_mean + k * FILTERS, sizeof rows[0] / SCALES);
    }
}

/* The places in which a window's sums and gates stand are free now. */
void sg_net_importance(struct sg_net *net, sg_net_share importance[SCALES])
{
    value(*const inputs)[FEATURES] = net->sums + 1, (*const gates)[GATES] = net->gates;
    value state[LAYERS][ROWS][HIDDEN];
    sg_net_share shares[ROWS][LABELS];
    memset(state, 0, sizeof state);
    const uint32_t kept = net->steps < SG_NET_RECENT_STEPS ? net->steps : SG_NET_RECENT_STEPS;
    for (uint32_t step = net->steps - kept; step != net->steps; step++) {
        occlude(net->recent[step % SG_NET_RECENT_STEPS], inputs);
        for (int number = 0; number < LAYERS; number++) {
            project(&layers[number], ROWS, number ? state[number - 1][0] : inputs[0], gates[0]);
            advance(&layers[number], ROWS, gates[0], state[number][0], state[number][0]);
        }
    }
    for (int row = 0; row < ROWS; row++) {
        answer(net, state[LAYERS - 1][row], shares[row]);
    }
    share_out((const sg_net_share(*)[LABELS])shares, importance);
}

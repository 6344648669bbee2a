
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

void sg_net_importance(const struct sg_net *net, sg_net_share importance[SCALES])
{
    value inputs[ROWS][FEATURES], gates[ROWS][GATES], state[LAYERS][ROWS][HIDDEN];
    sg_net_share probabilities[ROWS][LABELS];
    memset(state, 0, sizeof state);
    const uint32_t kept = net->steps < SG_NET_RECENT_STEPS ? net->steps : SG_NET_RECENT_STEPS;
    for (uint32_t step = net->steps - kept; step != net->steps; step++) {
        occlude(net->recent[step % SG_NET_RECENT_STEPS], inputs);
        for (int number = 0; number < LAYERS; number++) {
            project(&layers[number], ROWS, number ? state[number - 1][0] : inputs[0], gates[0]);
            advance(&layers[number], ROWS, gates[0], state[number][0]);
        }
    }
    answer(ROWS, state[LAYERS - 1][0], probabilities);
    share_out((const sg_net_share(*)[LABELS])probabilities, importance);
}

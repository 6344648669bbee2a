
/* ---- The importance of the scales: docs/reference/importance.md. ---- */

/* Compute the rows of one step: unchanged, and with each tower at its mean over training. */
static void occlude(const value *step, value rows[ROWS][FEATURES])
{
    for (int row = 0; row < ROWS; row++) {
        memcpy(rows[row], step, sizeof rows[0]);
    }
    for (int k = 0; k < SCALES; k++) {
        memcpy(rows[1 + k] + k * FILTERS, tower_mean + k * FILTERS, sizeof rows[0] / SCALES);
    }
}

void sg_net_explain_begin(const struct sg_net *net, struct sg_net_explanation *run)
{
    memset(run, 0, sizeof *run);
    run->step = net->steps - (net->steps < SG_NET_RECENT_STEPS ? net->steps : SG_NET_RECENT_STEPS);
}

/* Reuses the memory of a window's sums and gates. */
bool sg_net_explain_advance(struct sg_net *net, struct sg_net_explanation *run)
{
    value(*const inputs)[FEATURES] = net->sums + 1, (*const gates)[GATES] = net->gates;
    if (run->step == net->steps) {
        return false;
    }
    occlude(net->recent[run->step % SG_NET_RECENT_STEPS], inputs);
    for (int number = 0; number < LAYERS; number++) {
        project(&layers[number], ROWS, number ? run->state[number - 1][0] : inputs[0], gates[0]);
        advance(&layers[number], ROWS, gates[0], run->state[number][0], run->state[number][0]);
    }
    run->step++;
    return true;
}

void sg_net_explain_end(const struct sg_net *net, const struct sg_net_explanation *run, sg_net_share importance[SCALES])
{
    sg_net_share shares[ROWS][LABELS];
    for (int row = 0; row < ROWS; row++) {
        answer(net, run->state[LAYERS - 1][row], shares[row]);
    }
    share_out((const sg_net_share(*)[LABELS])shares, importance);
}

void sg_net_importance(struct sg_net *net, sg_net_share importance[SCALES])
{
    struct sg_net_explanation run;
    sg_net_explain_begin(net, &run);
    while (sg_net_explain_advance(net, &run)) {
    }
    sg_net_explain_end(net, &run, importance);
}

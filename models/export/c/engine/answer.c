
/* ---- From states to letters. ---- */

/* Compute shares[LABELS] of a state[HIDDEN]. */
static void answer(const struct sg_net *net, const value *state, sg_net_share *shares)
{
    value hidden[2][WIDEST];
    const value *from = head_inputs(net, state, hidden[1]);
    for (int number = 0; number < HEAD_LAYERS; number++) {
        const struct linear *const layer = &head[number];
        value *const to = hidden[number % 2];
        product(&layer->matrix, 1, from, 0, layer->bias, 0, to, 0);
        for (int i = 0; i < layer->matrix.outputs && number + 1 < HEAD_LAYERS; i++) {
            to[i] = positive(to[i]);
        }
        from = to;
    }
    softmax(from, shares);
}

void sg_net_result(const struct sg_net *net, struct sg_net_result *result)
{
    answer(net, net->state[LAYERS - 1], result->probabilities);
    result->letter = 0;
    for (uint8_t i = 1; i < LABELS; i++) {
        result->letter = result->probabilities[i] > result->probabilities[result->letter] ? i : result->letter;
    }
}

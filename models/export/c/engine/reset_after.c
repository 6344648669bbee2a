
/* Compute next[rows][HIDDEN], the next state, which may be `state`, from gates[rows][GATES], which are overwritten. */
static void advance(const struct layer *layer, int rows, value *gates, const value *state, value *next)
{
    value candidates[ROWS][HIDDEN];
    product(&layer->state, rows, state, HIDDEN, gates, GATES, gates, GATES);
    product(&layer->candidate, rows, state, HIDDEN, layer->candidate_bias, 0, candidates[0], HIDDEN);
    for (int row = 0; row < rows; row++) {
        const value *const h = state + row * HIDDEN, *const gate = gates + row * GATES;
        for (int i = 0; i < HIDDEN; i++) {
            const wide within = part(sigmoid(gate[HIDDEN + i]), candidates[row][i]);
            const wide candidate = squash(gate[2 * HIDDEN + i] + within);
            next[row * HIDDEN + i] = (value)(part(sigmoid(gate[i]), h[i] - candidate) + candidate);
        }
    }
}

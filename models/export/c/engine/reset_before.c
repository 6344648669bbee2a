
/* Compute next[rows][HIDDEN], the next state, which may be `state`, from gates[rows][GATES], which are overwritten. */
static void advance(const struct layer *layer, int rows, value *gates, const value *state, value *next)
{
    value reset[ROWS][HIDDEN];
    product(&layer->state, rows, state, HIDDEN, gates, GATES, gates, GATES);
    for (int row = 0; row < rows; row++) {
        for (int i = 0; i < HIDDEN; i++) {
            reset[row][i] = (value)part(sigmoid(gates[row * GATES + HIDDEN + i]), state[row * HIDDEN + i]);
        }
    }
    value *const candidates = gates + 2 * HIDDEN;
    product(&layer->candidate, rows, reset[0], HIDDEN, candidates, GATES, candidates, GATES);
    for (int row = 0; row < rows; row++) {
        const value *const h = state + row * HIDDEN, *const gate = gates + row * GATES;
        for (int i = 0; i < HIDDEN; i++) {
            const wide candidate = squash(gate[2 * HIDDEN + i]);
            next[row * HIDDEN + i] = (value)(part(sigmoid(gate[i]), h[i] - candidate) + candidate);
        }
    }
}

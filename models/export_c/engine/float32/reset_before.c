
/* state[rows][HIDDEN] one step on, by gates[rows][GATES], which are used up. */
static void advance(const struct layer *layer, int rows, float *gates, float *state)
{
    float reset[ROWS][HIDDEN];
    add_products(&layer->state, rows, state, HIDDEN, gates, GATES);
    for (int row = 0; row < rows; row++) {
        for (int i = 0; i < HIDDEN; i++) {
            reset[row][i] = sigmoid(gates[row * GATES + HIDDEN + i]) * state[row * HIDDEN + i];
        }
    }
    add_products(&layer->candidate, rows, reset[0], HIDDEN, gates + 2 * HIDDEN, GATES);
    for (int row = 0; row < rows; row++) {
        float *const h = state + row * HIDDEN;
        for (int i = 0; i < HIDDEN; i++) {
            const float z = sigmoid(gates[row * GATES + i]), candidate = squash(gates[row * GATES + 2 * HIDDEN + i]);
            h[i] = z * (h[i] - candidate) + candidate;
        }
    }
}

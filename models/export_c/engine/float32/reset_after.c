
/* state[rows][HIDDEN] one step on, by gates[rows][GATES], which are used up. */
static void advance(const struct layer *layer, int rows, float *gates, float *state)
{
    float candidate[ROWS][HIDDEN];
    add_products(&layer->state, rows, state, HIDDEN, gates, GATES);
    for (int row = 0; row < rows; row++) {
        memcpy(candidate[row], layer->candidate_bias, sizeof candidate[0]);
    }
    add_products(&layer->candidate, rows, state, HIDDEN, candidate[0], HIDDEN);
    for (int row = 0; row < rows; row++) {
        float *const h = state + row * HIDDEN, *const gate = gates + row * GATES;
        for (int i = 0; i < HIDDEN; i++) {
            const float z = sigmoid(gate[i]), r = sigmoid(gate[HIDDEN + i]);
            const float c = squash(gate[2 * HIDDEN + i] + r * candidate[row][i]);
            h[i] = z * (h[i] - c) + c;
        }
    }
}

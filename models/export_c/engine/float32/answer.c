
/* ---- States to letters. ---- */

/* In place. */
static void softmax(float values[LABELS])
{
    float largest = values[0], sum = 0.0f;
    for (int i = 1; i < LABELS; i++) {
        largest = values[i] > largest ? values[i] : largest;
    }
    for (int i = 0; i < LABELS; i++) {
        values[i] = exponential(values[i] - largest);
        sum += values[i];
    }
    for (int i = 0; i < LABELS; i++) {
        values[i] = values[i] / sum;
    }
}

/* out[rows][outputs] of in[rows][inputs]. */
static void apply(const struct linear *layer, int rows, const float *in, float *out)
{
    const int outputs = layer->matrix.outputs, inputs = layer->matrix.inputs;
    for (int row = 0; row < rows; row++) {
        memcpy(out + row * outputs, layer->bias, sizeof(float) * (size_t)outputs);
    }
    add_products(&layer->matrix, rows, in, inputs, out, outputs);
}

/* probabilities[rows][LABELS] of state[rows][HIDDEN]. */
static void answer(int rows, const float *state, float probabilities[][LABELS])
{
    float wide[2 * ROWS * WIDEST];
    const float *from = state;
    for (int number = 0; number < HEAD_LAYERS - 1; number++) {
        float *const to = wide + number % 2 * (ROWS * WIDEST);
        apply(&head[number], rows, from, to);
        for (int i = 0; i < rows * head[number].matrix.outputs; i++) {
            to[i] = positive(to[i]);
        }
        from = to;
    }
    apply(&head[HEAD_LAYERS - 1], rows, from, probabilities[0]);
    for (int row = 0; row < rows; row++) {
        softmax(probabilities[row]);
    }
}

void sg_net_result(const struct sg_net *net, struct sg_net_result *result)
{
    answer(1, net->state[LAYERS - 1], &result->probabilities);
    result->letter = 0;
    for (uint8_t i = 1; i < LABELS; i++) {
        result->letter = result->probabilities[i] > result->probabilities[result->letter] ? i : result->letter;
    }
}

/* ---- What the answer hangs on: docs/importance.md. ---- */

static void share_out(const float probabilities[ROWS][LABELS], float importance[SCALES])
{
    float all = 0.0f;
    for (int k = 0; k < SCALES; k++) {
        importance[k] = LEAST_EFFECT;
        for (int i = 0; i < LABELS; i++) {
            importance[k] += fabsf(probabilities[1 + k][i] - probabilities[0][i]);
        }
        all += importance[k];
    }
    for (int k = 0; k < SCALES; k++) {
        importance[k] = importance[k] / all;
    }
}

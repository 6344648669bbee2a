
/* ---- From numbers to shares. ---- */

static void softmax(const float logits[LABELS], float shares[LABELS])
{
    float largest = logits[0], sum = 0.0f;
    for (int i = 1; i < LABELS; i++) {
        largest = logits[i] > largest ? logits[i] : largest;
    }
    for (int i = 0; i < LABELS; i++) {
        shares[i] = exponential(logits[i] - largest);
        sum += shares[i];
    }
    for (int i = 0; i < LABELS; i++) {
        shares[i] = shares[i] / sum;
    }
}

/* Compute importance[SCALES] from the letters' shares, whole and without each tower. */
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

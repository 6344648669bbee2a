
/* ---- From frames to features. ---- */

/* As the normaliser in Python. */
static void normalise(const sg_net_reading frame[CHANNELS], float normalised[CHANNELS])
{
    for (int c = 0; c < CHANNELS; c++) {
        const float filled = frame[c] < normaliser.threshold[c] ? normaliser.fill[c] : frame[c];
        const float turns = floorf(filled * PER_TURN + normaliser.turn[c]);
        normalised[c] = filled * normaliser.gain[c] + normaliser.offset[c] - turns * normaliser.turn_gain[c];
    }
}

static float feature(float sum, int i) { return positive(positive(sum) * norm_gain[i] + norm_shift[i]); }

/* Return feature i of two frames' sums: ReLU, batch norm, ReLU, the larger of both. */
static float pooled(float one, float other, int i)
{
    const float first = feature(one, i), second = feature(other, i);
    return first < second ? second : first;
}

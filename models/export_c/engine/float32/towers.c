
/* ---- Frames to features. ---- */

/* As models/normaliser.py does it. */
static void normalise(const sg_net_reading frame[CHANNELS], float normalised[CHANNELS])
{
    for (int c = 0; c < CHANNELS; c++) {
        const float filled = frame[c] < normaliser.threshold[c] ? normaliser.fill[c] : frame[c];
        const float turns = floorf(filled * PER_TURN + normaliser.turn[c]);
        normalised[c] = filled * normaliser.gain[c] + normaliser.offset[c] - turns * normaliser.turn_gain[c];
    }
}

static float positive(float x) { return x < 0.0f ? 0.0f : x; }

/* features[count][FEATURES] of the `count` places whose neighbourhoods begin at line[0], line[1], ... A tower's inputs
 * are neighbours in the line, so that a convolution is a product whose rows overlap. */
static void run_towers(const float (*line)[CHANNELS], int count, float *features)
{
    for (int place = 0; place < count; place++) {
        memcpy(features + place * FEATURES, tower_bias, sizeof tower_bias);
    }
    for (int k = 0; k < SCALES; k++) {
        const int margin = REACH - 1 - k;
        add_products(&towers[k], count, line[margin], CHANNELS, features + k * FILTERS, FEATURES);
    }
    for (int place = 0; place < count; place++) {
        float *const feature = features + place * FEATURES;
        for (int i = 0; i < FEATURES; i++) {
            feature[i] = positive(positive(feature[i]) * norm_gain[i] + norm_shift[i]);
        }
    }
}

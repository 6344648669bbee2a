
/* ---- From frames to features. ---- */

/* As the normaliser in Python. A turn has 16 bits, so whole turns of an angle drop out. */
static void normalise(const sg_net_reading frame[CHANNELS], int16_t normalised[CHANNELS])
{
    for (int c = 0; c < CHANNELS; c++) {
        const int32_t filled = frame[c] < normaliser.threshold[c] ? normaliser.fill[c] : frame[c];
        const uint16_t from_seam = (uint16_t)(filled + normaliser.turn[c]);
        const int64_t scaled = (int64_t)from_seam * normaliser.gain[c] + normaliser.offset[c];
        normalised[c] = saturated((int32_t)(scaled >> NORMALISER_SHIFT));
    }
}

/* Return feature i of two frames' sums: ReLU, batch norm, ReLU, the larger of both. The batch norm's gain and shift are
 * folded into the towers' weights and bias, so that only two bounds remain of all three. */
static int16_t pooled(int16_t one, int16_t other, int i)
{
    const int16_t sum = one < other ? other : one;
    return sum < feature_low[i] ? feature_low[i] : sum > feature_high[i] ? feature_high[i] : sum;
}

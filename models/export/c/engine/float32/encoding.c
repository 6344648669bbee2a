
/* ---- The encoding of a frame. ---- */

/* Two adjacent rows of knots, and the weight of each. */
struct pair {
    const float *low;
    float of_low, of_high;
};

/* sin(x): x minus the nearest multiple n of pi, then the Taylor series to the 11th power, error below 6e-8. */
static float sine(float x)
{
    const float rounder = 12582912.0f; /* the sum has n in its lowest bits */
    const float shifted = fmaf(x, 0.318309886f, rounder), n = shifted - rounder;
    uint32_t odd;
    memcpy(&odd, &shifted, sizeof odd);
    const float r = fmaf(n, 8.74227766e-8f, fmaf(n, -3.14159274f, x)), q = r * r;
    float series = -1.0f / 39916800;
    series = fmaf(series, q, 1.0f / 362880);
    series = fmaf(series, q, -1.0f / 5040);
    series = fmaf(series, q, 1.0f / 120);
    series = fmaf(series, q, -1.0f / 6);
    series = fmaf(series * q, r, r);
    return odd % 2 ? -series : series;
}

/* Compute turned[TURNED]: sines, then cosines, of pitch and roll. */
static void turn(const sg_net_reading frame[CHANNELS], const float normalised[CHANNELS], float turned[TURNED])
{
    (void)frame;
    for (int i = 0; i < TURNING; i++) {
        const float angle = fmaf(normalised[PITCH + i], encoding.rate[i], encoding.phase[i]);
        turned[i] = ANGLE_WEIGHT * sine(angle);
        turned[TURNING + i] = ANGLE_WEIGHT * sine(angle + 1.57079633f);
    }
}

static float within_bin(float x, int place)
{
    const float fraction = (x - encoding.low[place]) * encoding.per_width[place];
    return fraction < 0.0f ? 0.0f : fraction > 1.0f ? 1.0f : fraction;
}

static void find_pairs(const float normalised[CHANNELS + TURNED], struct pair pairs[PAIRS])
{
    for (int c = 0; c < CHANNELS; c++) {
        int bin = 0;
        for (int i = 1; i < BINS; i++) {
            bin += normalised[c] >= encoding.low[c * BINS + i];
        }
        const float high = within_bin(normalised[c], c * BINS + bin);
        pairs[c] = (struct pair){knots + (c * KNOTS + bin) * TRACE, 1.0f - high, high};
    }
    const float *const turned = normalised + CHANNELS;
    for (int i = 0; i < TURNING; i++) {
        const float *const rows = knots + (CHANNELS * KNOTS + 2 * i) * TRACE;
        pairs[CHANNELS + i] = (struct pair){rows, turned[2 * i], turned[2 * i + 1]};
    }
}

/* Add a frame's contribution to FILTERS sums, from a column of the knots on. */
static void add_between(const struct pair pairs[PAIRS], int column, float *sums)
{
    for (int i = 0; i < FILTERS; i += 4) {
        float a = sums[i], b = sums[i + 1], c = sums[i + 2], d = sums[i + 3];
        for (const struct pair *pair = pairs; pair < pairs + PAIRS; pair++) {
            const float *const low = pair->low + column + i, *const high = low + TRACE;
            a = fmaf(high[0], pair->of_high, fmaf(low[0], pair->of_low, a));
            b = fmaf(high[1], pair->of_high, fmaf(low[1], pair->of_low, b));
            c = fmaf(high[2], pair->of_high, fmaf(low[2], pair->of_low, c));
            d = fmaf(high[3], pair->of_high, fmaf(low[3], pair->of_low, d));
        }
        sums[i] = a, sums[i + 1] = b, sums[i + 2] = c, sums[i + 3] = d;
    }
}

static void settle(const float *pending, float *sums)
{
    for (int i = 0; i < FEATURES; i++) {
        sums[i] = pending[i] + tower_bias[i];
    }
}

static float beside_features(float state) { return state; }

static void add_features(const float normalised[CHANNELS + TURNED], float *sums)
{
    for (int i = 0; i < TURNED; i++) {
        sums[i] += normalised[CHANNELS + i];
    }
    for (int place = 0; place < CHANNELS * BINS; place++) {
        sums[TURNED + place] += within_bin(normalised[place / BINS], place);
    }
}

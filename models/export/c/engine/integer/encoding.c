
/* ---- The encoding of a frame. Fractions of a bin, sines and cosines have FRACTION_BITS. ---- */

enum { FRACTION_BITS = 14, FRACTION = 1 << FRACTION_BITS, QUARTER = 1 << 14 };

/* The sine of an angle in units of QUARTER to a right one, from a table in steps of 1/64 of that, interpolated
 * linearly. */
static int32_t sine(uint32_t angle)
{
    const uint32_t beyond = angle & (QUARTER - 1), rising = angle & QUARTER ? QUARTER - beyond : beyond;
    const int16_t *const place = sine_table + (rising >> SINE_STEP_BITS);
    const int32_t within = (int32_t)(rising & ((1u << SINE_STEP_BITS) - 1));
    const int32_t size = place[0] + (((place[1] - place[0]) * within) >> SINE_STEP_BITS);
    return angle & (2 * QUARTER) ? -size : size;
}

/* Compute turned[TURNED]: sines, then cosines, of pitch and roll. */
static void turn(const sg_net_reading frame[CHANNELS], const int16_t normalised[CHANNELS], int16_t turned[TURNED])
{
    (void)normalised;
    for (int i = 0; i < TURNING; i++) {
        const uint32_t angle = (uint32_t)(uint16_t)frame[PITCH + i];
        turned[i] = (int16_t)sine(angle);
        turned[TURNING + i] = (int16_t)sine(angle + QUARTER);
    }
}

static int32_t within_bin(int32_t x, int place)
{
    const int64_t scaled = (int64_t)(x - encoding.low[place]) * encoding.per_width[place];
    const int32_t fraction = (int32_t)(scaled >> PER_WIDTH_BITS);
    return fraction < 0 ? 0 : fraction > FRACTION ? FRACTION : fraction;
}

static int16_t weighted(int32_t fraction, int32_t weight) { return (int16_t)((fraction * weight) >> FRACTION_BITS); }

static void find_pairs(const int16_t normalised[CHANNELS + TURNED], struct pair pairs[PAIRS])
{
    for (int c = 0; c < CHANNELS; c++) {
        int bin = 0;
        for (int i = 1; i < BINS; i++) {
            bin += normalised[c] >= encoding.low[c * BINS + i];
        }
        const int16_t all = knot_weights[c], high = weighted(within_bin(normalised[c], c * BINS + bin), all);
        const int8_t *const low = (const int8_t *)knots + (c * KNOTS + bin) * TRACE;
        pairs[c] = (struct pair){low, (int16_t)(all - high), high};
    }
    const int16_t *const turned = normalised + CHANNELS;
    for (int i = 0; i < TURNING; i++) {
        const int8_t *const rows = (const int8_t *)knots + (CHANNELS * KNOTS + 2 * i) * TRACE;
        const int32_t all = knot_weights[CHANNELS];
        pairs[CHANNELS + i] = (struct pair){rows, weighted(turned[2 * i], all), weighted(turned[2 * i + 1], all)};
    }
}

/* Add a frame's contribution to FILTERS sums, from a column of the knots on. */
static void add_between(const struct pair pairs[PAIRS], int column, int32_t *sums)
{
    for (int i = 0; i < FILTERS; i += GROUP) {
        const int32_t *const middle = knot_middles + column + i;
        int32_t *const to = sums + i;
        struct sums s = {to[0] + middle[0], to[1] + middle[1], to[2] + middle[2], to[3] + middle[3]};
        add_pairs(pairs, column + i, &s, PAIRS);
        to[0] = s.a, to[1] = s.b, to[2] = s.c, to[3] = s.d;
    }
}

static void settle(const int32_t *pending, int16_t *sums)
{
    for (int i = 0; i < FEATURES; i++) {
        sums[i] = saturated(add_upper(tower_bias[i], pending[i], knot_scales[i]));
    }
}

/* A state has one bit more than the skip connection's features. */
static int16_t beside_features(int16_t state) { return (int16_t)(state >> (UNIT_BITS - FRACTION_BITS)); }

static void add_features(const int16_t normalised[CHANNELS + TURNED], int32_t *sums)
{
    for (int i = 0; i < TURNED; i++) {
        sums[i] += normalised[CHANNELS + i];
    }
    for (int place = 0; place < CHANNELS * BINS; place++) {
        sums[TURNED + place] += within_bin(normalised[place / BINS], place);
    }
}

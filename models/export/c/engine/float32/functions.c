typedef float wide; /* of intermediate results */

static float positive(float x) { return x < 0.0f ? 0.0f : x; }

/* A share of x. */
static float part(float share, float x) { return share * x; }

/* ---- exp, sigmoid and tanh. Every operation is one that IEEE 754 defines to the last bit, so that all processors with
 * such arithmetic give the same result: fmaf rounds once, as an instruction and in a library. ---- */

static float exponential(float x)
{
    /* exp(x) = 2^n exp(r), n = round(x / ln 2); the sum with 1.5 * 2^23 has no bits left for a fraction. */
    const float rounder = 12582912.0f;
    const float within = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
    const float shifted = fmaf(within, 1.44269504f, rounder), n = shifted - rounder;
    const float r = fmaf(n, 1.90821493e-10f, fmaf(n, -0.693147182f, within)); /* ln 2 in two parts */
    float series = 1.0f / 720;
    series = fmaf(series, r, 1.0f / 120);
    series = fmaf(series, r, 1.0f / 24);
    series = fmaf(series, r, 1.0f / 6);
    series = fmaf(series, r, 0.5f);
    series = fmaf(series, r, 1.0f);
    series = fmaf(series, r, 1.0f);
    uint32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    const uint32_t exponent = (bits << 23) + (127u << 23);
    float power;
    memcpy(&power, &exponent, sizeof power);
    return series * power;
}


/* ---- Matrices times vectors. ---- */

/* W. Weights of 8 bits in the order of multiply.c, those of four rows together, lowest byte first:
 * weights[outputs / PANEL][inputs / GROUP][PANEL]. The unit of a row's sum is scales[row] * 2^exponent / 2^32. */
struct matrix {
    const uint32_t *weights;
    const int16_t *scales;
    int exponent, outputs, inputs;
};

static int32_t scale_of(const struct matrix *matrix, int row) { return matrix->scales[row] * (1 << matrix->exponent); }

/* Groups of four vectors side by side: packed[inputs / GROUP][STEPS][GROUP]. */
static void pack(const int16_t *in, int stride, int inputs, uint32_t *packed)
{
    for (int step = 0; step < STEPS; step++) {
        const int16_t *from = in + step * stride;
        uint32_t *to = packed + step * GROUP_WORDS;
        for (const int16_t *const end = from + inputs; from < end; from += GROUP, to += STEPS * GROUP_WORDS) {
            memcpy(to, from, sizeof(uint32_t) * GROUP_WORDS);
        }
    }
}

/* Four vectors at once: a word of weights is widened once for all of them. */
static void product_of_4(const struct matrix *matrix, const int16_t *in, int in_stride, const int16_t *start,
                         int start_stride, int16_t *out, int out_stride)
{
    uint32_t packed[FEATURES * STEPS / 2];
    pack(in, in_stride, matrix->inputs, packed);
    const uint32_t *weights = matrix->weights;
    const int panel_words = matrix->inputs / GROUP * PANEL;
    for (int row = 0; row < matrix->outputs; row++) {
        struct sums sums;
        sums_of_steps(weights + row % PANEL, packed, matrix->inputs, &sums);
        const int32_t scale = scale_of(matrix, row);
        const int16_t *const from = start + row;
        int16_t *const to = out + row;
        to[0] = saturated(add_upper(from[0], sums.a, scale));
        to[out_stride] = saturated(add_upper(from[start_stride], sums.b, scale));
        to[2 * out_stride] = saturated(add_upper(from[2 * start_stride], sums.c, scale));
        to[3 * out_stride] = saturated(add_upper(from[3 * start_stride], sums.d, scale));
        weights += row % PANEL == PANEL - 1 ? panel_words : 0;
    }
}

/* One vector, for four rows at once. */
static void product_of_1(const struct matrix *matrix, const int16_t *in, const int16_t *start, int16_t *out)
{
    const uint32_t *weights = matrix->weights;
    for (int row = 0; row < matrix->outputs; row += PANEL, weights += matrix->inputs / GROUP * PANEL) {
        struct sums sums;
        sums_of_rows(weights, in, matrix->inputs, &sums);
        out[row] = saturated(add_upper(start[row], sums.a, scale_of(matrix, row)));
        out[row + 1] = saturated(add_upper(start[row + 1], sums.b, scale_of(matrix, row + 1)));
        out[row + 2] = saturated(add_upper(start[row + 2], sums.c, scale_of(matrix, row + 2)));
        out[row + 3] = saturated(add_upper(start[row + 3], sums.d, scale_of(matrix, row + 3)));
    }
}

/* out[row] = start[row] + W in[row]; `start` may be `out`. */
static void product(const struct matrix *matrix, int rows, const int16_t *in, int in_stride, const int16_t *start,
                    int start_stride, int16_t *out, int out_stride)
{
    int row = 0;
    for (; row + STEPS <= rows; row += STEPS) {
        product_of_4(matrix, in + row * in_stride, in_stride, start + row * start_stride, start_stride,
                     out + row * out_stride, out_stride);
    }
    for (; row < rows; row++) {
        product_of_1(matrix, in + row * in_stride, start + row * start_stride, out + row * out_stride);
    }
}

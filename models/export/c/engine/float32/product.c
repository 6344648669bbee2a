
/* ---- Matrices times vectors. ---- */

enum { PANEL = 8 };

/* W. Rows are stored in panels: weights[outputs / PANEL][inputs][PANEL]. */
struct matrix {
    const float *weights;
    int outputs, inputs;
};

/* Four vectors at once, half a panel at a time: 16 sums in registers. */
static void product_of_4(const struct matrix *matrix, const float *in, int in_stride, const float *start,
                         int start_stride, float *out, int out_stride)
{
    for (int i = 0; i < matrix->outputs; i += PANEL / 2) {
        const float *w = matrix->weights + i / PANEL * PANEL * matrix->inputs + i % PANEL;
        const float *x0 = in, *x1 = in + in_stride, *x2 = x1 + in_stride, *x3 = x2 + in_stride;
        const float *s = start + i;
        float a0 = s[0], a1 = s[1], a2 = s[2], a3 = s[3];
        s += start_stride;
        float b0 = s[0], b1 = s[1], b2 = s[2], b3 = s[3];
        s += start_stride;
        float c0 = s[0], c1 = s[1], c2 = s[2], c3 = s[3];
        s += start_stride;
        float d0 = s[0], d1 = s[1], d2 = s[2], d3 = s[3];
        for (const float *const end = x0 + matrix->inputs; x0 < end; w += PANEL) {
            const float w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3];
            const float a = *x0++, b = *x1++, c = *x2++, d = *x3++;
            a0 = fmaf(w0, a, a0), a1 = fmaf(w1, a, a1), a2 = fmaf(w2, a, a2), a3 = fmaf(w3, a, a3);
            b0 = fmaf(w0, b, b0), b1 = fmaf(w1, b, b1), b2 = fmaf(w2, b, b2), b3 = fmaf(w3, b, b3);
            c0 = fmaf(w0, c, c0), c1 = fmaf(w1, c, c1), c2 = fmaf(w2, c, c2), c3 = fmaf(w3, c, c3);
            d0 = fmaf(w0, d, d0), d1 = fmaf(w1, d, d1), d2 = fmaf(w2, d, d2), d3 = fmaf(w3, d, d3);
        }
        float *y = out + i;
        y[0] = a0, y[1] = a1, y[2] = a2, y[3] = a3;
        y += out_stride;
        y[0] = b0, y[1] = b1, y[2] = b2, y[3] = b3;
        y += out_stride;
        y[0] = c0, y[1] = c1, y[2] = c2, y[3] = c3;
        y += out_stride;
        y[0] = d0, y[1] = d1, y[2] = d2, y[3] = d3;
    }
}

/* One vector: eight sums in registers. */
static void product_of_1(const struct matrix *matrix, const float *in, const float *start, float *out)
{
    const float *w = matrix->weights;
    for (int i = 0; i < matrix->outputs; i += PANEL) {
        const float *const s = start + i;
        float *const y = out + i;
        float a0 = s[0], a1 = s[1], a2 = s[2], a3 = s[3], a4 = s[4], a5 = s[5], a6 = s[6], a7 = s[7];
        for (const float *x = in; x < in + matrix->inputs; w += PANEL) {
            const float a = *x++;
            a0 = fmaf(w[0], a, a0), a1 = fmaf(w[1], a, a1), a2 = fmaf(w[2], a, a2), a3 = fmaf(w[3], a, a3);
            a4 = fmaf(w[4], a, a4), a5 = fmaf(w[5], a, a5), a6 = fmaf(w[6], a, a6), a7 = fmaf(w[7], a, a7);
        }
        y[0] = a0, y[1] = a1, y[2] = a2, y[3] = a3, y[4] = a4, y[5] = a5, y[6] = a6, y[7] = a7;
    }
}

/* out[row] = start[row] + W in[row]; `start` may be `out`. Each sum goes through its inputs in order, whatever the
 * number of rows. */
static void product(const struct matrix *matrix, int rows, const float *in, int in_stride, const float *start,
                    int start_stride, float *out, int out_stride)
{
    int row = 0;
    for (; row + 4 <= rows; row += 4) {
        product_of_4(matrix, in + row * in_stride, in_stride, start + row * start_stride, start_stride,
                     out + row * out_stride, out_stride);
    }
    for (; row < rows; row++) {
        product_of_1(matrix, in + row * in_stride, start + row * start_stride, out + row * out_stride);
    }
}


/* ---- Matrices times vectors. ---- */

enum { PANEL = 8 };

/* y = W x. Rows stand in panels: weights[outputs / PANEL][inputs][PANEL]. */
struct matrix {
    const float *weights;
    int outputs, inputs;
};

/* out[row] += W x[row] for four rows, half a panel at a time: 16 sums in registers. */
static void add_products_of_4(const struct matrix *matrix, const float *x, int stride, float *out, int out_stride)
{
    for (int i = 0; i < matrix->outputs; i += PANEL / 2) {
        const float *w = matrix->weights + i / PANEL * PANEL * matrix->inputs + i % PANEL;
        const float *x0 = x, *x1 = x + stride, *x2 = x + 2 * stride, *x3 = x + 3 * stride;
        float *const y0 = out + i, *const y1 = y0 + out_stride, *const y2 = y1 + out_stride, *const y3 = y2 + out_stride;
        float a0 = y0[0], a1 = y0[1], a2 = y0[2], a3 = y0[3], b0 = y1[0], b1 = y1[1], b2 = y1[2], b3 = y1[3];
        float c0 = y2[0], c1 = y2[1], c2 = y2[2], c3 = y2[3], d0 = y3[0], d1 = y3[1], d2 = y3[2], d3 = y3[3];
        for (const float *const end = x0 + matrix->inputs; x0 < end; w += PANEL) {
            const float w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3];
            const float a = *x0++, b = *x1++, c = *x2++, d = *x3++;
            a0 = fmaf(w0, a, a0), a1 = fmaf(w1, a, a1), a2 = fmaf(w2, a, a2), a3 = fmaf(w3, a, a3);
            b0 = fmaf(w0, b, b0), b1 = fmaf(w1, b, b1), b2 = fmaf(w2, b, b2), b3 = fmaf(w3, b, b3);
            c0 = fmaf(w0, c, c0), c1 = fmaf(w1, c, c1), c2 = fmaf(w2, c, c2), c3 = fmaf(w3, c, c3);
            d0 = fmaf(w0, d, d0), d1 = fmaf(w1, d, d1), d2 = fmaf(w2, d, d2), d3 = fmaf(w3, d, d3);
        }
        y0[0] = a0, y0[1] = a1, y0[2] = a2, y0[3] = a3, y1[0] = b0, y1[1] = b1, y1[2] = b2, y1[3] = b3;
        y2[0] = c0, y2[1] = c1, y2[2] = c2, y2[3] = c3, y3[0] = d0, y3[1] = d1, y3[2] = d2, y3[3] = d3;
    }
}

/* out += W x: eight sums in registers. */
static void add_product(const struct matrix *matrix, const float *x, float *out)
{
    const float *w = matrix->weights;
    for (float *y = out; y < out + matrix->outputs; y += PANEL) {
        float a0 = y[0], a1 = y[1], a2 = y[2], a3 = y[3], a4 = y[4], a5 = y[5], a6 = y[6], a7 = y[7];
        for (const float *from = x; from < x + matrix->inputs; w += PANEL) {
            const float a = *from++;
            a0 = fmaf(w[0], a, a0), a1 = fmaf(w[1], a, a1), a2 = fmaf(w[2], a, a2), a3 = fmaf(w[3], a, a3);
            a4 = fmaf(w[4], a, a4), a5 = fmaf(w[5], a, a5), a6 = fmaf(w[6], a, a6), a7 = fmaf(w[7], a, a7);
        }
        y[0] = a0, y[1] = a1, y[2] = a2, y[3] = a3, y[4] = a4, y[5] = a5, y[6] = a6, y[7] = a7;
    }
}

/* out[row] += W x[row]. Each sum goes through its inputs in order, whatever the number of rows. */
static void add_products(const struct matrix *matrix, int rows, const float *x, int stride, float *out, int out_stride)
{
    int row = 0;
    for (; row + 4 <= rows; row += 4) {
        add_products_of_4(matrix, x + row * stride, stride, out + row * out_stride, out_stride);
    }
    for (; row < rows; row++) {
        add_product(matrix, x + row * stride, out + row * out_stride);
    }
}

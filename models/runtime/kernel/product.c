/* Matrix products: blocks of rows and columns whose sums stay in registers, so that each weight that is loaded serves
 * several rows. Goto and van de Geijn, Anatomy of High-Performance Matrix Multiplication, 2008. */
#include "kernel.h"

#if defined(__AVX512F__)
enum { LANES = 16, BLOCK_ROWS = 6, BLOCK_VECTORS = 4 }; /* 24 sums, 4 weights and a factor, of 32 registers */
#elif defined(__AVX__)
enum { LANES = 8, BLOCK_ROWS = 6, BLOCK_VECTORS = 2 };  /* 12, 2 and 1 of 16 */
#else
enum { LANES = 4, BLOCK_ROWS = 6, BLOCK_VECTORS = 2 };
#endif

typedef float vector __attribute__((vector_size(sizeof(float) * LANES)));
/* The same in memory, at any alignment. */
typedef float packed_vector __attribute__((vector_size(sizeof(float) * LANES), aligned(sizeof(float)), may_alias));

#define INLINE static inline __attribute__((always_inline))

INLINE vector load(const float *from) { return *(const packed_vector *)from; }
INLINE void store(float *to, vector value) { *(packed_vector *)to = value; }

/* `rows` is a constant wherever this is inlined, so that `sum` lives in registers. */
INLINE void block(const int rows, int inputs, const float *weight, const float *in, int in_stride, const float *start,
                  int start_stride, float *out, int out_stride)
{
    vector sum[BLOCK_ROWS][BLOCK_VECTORS];
#pragma GCC unroll 6
    for (int row = 0; row < rows; row++)
#pragma GCC unroll 4
        for (int v = 0; v < BLOCK_VECTORS; v++)
            sum[row][v] = load(start + row * start_stride + v * LANES);
    for (int k = 0; k < inputs; k++) {
        vector column[BLOCK_VECTORS];
#pragma GCC unroll 4
        for (int v = 0; v < BLOCK_VECTORS; v++)
            column[v] = load(weight + k * PANEL + v * LANES);
#pragma GCC unroll 6
        for (int row = 0; row < rows; row++)
#pragma GCC unroll 4
            for (int v = 0; v < BLOCK_VECTORS; v++)
                sum[row][v] += in[row * in_stride + k] * column[v];
    }
#pragma GCC unroll 6
    for (int row = 0; row < rows; row++)
#pragma GCC unroll 4
        for (int v = 0; v < BLOCK_VECTORS; v++)
            store(out + row * out_stride + v * LANES, sum[row][v]);
}

/* out[row] = start[row] + W in[row] for every row; `start` may be `out`; with stride 0 it is one bias for all rows. */
void product(const struct linear *linear, int rows, const float *in, int in_stride, const float *start,
             int start_stride, float *out, int out_stride)
{
    const int inputs = linear->inputs;
    for (int column = 0; column < linear->outputs; column += BLOCK_VECTORS * LANES) {
        const float *weight = linear->weight + (column / PANEL) * inputs * PANEL + column % PANEL;
        for (int row = 0; row < rows; row += BLOCK_ROWS) {
            const float *x = in + row * in_stride, *b = start + row * start_stride + column;
            float *y = out + row * out_stride + column;
#define BLOCK(count) block(count, inputs, weight, x, in_stride, b, start_stride, y, out_stride)
            switch (rows - row) {
            case 1: BLOCK(1); break;
            case 2: BLOCK(2); break;
            case 3: BLOCK(3); break;
            case 4: BLOCK(4); break;
            case 5: BLOCK(5); break;
            default: BLOCK(BLOCK_ROWS);
            }
#undef BLOCK
        }
    }
}

/* trace[TRACE] = the weighted sum of the terms' rows. */
void sum_terms(const struct term *terms, int count, float *trace)
{
    enum { VECTORS = 10 };
    for (int column = 0; column < TRACE; column += VECTORS * LANES) {
        vector sum[VECTORS] = {{0}};
        for (int i = 0; i < count; i++)
#pragma GCC unroll 10
            for (int v = 0; v < VECTORS; v++)
                sum[v] += terms[i].weight * load(terms[i].row + column + v * LANES);
#pragma GCC unroll 10
        for (int v = 0; v < VECTORS; v++)
            store(trace + column + v * LANES, sum[v]);
    }
}


/* ---- Weights of 8 bits times numbers of 16, four by four. A word contains, from its lowest byte, the weights of
 * the numbers 0, 2, 1 and 3: its first and third byte, widened, meet the numbers 0 and 1, the others 2 and 3. Inputs
 * come in eights. Sums are exact, so they are the same on every processor. ---- */

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "weights and numbers stand in memory lowest byte first"
#endif

enum { GROUP = 4, GROUP_WORDS = 2, PANEL = 4, STEPS = 4 };

struct sums {
    int32_t a, b, c, d;
};

#if defined(__ARM_FEATURE_DSP)

/* start + the upper half of a * b. */
static inline int32_t add_upper(int32_t start, int32_t a, int32_t b)
{
    int32_t found;
    __asm__("smmla %0, %1, %2, %3" : "=r"(found) : "r"(a), "r"(b), "r"(start));
    return found;
}

static inline int16_t saturated(int32_t x)
{
    int32_t found;
    __asm__("ssat %0, #16, %1" : "=r"(found) : "r"(x));
    return (int16_t)found;
}

/* The two functions that take most of the time use every register, so they are all assembly, and a compiler's
 * options do not affect them. It does not see that their parameters are used. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"

/* Products of one row of weights with four vectors, packed. r4 to r7: sums; r8 to r11: two times four numbers; r12
 * and lr: four weights, widened. */
__attribute__((naked, noinline)) static void sums_of_steps(const uint32_t *weights, const uint32_t *packed, int inputs,
                                                           struct sums *sums)
{
#define FOUR_WEIGHTS                \
    "ldr r12, [r0], #16\n"          \
    "ldmia r1!, {r8-r11}\n"         \
    "sxtb16 lr, r12, ror #8\n"      \
    "sxtb16 r12, r12\n"             \
    "smlad r4, r12, r8, r4\n"       \
    "smlad r5, r12, r10, r5\n"      \
    "smlad r4, lr, r9, r4\n"        \
    "smlad r5, lr, r11, r5\n"       \
    "ldmia r1!, {r8-r11}\n"         \
    "smlad r6, r12, r8, r6\n"       \
    "smlad r7, r12, r10, r7\n"      \
    "smlad r6, lr, r9, r6\n"        \
    "smlad r7, lr, r11, r7\n"
    __asm__ volatile("push {r4-r11, lr}\n"
                     "mov r4, #0\n"
                     "mov r5, #0\n"
                     "mov r6, #0\n"
                     "mov r7, #0\n"
                     "1:\n" FOUR_WEIGHTS FOUR_WEIGHTS
                     "subs r2, r2, #8\n"
                     "bne 1b\n"
                     "stmia r3, {r4-r7}\n"
                     "pop {r4-r11, pc}\n");
#undef FOUR_WEIGHTS
}

/* Products of four rows of weights with one vector. r4 to r7: sums; r8 to r11: weights; r12 and lr: four numbers. */
__attribute__((naked, noinline)) static void sums_of_rows(const uint32_t *weights, const int16_t *in, int inputs,
                                                          struct sums *sums)
{
#define ROW(sum, word)                                    \
    "sxtb16 r3, " word ", ror #8\n"                       \
    "sxtb16 " word ", " word "\n"                         \
    "smlad " sum ", r3, lr, " sum "\n"                    \
    "smlad " sum ", " word ", r12, " sum "\n"
#define FOUR_ROWS                                                      \
    "ldmia r0!, {r8-r11}\n"                                            \
    "ldr r12, [r1], #4\n"                                              \
    "ldr lr, [r1], #4\n" ROW("r4", "r8") ROW("r5", "r9") ROW("r6", "r10") ROW("r7", "r11")
    __asm__ volatile("push {r3-r11, lr}\n"
                     "mov r4, #0\n"
                     "mov r5, #0\n"
                     "mov r6, #0\n"
                     "mov r7, #0\n"
                     "1:\n" FOUR_ROWS FOUR_ROWS
                     "subs r2, r2, #8\n"
                     "bne 1b\n"
                     "pop {r3}\n"
                     "stmia r3, {r4-r7}\n"
                     "pop {r4-r11, pc}\n");
#undef FOUR_ROWS
#undef ROW
}

#pragma GCC diagnostic pop

#else

static inline int32_t add_upper(int32_t start, int32_t a, int32_t b)
{
    return start + (int32_t)(((int64_t)a * b) >> 32);
}

static inline int16_t saturated(int32_t x)
{
    return (int16_t)(x < INT16_MIN ? INT16_MIN : x > INT16_MAX ? INT16_MAX : x);
}

/* Products of one row of weights with four vectors, packed. */
static void sums_of_steps(const uint32_t *weights, const uint32_t *packed, int inputs, struct sums *sums)
{
    struct sums s = {0, 0, 0, 0};
    for (; inputs > 0; inputs -= GROUP, weights += PANEL, packed += STEPS * GROUP_WORDS) {
        const int8_t *const w = (const int8_t *)weights;
        int16_t x[STEPS][GROUP];
        memcpy(x, packed, sizeof x);
        s.a += w[0] * x[0][0] + w[2] * x[0][1] + w[1] * x[0][2] + w[3] * x[0][3];
        s.b += w[0] * x[1][0] + w[2] * x[1][1] + w[1] * x[1][2] + w[3] * x[1][3];
        s.c += w[0] * x[2][0] + w[2] * x[2][1] + w[1] * x[2][2] + w[3] * x[2][3];
        s.d += w[0] * x[3][0] + w[2] * x[3][1] + w[1] * x[3][2] + w[3] * x[3][3];
    }
    *sums = s;
}

/* Products of four rows of weights with one vector. */
static void sums_of_rows(const uint32_t *weights, const int16_t *in, int inputs, struct sums *sums)
{
    struct sums s = {0, 0, 0, 0};
    for (; inputs > 0; inputs -= GROUP, weights += PANEL, in += GROUP) {
        const int8_t *const w = (const int8_t *)weights;
        s.a += w[0] * in[0] + w[2] * in[1] + w[1] * in[2] + w[3] * in[3];
        s.b += w[4] * in[0] + w[6] * in[1] + w[5] * in[2] + w[7] * in[3];
        s.c += w[8] * in[0] + w[10] * in[1] + w[9] * in[2] + w[11] * in[3];
        s.d += w[12] * in[0] + w[14] * in[1] + w[13] * in[2] + w[15] * in[3];
    }
    *sums = s;
}

#endif

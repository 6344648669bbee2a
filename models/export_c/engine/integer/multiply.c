
/* ---- Weights of 8 bits times numbers of 16, four by four. In a word of weights stand, from its lowest byte, those of the
 * numbers 0, 2, 1 and 3: its first and third byte, widened, face the numbers 0 and 1, the others 2 and 3. Inputs come in
 * twice four. Sums are exact, so that every processor has the same. ---- */

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

/* Of one row of weights with four vectors, packed. */
static inline struct sums sums_of_steps(const uint32_t *weights, const uint32_t *packed, int inputs)
{
    struct sums s = {0, 0, 0, 0};
    uint32_t even, odd;
/* clang-format off */
#define FOUR_WEIGHTS                          \
    "ldr %[even], [%[w]], #16\n"              \
    "ldmia %[x]!, {r4, r5, r8, r9}\n"         \
    "sxtb16 %[odd], %[even], ror #8\n"        \
    "sxtb16 %[even], %[even]\n"               \
    "smlad %[a], %[even], r4, %[a]\n"         \
    "smlad %[b], %[even], r8, %[b]\n"         \
    "smlad %[a], %[odd], r5, %[a]\n"          \
    "smlad %[b], %[odd], r9, %[b]\n"          \
    "ldmia %[x]!, {r4, r5, r8, r9}\n"         \
    "smlad %[c], %[even], r4, %[c]\n"         \
    "smlad %[d], %[even], r8, %[d]\n"         \
    "smlad %[c], %[odd], r5, %[c]\n"          \
    "smlad %[d], %[odd], r9, %[d]\n"
    __asm__ volatile("1:\n" FOUR_WEIGHTS FOUR_WEIGHTS
                     "subs %[n], %[n], #8\n"
                     "bne 1b\n"
                     : [a] "+&r"(s.a), [b] "+&r"(s.b), [c] "+&r"(s.c), [d] "+&r"(s.d), [w] "+&r"(weights),
                       [x] "+&r"(packed), [n] "+&r"(inputs), [even] "=&r"(even), [odd] "=&r"(odd)
                     :
                     : "r4", "r5", "r8", "r9", "cc", "memory");
#undef FOUR_WEIGHTS
    return s;
}

/* Of four rows of weights with one vector. */
static inline struct sums sums_of_rows(const uint32_t *weights, const int16_t *in, int inputs)
{
    struct sums s = {0, 0, 0, 0};
    uint32_t low, high, word, odd;
#define ROW(sum)                                  \
    "sxtb16 %[odd], %[word], ror #8\n"            \
    "sxtb16 %[word], %[word]\n"                   \
    "smlad %[" sum "], %[odd], %[high], %[" sum "]\n" \
    "smlad %[" sum "], %[word], %[low], %[" sum "]\n"
#define FOUR_ROWS                                 \
    "ldr %[low], [%[x]], #4\n"                    \
    "ldr %[high], [%[x]], #4\n"                   \
    "ldr %[word], [%[w]], #4\n" ROW("a")          \
    "ldr %[word], [%[w]], #4\n" ROW("b")          \
    "ldr %[word], [%[w]], #4\n" ROW("c")          \
    "ldr %[word], [%[w]], #4\n" ROW("d")
    __asm__ volatile("1:\n" FOUR_ROWS FOUR_ROWS
                     "subs %[n], %[n], #8\n"
                     "bne 1b\n"
                     : [a] "+&r"(s.a), [b] "+&r"(s.b), [c] "+&r"(s.c), [d] "+&r"(s.d), [w] "+&r"(weights),
                       [x] "+&r"(in), [n] "+&r"(inputs), [low] "=&r"(low), [high] "=&r"(high), [word] "=&r"(word),
                       [odd] "=&r"(odd)
                     :
                     : "cc", "memory");
#undef FOUR_ROWS
#undef ROW
/* clang-format on */
    return s;
}

#else

static inline int32_t add_upper(int32_t start, int32_t a, int32_t b)
{
    return start + (int32_t)(((int64_t)a * b) >> 32);
}

static inline int16_t saturated(int32_t x)
{
    return (int16_t)(x < INT16_MIN ? INT16_MIN : x > INT16_MAX ? INT16_MAX : x);
}

/* Of one row of weights with four vectors, packed. */
static inline struct sums sums_of_steps(const uint32_t *weights, const uint32_t *packed, int inputs)
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
    return s;
}

/* Of four rows of weights with one vector. */
static inline struct sums sums_of_rows(const uint32_t *weights, const int16_t *in, int inputs)
{
    struct sums s = {0, 0, 0, 0};
    for (; inputs > 0; inputs -= GROUP, weights += PANEL, in += GROUP) {
        const int8_t *const w = (const int8_t *)weights;
        s.a += w[0] * in[0] + w[2] * in[1] + w[1] * in[2] + w[3] * in[3];
        s.b += w[4] * in[0] + w[6] * in[1] + w[5] * in[2] + w[7] * in[3];
        s.c += w[8] * in[0] + w[10] * in[1] + w[9] * in[2] + w[11] * in[3];
        s.d += w[12] * in[0] + w[14] * in[1] + w[13] * in[2] + w[15] * in[3];
    }
    return s;
}

#endif

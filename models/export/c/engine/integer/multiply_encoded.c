
/* ---- Weights of 8 bits interpolated between two rows of a table. ---- */

struct pair {
    const int8_t *low; /* the next row is TRACE further on */
    int16_t of_low, of_high;
};

#if defined(__ARM_FEATURE_DSP)

typedef char trace_is_480[TRACE == 480 ? 1 : -1];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"

/* Add four columns of all pairs to `sums`. r4 to r7: sums; r8: a row; r9: the shares of both; r10 to r12: weights. */
__attribute__((naked, noinline)) static void add_pairs(const struct pair *pairs, int column, struct sums *sums, int count)
{
    __asm__ volatile("push {r4-r11, lr}\n"
                     "ldmia r2, {r4-r7}\n"
                     "1:\n"
                     "ldmia r0!, {r8-r9}\n"
                     "add r8, r8, r1\n"
                     "ldr r10, [r8]\n"
                     "ldr r11, [r8, #480]\n"
                     "sxtb16 r12, r10\n"
                     "sxtb16 r10, r10, ror #8\n"
                     "smlabb r4, r12, r9, r4\n"
                     "smlabb r5, r10, r9, r5\n"
                     "smlatb r6, r12, r9, r6\n"
                     "smlatb r7, r10, r9, r7\n"
                     "sxtb16 r12, r11\n"
                     "sxtb16 r11, r11, ror #8\n"
                     "smlabt r4, r12, r9, r4\n"
                     "smlabt r5, r11, r9, r5\n"
                     "smlatt r6, r12, r9, r6\n"
                     "smlatt r7, r11, r9, r7\n"
                     "subs r3, r3, #1\n"
                     "bne 1b\n"
                     "stmia r2, {r4-r7}\n"
                     "pop {r4-r11, pc}\n");
}

#pragma GCC diagnostic pop

#else

/* Add four columns of all pairs to `sums`. */
static void add_pairs(const struct pair *pairs, int column, struct sums *sums, int count)
{
    struct sums s = *sums;
    for (const struct pair *pair = pairs; pair < pairs + count; pair++) {
        const int8_t *const low = pair->low + column, *const high = low + TRACE;
        s.a += low[0] * pair->of_low + high[0] * pair->of_high;
        s.b += low[1] * pair->of_low + high[1] * pair->of_high;
        s.c += low[2] * pair->of_low + high[2] * pair->of_high;
        s.d += low[3] * pair->of_low + high[3] * pair->of_high;
    }
    *sums = s;
}

#endif

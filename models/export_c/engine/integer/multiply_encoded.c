
#if defined(__ARM_FEATURE_DSP)

/* Four weights that stand side by side in their own order, times one number, on top of `s`. */
static inline struct sums sums_with(const int8_t *weights, int16_t x, struct sums s)
{
    uint32_t word, even, odd;
    memcpy(&word, weights, sizeof word);
    __asm__("sxtb16 %0, %1" : "=r"(even) : "r"(word));
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(odd) : "r"(word));
    s.a += (int16_t)even * x;
    s.b += (int16_t)odd * x;
    s.c += ((int32_t)even >> 16) * x;
    s.d += ((int32_t)odd >> 16) * x;
    return s;
}

#else

/* Four weights that stand side by side in their own order, times one number, on top of `s`. */
static inline struct sums sums_with(const int8_t *weights, int16_t x, struct sums s)
{
    return (struct sums){s.a + weights[0] * x, s.b + weights[1] * x, s.c + weights[2] * x, s.d + weights[3] * x};
}

#endif

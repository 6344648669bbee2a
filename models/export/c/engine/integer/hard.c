
/* x from -1 to 1. */
static int32_t clipped(int32_t x)
{
    const int32_t one = 1 << VALUE_BITS;
    return x < -one ? -one : x > one ? one : x;
}

/* The input is clipped, as in the artefact's GRU nodes: its gates' weights are divided by 2.5 for it. */
static int32_t squash(int32_t x)
{
    const int32_t found = clipped(x) * (UNIT >> VALUE_BITS);
    return found > INT16_MAX ? INT16_MAX : found;
}

static int32_t sigmoid(int32_t x) { return UNIT / 2 + clipped(x) * (UNIT >> VALUE_BITS >> 1); }

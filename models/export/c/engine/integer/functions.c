/* ---- Fixed point. Features, gates and the head's numbers have VALUE_BITS of fraction, states and a gate's share
 * UNIT_BITS. Numbers saturate. ---- */

typedef int32_t wide; /* of intermediate results */

enum { VALUE_BITS = 11, UNIT_BITS = 15, UNIT = 1 << UNIT_BITS };

static int16_t positive(int16_t x) { return x < 0 ? 0 : x; }

/* A share, 0 to UNIT, of x, of 16 bits and a sign. */
static int32_t part(int32_t share, int32_t x) { return (share * x + UNIT / 2) >> UNIT_BITS; }

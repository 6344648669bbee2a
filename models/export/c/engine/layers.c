
/* ---- What the network is made of. ---- */

struct linear {
    struct matrix matrix;
    const value *bias;
};

/* `state` gives to update and reset, `candidate` to the candidate. */
struct layer {
    struct matrix input, state, candidate;
    const value *bias, *candidate_bias; /* the latter within the reset, where that comes after the product */
};

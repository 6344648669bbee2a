
/* ---- The parts of the network. ---- */

struct linear {
    struct matrix matrix;
    const value *bias;
};

/* `state` feeds update and reset, `candidate` the candidate. */
struct layer {
    struct matrix input, state, candidate;
    const value *bias, *candidate_bias; /* the latter within the reset, where that comes after the product */
};

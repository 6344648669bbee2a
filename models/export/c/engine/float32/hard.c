
/* The input is clipped, as in the artefact's GRU nodes: its gates' weights are divided by 2.5 for it. */
static float squash(float x) { return x < -1.0f ? -1.0f : x > 1.0f ? 1.0f : x; }

static float sigmoid(float x) { return 0.5f * squash(x) + 0.5f; }


/* What enters is clipped, as the artefact's GRU nodes do: its gates' weights are divided by 2.5 for it. */
static float squash(float x) { return x < -1.0f ? -1.0f : x > 1.0f ? 1.0f : x; }

static float sigmoid(float x) { return 0.5f * squash(x) + 0.5f; }

"""Model inference: the served models, the engine that batches windows, and the decision on each answer."""

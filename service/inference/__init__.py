"""Model inference: the served models, the engine that batches windows, and the answer for each window."""

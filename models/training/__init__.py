"""Training of a network, and its checkpoints."""

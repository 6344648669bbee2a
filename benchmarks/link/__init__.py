"""Benchmarks of the link: delay from the glove's port to a viewer, cost of the bridge, and speed of the codec."""

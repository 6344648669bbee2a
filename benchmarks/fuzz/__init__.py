"""Fuzzers of everything that takes bytes from outside, for as long as one likes: `python -m benchmarks.fuzz`."""

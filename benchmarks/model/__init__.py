"""Benchmarks of a model: exports, windows, faithfulness and quantisation."""

"""Compiling and loading of C beside the Python that it computes the same as: its reference, which runs without it."""

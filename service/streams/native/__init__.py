"""What a stream computes for every frame and window, in C beside the Python that it computes the same as."""

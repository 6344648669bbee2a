"""Benchmark of letters in continuous signing: recorded letters, joined into streams for the service's session."""

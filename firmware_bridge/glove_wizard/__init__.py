"""Guided check of a glove on the command line: `scaleglove glove check`."""

"""Recordings of a glove: labelled episodes, and continuous recordings."""

"""Frames become windows, windows become letters: the FastAPI service around the model artefacts."""

"""Calibration wizard: the user shows letters, and the service makes a profile from them."""

"""Parsing of request bodies to windows: JSON, raw float32, NumPy `.npy`. Pure; long work is a generator of slices."""

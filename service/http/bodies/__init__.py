"""Request bodies become windows: JSON, raw float32, NumPy's `.npy`. Pure: what takes long is a generator of steps."""

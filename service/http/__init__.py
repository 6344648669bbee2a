"""Windows posted in requests."""

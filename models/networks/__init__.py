"""Networks in PyTorch, in the equations' symbols."""

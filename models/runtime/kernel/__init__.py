"""A hand-written kernel in C for the networks of this project: an accelerator, with ONNX Runtime as the reference."""

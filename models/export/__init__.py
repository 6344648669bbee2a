"""Export of a trained network: ONNX, INT8 and C."""

"""Model artefacts: loading, running and comparing them with numpy and ONNX Runtime, without torch."""

"""Reading and running of model artefacts, without torch."""

import os

# ONNX Runtime 1.32 and later send telemetry unless this is set before it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

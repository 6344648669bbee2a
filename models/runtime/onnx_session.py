"""ONNX Runtime as this project uses it: silent, and set for tiny models. Everybody gets it from here."""

from __future__ import annotations

import os
from pathlib import Path

# From 1.32 on, ONNX Runtime reports its use to its makers unless it is told not to before it loads. A glove's service
# talks to nobody but its clients.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime


def open_session(model: Path | bytes) -> onnxruntime.InferenceSession:
    """A session on one thread of the caller's: for tiny models a second thread costs more than it gives, and one that
    spins takes a whole core.

    Raises:
        Exception: one of ONNX Runtime's many types; the model cannot be read.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Weights stored as INT8 are made float32 once, at load, not before every run.
    options.add_session_config_entry("session.disable_quant_qdq", "1")
    options.log_severity_level = 3  # errors; they are raised as well
    source = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])

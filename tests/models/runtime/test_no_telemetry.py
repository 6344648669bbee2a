"""ONNX Runtime sends no telemetry: that is switched off before it is imported, whichever module imports it first."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.deadlines import RUN_S

SCRIPT = """
import importlib, os, sys

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "onnxruntime":
            print(os.environ.get("ORT_DISABLE_TELEMETRY"))

sys.meta_path.insert(0, Watch())
importlib.import_module(sys.argv[1])
"""


@pytest.mark.parametrize(
    "module", ["models.runtime.artefact", "models.runtime.gpu.session", "models.runtime.accelerate"]
)
def test_it_is_off_before_the_import(module: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    command = [sys.executable, "-c", SCRIPT, module]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=RUN_S, check=True)
    assert done.stdout == "1\n"

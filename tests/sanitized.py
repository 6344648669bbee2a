"""Running of Python with compiled C under the compiler's address and undefined-behaviour sanitizers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from scaleglove.native.compiler import find_compiler
from scaleglove.native.library import SWITCH
from tests.conftest import ROOT
from tests.deadlines import RUN_S

FLAGS: Final = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def address_sanitizer() -> Path:
    """Return the sanitizer's library, which has to be loaded before Python; skip the test where there is none."""
    compiler = find_compiler()
    if compiler is None:
        pytest.skip("there is no C compiler")
    name = subprocess.run([compiler, "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    sanitizer = Path(name.stdout.strip())
    if not sanitizer.is_absolute():
        pytest.skip("the C compiler has no address sanitizer")
    return sanitizer


def run_sanitized(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a Python program that loads what was compiled with FLAGS."""
    environment = {name: value for name, value in os.environ.items() if name != SWITCH} | {
        "LD_PRELOAD": str(address_sanitizer()),
        "ASAN_OPTIONS": "detect_leaks=0",  # Python's own
        "PYTHONMALLOC": "malloc",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=RUN_S, check=False)

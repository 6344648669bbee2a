"""Soak test: its criteria, and a few seconds of it on a real service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.serve.soak import SAMPLES, Sample, Soaked, faults
from tests.conftest import ROOT
from tests.deadlines import RUN_S


def soaked(memory_mib: list[float], open_files: list[int] | None = None, broken: int = 0, missing: int = 0) -> Soaked:
    files = open_files or [20] * len(memory_mib)
    samples = [Sample(1.0, mib, count, 1.0, 2.0, 10, 0.1, 0.1) for mib, count in zip(memory_mib, files, strict=True)]
    return Soaked(samples, broken, missing, rounds=3)


def test_memory_may_rise_at_first_but_not_on() -> None:
    assert faults(soaked([80.0, 100.0, 101.9]), 10, 10) == []
    assert faults(soaked([80.0, 100.0, 102.1]), 10, 10) == ["memory grew from 100.0 to 102.1 MiB"]
    assert faults(soaked([100.0] * 8 + [500.0]), 10, 10) == [], "one high sample is no growth"


def test_open_files_must_not_grow_nor_stay() -> None:
    level = [100.0] * 3
    assert faults(soaked(level, [5, 20, 23]), 10, 9) == []
    assert faults(soaked(level, [5, 20, 24]), 10, 10) == ["open files grew from 20 to 24"]
    assert faults(soaked(level), 10, 11) == ["11 files are open after all clients left, 10 before the first one came"]


@pytest.mark.parametrize(("trouble", "words"), [({"broken": 2}, "2 streams broke"), ({"missing": 1}, "1 predictions")])
def test_what_was_lost_is_reported(trouble: dict[str, int], words: str) -> None:
    assert words in faults(soaked([100.0] * 3, **trouble), 10, 10)[0]


def test_a_few_seconds_on_a_real_service(tmp_path: Path) -> None:
    page = tmp_path / "soak.md"
    options = ("--minutes", "0.06", "--gloves", "2", "--json", "--page", str(page))
    command = [sys.executable, "-m", "benchmarks.serve.soak", *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=RUN_S, check=False)
    result = json.loads(run.stdout)
    assert run.returncode == (1 if result["faults"] else 0), run.stderr
    assert len(result["samples"]) == SAMPLES
    assert result["rounds"] > 0
    assert (result["broken"], result["missing"]) == (0, 0)
    assert len(page.read_text(encoding="utf-8").splitlines()) > SAMPLES
    assert not [fault for fault in result["faults"] if "files" in fault]  # a few seconds do not show growth of memory

"""Steps of the demo are found in what it prints, and every line that begins one is still printed."""

from __future__ import annotations

from benchmarks.serve.first_letter import STEPS, durations, step_of
from tests.conftest import ROOT


def test_each_step_lasts_until_the_next() -> None:
    assert step_of("  The page: http://127.0.0.1:8000\n") == "first letter"
    assert step_of("Installed\n") is None
    assert durations([(1.0, "clone"), (3.0, "packages")], 10.0) == {"clone": 2.0, "packages": 7.0}


def test_the_lines_are_those_of_make_demo() -> None:
    printed = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("Makefile", "scaleglove/demo.py"))
    assert all(begin in printed for begin in STEPS)

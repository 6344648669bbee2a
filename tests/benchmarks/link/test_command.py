"""Command `scaleglove bench link` on real processes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.conftest import ROOT
from tests.processes import run_command


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command("bench", "link", *arguments, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})


def test_a_small_measurement_of_every_way(tmp_path: Path) -> None:
    page = tmp_path / "link-speed.md"
    done = run("--seconds", "0.3", "--rate-hz", "100", "--json", "--page", str(page))
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [passage["way"] for passage in report["passages"]] == ["direct", "text", "binary"]
    for passage in report["passages"]:
        assert passage["sent"] > 0
        assert passage["lost"] == 0
        assert 0 < passage["p50_ms"] <= passage["p99_ms"]
        assert (passage["bridge_share"] is None) == (passage["way"] == "direct")
    assert set(report["codec_bytes_per_second"]) == {"text", "binary"}
    assert "## From the glove to a viewer" in page.read_text(encoding="utf-8")


def test_a_rate_that_is_not_whole_milliseconds_is_refused() -> None:
    done = run("--rate-hz", "60")
    assert done.returncode == 2
    assert "60 is no divisor of 1000" in done.stderr

"""`scaleglove bench serve` on real processes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "scaleglove", "bench", "serve", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def is_under_way(pid: int) -> bool:
    """Whether the load has been opened: it waits by epoll."""
    with contextlib.suppress(FileNotFoundError):  # a file closed meanwhile
        return any("eventpoll" in str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir())
    return False


def test_small_measurements_of_every_kind(tmp_path: Path) -> None:
    rows = ("gloves", "lone", "post", "memory", "model")
    chosen = [argument for row in rows for argument in ("--only", row)]
    page = tmp_path / "serving.md"
    run = start("--seconds", "0.2", "--most-gloves", "2", "--json", "--page", str(page), *chosen)
    text, errors = run.communicate(timeout=120)
    assert run.returncode == 0, errors
    report = json.loads(text)
    assert [row for row in rows if row in {figure["row"] for figure in report["figures"]}] == list(rows)
    for figure in report["figures"]:
        assert figure["plain"] is not None
        assert figure["ours"] is not None or figure["note"], "nothing measured, and no reason given"
        assert figure["met"] is None or figure["met"] in {True, False}
    assert all(profile["parts_us"]["decode"] > 0 for profile in report["profiles"])
    assert "## Where the time goes" in page.read_text(encoding="utf-8")


def test_a_row_that_is_not_there_is_said() -> None:
    run = start("--only", "speed")
    _, errors = run.communicate(timeout=60)
    assert run.returncode == 2
    assert "speed is not one of gloves, gloves5" in errors


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_running(stop: signal.Signals) -> None:
    run = start("--seconds", "10", "--only", "lone")
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
    deadline = time.monotonic() + 60
    while not is_under_way(run.pid):
        assert run.poll() is None, "it ended by itself"
        assert time.monotonic() < deadline, "the load did not begin"
        time.sleep(0.05)
    servers = children.read_text().split()
    assert len(servers) == 2
    run.send_signal(stop)
    _, errors = run.communicate(timeout=30)
    assert run.returncode == 130, errors
    for pid in servers:
        assert not Path(f"/proc/{pid}").exists()

"""Command `scaleglove bench serve` on real processes."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.deadlines import EVENT_S, RUN_S


@contextmanager
def running(*arguments: str, ignore_sigint: bool = False) -> Iterator[subprocess.Popen[str]]:
    """Run the command; `ignore_sigint` starts it as a shell starts a background job."""
    command = [sys.executable, "-m", "scaleglove", "bench", "serve", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if ignore_sigint else None
    try:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    finally:
        if ignore_sigint:
            signal.signal(signal.SIGINT, before)
    with process:
        try:
            yield process
        finally:
            process.kill()


def test_small_measurements_of_every_kind(tmp_path: Path) -> None:
    rows = ("gloves", "lone", "post", "memory", "model")
    chosen = [argument for row in rows for argument in ("--only", row)]
    page = tmp_path / "serving.md"
    with running("--seconds", "0.2", "--most-gloves", "2", "--json", "--page", str(page), *chosen) as run:
        text, errors = run.communicate(timeout=RUN_S)
    assert run.returncode == 0, errors
    report = json.loads(text)
    assert [row for row in rows if row in {figure["row"] for figure in report["figures"]}] == list(rows)
    for figure in report["figures"]:
        assert figure["plain"] is not None
        assert figure["ours"] is not None or figure["note"], "nothing measured, and no reason given"
        assert figure["met"] is None or figure["met"] in {True, False}
    assert all(profile["parts_us"]["decode"] > 0 for profile in report["profiles"])
    assert "## Where the time goes" in page.read_text(encoding="utf-8")


def test_an_unknown_row_is_refused() -> None:
    with running("--only", "speed") as run:
        _, errors = run.communicate(timeout=EVENT_S)
    assert run.returncode == 2
    assert "speed is not one of gloves, gloves5" in errors


@pytest.mark.parametrize(
    ("stop", "ignored_before"), [(signal.SIGINT, False), (signal.SIGINT, True), (signal.SIGTERM, False)]
)
def test_a_signal_ends_it_and_its_servers(stop: signal.Signals, ignored_before: bool) -> None:
    with running("--seconds", "60", "--only", "lone", ignore_sigint=ignored_before) as run, ExitStack() as files:
        assert run.stderr is not None
        assert any("lone glove: plain FastAPI" in line for line in run.stderr), "the measurement did not begin"
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
        assert len(children) == 2
        servers = [os.pidfd_open(int(pid)) for pid in children]
        for server in servers:
            files.callback(os.close, server)
        run.send_signal(stop)
        _, errors = run.communicate(timeout=EVENT_S)
        assert run.returncode == 130, errors
        ended, _, _ = select.select(servers, [], [], 0)  # a pidfd is readable once its process has ended
        assert sorted(ended) == sorted(servers)

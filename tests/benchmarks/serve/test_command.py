"""Command `scaleglove bench serve` on real processes."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from benchmarks.serve.glove_count import SEARCHES
from benchmarks.serve.peers.catalogue import ECHO, GRANIAN, OURS, PICOWS, PLAIN, PLAIN_ONE, REFERENCE
from tests.conftest import ROOT
from tests.deadlines import EVENT_S
from tests.processes import run_command, started, started_command

COMMAND = ("bench", "serve")
HERE: dict[str, Any] = {"cwd": ROOT, "env": os.environ | {"PYTHONPATH": str(ROOT)}}
NAMES = (PLAIN, PLAIN_ONE, GRANIAN, ECHO, PICOWS, OURS, REFERENCE)
READ: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}


@contextmanager
def in_the_background(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start the command as a shell starts a background job, which ignores SIGINT."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    with ExitStack() as files:
        try:
            command = [sys.executable, "-m", "scaleglove", *arguments]
            process = files.enter_context(started(command, **HERE, **READ))
        finally:
            signal.signal(signal.SIGINT, before)
        yield process


SMALL = ("--seconds", "0.2", "--rounds", "1", "--gloves", "1", "--most-gloves", "1")


def test_small_measurements_of_rows_of_few_servers(tmp_path: Path) -> None:
    rows = ("lone", "post", "profile", "gloves")
    chosen = [argument for row in rows for argument in ("--only", row)]
    page = tmp_path / "serving.md"
    run = run_command(*COMMAND, *SMALL, "--against", ROOT, "--json", "--page", page, *chosen, **HERE)
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    measured = {result["row"] for result in report["results"]} | ({"profile"} if report["profiles"] else set())
    assert measured == set(rows) or (measured == set(rows) - {"profile"} and "profile" in str(report["remarks"]))
    assert all(result["rounds"] for result in report["results"])
    assert len(next(result["rounds"] for result in report["results"] if result["row"] == "gloves")) == SEARCHES
    assert {figure["row"] for figure in report["figures"] if figure["ours"] is not None} <= set(rows)
    missing = {name for name in NAMES if name not in {result["server"] for result in report["results"]}}
    assert all(f"{name}: not measured" in str(report["remarks"]) for name in missing)
    assert "## Goals" in page.read_text(encoding="utf-8")
    assert str(ROOT) not in page.read_text(encoding="utf-8")
    assert report["reference"] in page.read_text(encoding="utf-8")


def test_an_unknown_row_is_refused() -> None:
    run = run_command(*COMMAND, "--only", "speed", **HERE)
    assert run.returncode == 2
    assert "speed is not one of message, profile" in run.stderr


@pytest.mark.parametrize(
    ("stop", "start"),
    [
        (signal.SIGINT, in_the_background),
        (signal.SIGTERM, partial(started_command, **HERE, **READ)),
    ],
    ids=["SIGINT that was ignored before", "SIGTERM"],
)
def test_a_signal_ends_it_and_its_servers(
    stop: signal.Signals, start: Callable[..., AbstractContextManager[subprocess.Popen[str]]]
) -> None:
    """SIGINT where it is harder to notice: a process that did not ignore it has Python's own handler."""
    with start(*COMMAND, "--seconds", "60", "--only", "lone") as run, ExitStack() as files:
        assert run.stderr is not None
        assert any("lone glove, round 1: echo" in line for line in run.stderr), "the measurement did not begin"
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
        assert children
        servers = [os.pidfd_open(int(pid)) for pid in children]
        for server in servers:
            files.callback(os.close, server)
        run.send_signal(stop)
        _, errors = run.communicate(timeout=EVENT_S)
        assert run.returncode == 130, errors
        ended, _, _ = select.select(servers, [], [], 0)  # a pidfd is readable once its process has ended
        assert sorted(ended) == sorted(servers)

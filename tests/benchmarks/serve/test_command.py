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

from tests.conftest import ROOT
from tests.deadlines import EVENT_S
from tests.processes import run_command, started, started_command

COMMAND = ("bench", "serve")
HERE: dict[str, Any] = {"cwd": ROOT, "env": os.environ | {"PYTHONPATH": str(ROOT)}}
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


def test_small_measurements_of_every_kind(tmp_path: Path) -> None:
    rows = ("gloves", "lone", "post", "memory", "model")
    chosen = [argument for row in rows for argument in ("--only", row)]
    page = tmp_path / "serving.md"
    options = ("--seconds", "0.2", "--most-gloves", "1", "--json", "--page", page)
    run = run_command(*COMMAND, *options, *chosen, **HERE)
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    assert [row for row in rows if row in {figure["row"] for figure in report["figures"]}] == list(rows)
    for figure in report["figures"]:
        assert figure["plain"] is not None
        assert figure["ours"] is not None or figure["note"], "nothing measured, and no reason given"
        assert figure["met"] is None or figure["met"] in {True, False}
    assert all(profile["parts_us"]["decode"] > 0 for profile in report["profiles"])
    assert "## Where the time goes" in page.read_text(encoding="utf-8")


def test_an_unknown_row_is_refused() -> None:
    run = run_command(*COMMAND, "--only", "speed", **HERE)
    assert run.returncode == 2
    assert "speed is not one of gloves, gloves5" in run.stderr


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

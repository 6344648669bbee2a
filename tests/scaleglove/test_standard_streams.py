"""Commands whose output cannot be written: full, closed, or with a reader that has left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deadlines import RUN_S
from tests.live_service import few_models

FULL = Path("/dev/full")
REASONS = {"full": "No space left on device", "closed": "Bad file descriptor", "left": "Broken pipe"}


def run(output: str, *arguments: str) -> tuple[int, str]:
    """Return the exit status and stderr of a command whose standard output is unusable in this way."""
    command = [sys.executable, "-m", "scaleglove", *arguments]
    if output == "closed":
        command = ["sh", "-c", 'exec "$@" >&-', "sh", *command]
        target = os.open(os.devnull, os.O_WRONLY)
    elif output == "full":
        if not FULL.exists():
            pytest.skip("this system has no /dev/full")
        target = os.open(FULL, os.O_WRONLY)
    else:
        reader, target = os.pipe()
        os.close(reader)
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=target, stderr=subprocess.PIPE, timeout=RUN_S, check=False
        )
    finally:
        os.close(target)
    return done.returncode, done.stderr.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="standard streams of POSIX")
@pytest.mark.parametrize("output", REASONS)
@pytest.mark.parametrize("arguments", [("--version",), ("predict", "--help"), ("emulate", "--text", "안녕")])
def test_an_output_that_cannot_be_written_is_named(output: str, arguments: tuple[str, ...]) -> None:
    assert run(output, *arguments) == (1, f"scaleglove: standard output: {REASONS[output]}\n")


def test_a_service_that_cannot_say_where_it_is_stops(tmp_path: Path) -> None:
    models = ("--models-dir", str(few_models()), "--log-level", "warning")
    database = {"SCALEGLOVE_DATABASE_URL": f"sqlite:///{tmp_path}/state.db"}
    with pytest.MonkeyPatch.context() as environment:
        for name, value in database.items():
            environment.setenv(name, value)
        status, said = run("full", "serve", "--port", "0", *models)
    assert status == 1
    assert said.splitlines()[-1] == "scaleglove: standard output: No space left on device"
    assert "Traceback" not in said


def test_wrong_usage_stays_wrong_usage() -> None:
    status, said = run("full", "nonsense")
    assert status == 2
    assert "there is no command 'nonsense'" in said

"""The time from a fresh clone to the first letter: `make demo` as a new user runs it.

    python -m benchmarks.serve.first_letter [--runs 2]

The first run has an empty package cache, each further one a fresh clone with the cache that the first has filled: the
difference is what downloading and building packages takes. Each run uses a port of its own and ends what it started.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks import machine

ROOT: Final = Path(__file__).parents[2]

STEPS: Final = {
    "Making a virtual environment": "virtual environment",
    "Installing the service": "packages",
    "Starting the service": "service, glove and bridge",
    "The page:": "first letter",
}
"""Beginnings of the lines that `make demo` prints, and what takes time from there on."""

_LETTER: Final = " confidence "
_LONGEST_S: Final = 600
_STOP_S: Final = 15


def step_of(line: str) -> str | None:
    """Return what begins with a printed line; None: nothing does."""
    return next((step for begin, step in STEPS.items() if line.strip().startswith(begin)), None)


def durations(marks: list[tuple[float, str]], end_s: float) -> dict[str, float]:
    """Return the seconds of each step, from its mark to the next or to the end."""
    ends = [*(at_s for at_s, _ in marks[1:]), end_s]
    return {step: end - at_s for (at_s, step), end in zip(marks, ends, strict=True)}


@contextmanager
def demo(clone: Path, cache: Path) -> Iterator[subprocess.Popen[str]]:
    """Run `make demo` in a clone, and stop it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = ["make", "demo", f"PORT={port}"]
    environment = {
        **os.environ,
        "PIP_CACHE_DIR": str(cache),
        "SCALEGLOVE_DATABASE_URL": f"sqlite:///{clone}/wearers.db",
    }
    environment.pop("VIRTUAL_ENV", None)
    process = subprocess.Popen(
        command, cwd=clone, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    watchdog = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.alarm(_LONGEST_S)
    try:
        yield process
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, watchdog)
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def measure(folder: Path, cache: Path) -> dict[str, float]:
    """Clone the project into a folder and run the demo up to its first letter; return the seconds of each step.

    Raises:
        RuntimeError: the demo ended before a letter.
    """
    begin_s = time.perf_counter()
    marks = [(begin_s, "clone")]
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder)], check=True)
    with demo(folder, cache) as process:
        assert process.stdout is not None
        for line in process.stdout:
            now_s = time.perf_counter()
            if (step := step_of(line)) is not None:
                marks.append((now_s, step))
            if _LETTER in line:
                return durations(marks, now_s)
    raise RuntimeError(f"the demo ended with status {process.returncode}, without a letter")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=2, help="the first with an empty cache")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, machine.interruptible():
        cache = Path(scratch) / "cache"
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        print("| step, s | empty cache | filled cache ... |")
        runs = [measure(Path(scratch) / f"run{number}" / "scaleglove", cache) for number in range(arguments.runs)]
        kept = sum(file.stat().st_size for file in cache.rglob("*") if file.is_file())
        print("|---" * (1 + len(runs)) + "|")
        for step in runs[0]:
            print(f"| {step} | " + " | ".join(f"{run.get(step, 0):.1f}" for run in runs) + " |")
        print("| in all | " + " | ".join(f"{sum(run.values()):.1f}" for run in runs) + " |")
        print(f"cache filled with {kept / 2**20:.0f} MiB; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

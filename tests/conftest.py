"""Fixtures for all packages, and rules for all tests: nothing skips in CI, and no module leaves anything running."""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import signal
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings

from scaleglove.recordings import find_recordings
from tests.deadlines import EVENT_S, wait_until
from tests.processes import command_server_pid, stop_command_server

ROOT = Path(__file__).resolve().parent.parent

# Before anything imports torch, and for child processes too: on networks this small a second thread gains nothing, and
# on a busy machine torch's threads spin while they wait for each other, which made some tests ten times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shell that runs the suite in the background lets it and all processes that tests start ignore SIGINT.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Many containers forbid Python to keep what it compiled. Each of the hundreds of processes of a test run, first of all
# those of pytest-xdist, would compile the sources again: two fifths of what it takes to collect the tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# What is imported and collected stays: looking for garbage in it over and over is a tenth of what the collection takes.
gc.disable()

# httpx gives up after 5 s where a test names no deadline of its own.
for _part in ("connect", "read", "write", "pool"):
    setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, _part, EVENT_S)

# A client of httpx reads the certificates of the system when it is made, even for http: 40 ms of each request here.
httpx._transports.default.create_ssl_context = cache(httpx._config.create_ssl_context)

# How long an example takes says nothing on a machine that is busy with others.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# The tests' services, and the processes that tests start, keep their profiles apart from the user's own.
_STATE = TemporaryDirectory(prefix="scaleglove-tests-")
os.environ["XDG_STATE_HOME"] = _STATE.name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Turn a skip into a failure with SCALEGLOVE_REQUIRE_ALL=1: CI has all that the tests need."""
    report = yield
    _forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    """Do the same for a module that skips as a whole, as `importorskip` does."""
    report = yield
    _forbid_skip(report)
    return report


def _forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and os.environ.get("SCALEGLOVE_REQUIRE_ALL") == "1" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may skip: {report.longrepr}"


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_left_behind() -> Iterator[None]:
    """Fail the module that leaves a child process, and find its unclosed files here instead of in a later test."""
    before = _children()
    yield
    gc.collect()  # a file or process that nobody closed is a ResourceWarning now, and so an error of this module
    try:
        wait_until(lambda: _children() <= before, _LEAVING_S)
    except AssertionError:
        pytest.fail(f"child processes are left: {sorted(_children() - before)}")
    if hasattr(_LIBC, "malloc_trim"):
        _LIBC.malloc_trim(0)  # glibc keeps what large batches took, for each thread that ran one


_LIBC = ctypes.CDLL(None)

_LEAVING_S = 30.0
"""Deadline for processes that are ending, such as a browser's, to be gone."""


def _children() -> set[str]:
    """Return the process ids and commands of this process's children, without Python's own helper processes and the
    command server."""
    found = set()
    for listed in Path("/proc/self/task").glob("*/children"):
        for pid in {*listed.read_text().split()} - {str(command_server_pid())}:
            try:
                command = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ").strip()
            except OSError:
                continue
            if command and "multiprocessing." not in command:  # a zombie has no command
                found.add(f"{pid} {command}")
    return found


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run first what takes long, so that no worker begins with it when the others are done.

    These wait for browsers, gloves and emulated chips most of the time, and leave the processor to the other workers.
    """
    slow = ("package", "page", "end_to_end", "export", "firmware", "benchmarks", "calibration_wizard")
    items.sort(key=lambda item: not any(name in item.path.parts for name in slow))


def pytest_collection_finish() -> None:
    """Take what was imported out of garbage collection, which each module ends with: half a second each otherwise."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the controller how much memory this worker used at most, and end the process that starts its commands."""
    stop_command_server()
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["peak_mib"] = _peak_mib()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Keep what a worker of pytest-xdist used."""
    _PEAKS[node.gateway.id] = getattr(node, "workeroutput", {}).get("peak_mib", 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the peak memory of each test process; CONTRIBUTING names its bound."""
    peaks = _PEAKS or {"main": _peak_mib()}
    listed = ", ".join(f"{name} {peak} MiB" for name, peak in sorted(peaks.items()))
    terminalreporter.write_line(f"peak memory of the test processes: {listed}")


_PEAKS: dict[str, int] = {}


def _peak_mib() -> int:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit // 2**20


@pytest.fixture(scope="session")
def artefact_path() -> Path:
    """Return the shipped artefact."""
    return ROOT / "models" / "artefacts" / "MSCSGRU_ScaleAware_Encoded.onnx"


@pytest.fixture(scope="session")
def recordings_root() -> Path:
    """Return the folder of the public recordings beside the project."""
    root = ROOT.parent / "shared" / "data" / "signglove"
    if not root.is_dir():
        pytest.skip("the recordings are not beside this checkout (../shared/data/signglove)")
    return root


@pytest.fixture(scope="session")
def asl_root() -> Path:
    """Return the folder of the ASL glove's recordings beside the project."""
    root = ROOT.parent / "shared" / "data" / "asl_glove"
    if not root.is_dir():
        pytest.skip("the ASL glove's recordings are not beside this checkout (../shared/data/asl_glove)")
    return root


@pytest.fixture(scope="session")
def recorded_files(recordings_root: Path) -> list[Path]:
    """Return the files of the two collections that tests count; others may be added beside them."""
    return [path for name in ("collection_a", "collection_b") for path in find_recordings(recordings_root / name)]

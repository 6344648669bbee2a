"""Fixtures for every room, and the rule that nothing skips where everything must be there (CI)."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# Before anything imports torch, and for child processes too: on networks this small a second thread gains nothing, and
# on a busy machine torch's threads spin while they wait for each other, which made some tests ten times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# How long an example takes says nothing on a machine that is busy with others.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# Wearers of the tests' services, and of the processes that they start, are nobody's.
_STATE = TemporaryDirectory(prefix="scaleglove-tests-")
os.environ["XDG_STATE_HOME"] = _STATE.name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """With SCALEGLOVE_REQUIRE_ALL=1 a skip is a failure: CI has all that the tests need."""
    report = yield
    _forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    """The same for a module that skips as a whole, as `importorskip` does."""
    report = yield
    _forbid_skip(report)
    return report


def _forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and os.environ.get("SCALEGLOVE_REQUIRE_ALL") == "1" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may skip: {report.longrepr}"


@pytest.fixture(scope="session")
def artefact_path() -> Path:
    """The shipped artefact."""
    return ROOT / "models" / "artefacts" / "MSCSGRU_ScaleAware_Encoded.onnx"


@pytest.fixture(scope="session")
def recordings_root() -> Path:
    """The public recordings beside the project."""
    root = ROOT.parent / "shared" / "data" / "signglove"
    if not root.is_dir():
        pytest.skip("the recordings are not beside this checkout (../shared/data/signglove)")
    return root

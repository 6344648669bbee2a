"""The core in C, by its own tests with sanitizers; and that it is mirrored here as it is."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest

from firmware_bridge.codec.events import Fault
from tests.firmware.core import FIRMWARE, MIRRORED, compiled, size_of


@pytest.mark.parametrize("name", MIRRORED)
def test_structures_have_the_size_they_have_in_c(core: ctypes.CDLL, name: str) -> None:
    assert ctypes.sizeof(MIRRORED[name]) == size_of(core, name)


def test_faults_are_called_the_same_in_both_languages(core: ctypes.CDLL) -> None:
    words = [core.sg_fault_words(number).decode() for number in range(1, len(Fault) + 1)]
    assert words == [fault.value for fault in Fault]
    assert core.sg_fault_words(len(Fault) + 1) == b""


def test_the_tests_in_c_pass_with_sanitizers(tmp_path: Path) -> None:
    if shutil.which("gcc") is None or shutil.which("make") is None:
        pytest.skip("gcc or make is missing")
    compiled("test", tmp_path)
    assert {path.stem for path in (FIRMWARE / "tests").glob("test_*.c")} <= {path.name for path in tmp_path.iterdir()}


def test_the_core_needs_no_library_but_string_and_math(tmp_path: Path) -> None:
    if shutil.which("gcc") is None or shutil.which("nm") is None or shutil.which("make") is None:
        pytest.skip("gcc, nm or make is missing")
    compiled("lib", tmp_path)
    nm = shutil.which("nm")
    assert nm is not None
    listed = subprocess.run(
        [nm, "--undefined-only", "--dynamic", str(tmp_path / "libsgcore.so")],
        capture_output=True,
        text=True,
        check=True,
    )
    needed = {line.split()[-1].split("@")[0] for line in listed.stdout.splitlines() if " U " in line}
    memory, mathematics = (
        {"memcpy", "memset", "memcmp", "memchr", "strlen", "strchr"},
        {"sinf", "cosf", "atan2f", "sqrtf", "ldexpf"},
    )
    assert needed <= memory | mathematics | {"nearbyint", "sincosf", "__stack_chk_fail"}

"""The core in C: its own tests with sanitizers, and its structures as the tests in Python mirror them."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path

import pytest

from firmware_bridge.codec.events import Fault
from tests.firmware import client as client_library
from tests.firmware import core as core_library
from tests.firmware.builds import CLIENT, FIRMWARE, Builds, needs
from tests.firmware.core import size_of

STRING = {"memcpy", "memset", "memcmp", "memchr", "strlen", "strchr"}
MATH = {"sinf", "cosf", "sincosf", "atan2f", "sqrtf", "ldexpf", "nearbyint"}
COMPILER = {"__stack_chk_fail"}


@pytest.mark.parametrize("name", core_library.MIRRORED)
def test_structures_have_the_size_they_have_in_c(core: ctypes.CDLL, name: str) -> None:
    assert ctypes.sizeof(core_library.MIRRORED[name]) == size_of(core, name)


@pytest.mark.parametrize("name", client_library.MIRRORED)
def test_structures_of_the_decoder_have_the_size_they_have_in_c(client: ctypes.CDLL, name: str) -> None:
    assert ctypes.sizeof(client_library.MIRRORED[name]) == size_of(client, name)


def test_faults_are_called_the_same_in_both_languages(client: ctypes.CDLL) -> None:
    words = [client.sg_fault_words(number).decode() for number in range(1, len(Fault) + 1)]
    assert words == [fault.value for fault in Fault]
    assert client.sg_fault_words(len(Fault) + 1) == b""


def test_the_tests_in_c_pass_with_sanitizers(build_image: Builds) -> None:
    build = build_image("test")
    programs = {path.name for path in build.folder.iterdir()}
    assert {path.stem for path in (FIRMWARE / "tests").glob("test_*.c")} <= programs


@pytest.mark.parametrize(
    ("source", "target", "library"),
    [(FIRMWARE, "lib", "libsgcore.so"), (CLIENT, "shared", "libscaleglove.so")],
    ids=["core", "decoder"],
)
def test_it_needs_no_library_but_string_and_math(build_image: Builds, source: Path, target: str, library: str) -> None:
    needs("nm", "binutils")
    path = build_image(target, source=source).path(library)
    listed = subprocess.run(["nm", "--undefined-only", "--dynamic", path], capture_output=True, text=True, check=True)
    needed = {line.split()[-1].split("@")[0] for line in listed.stdout.splitlines() if " U " in line}
    assert needed <= STRING | MATH | COMPILER

"""The example of clients/c: it prints the events of standard input and of a serial port."""

from __future__ import annotations

import os
import subprocess
import tty
from pathlib import Path

import pytest

from firmware_bridge.codec.packets import encode_frame, encode_letter, encode_remark
from tests.firmware.builds import CLIENT
from tests.firmware.conftest import BuildImage

STREAM = (
    b"\0"
    + encode_frame(0, 0, [1.0, 2.0, 3.0, 4.0, 5.0, -1.5, 0.25, 180.0])
    + encode_remark(1, 0, "interval_ms=20; \x1b[2J 20 ms")
    + encode_frame(2, 40_000, [0.0] * 8)
    + encode_letter(2, 40_000, 1, 0.5)
    + b"\x07damage\0"
    + b"\0" * 140
)
PRINTED = """\
0.000 ms: 1 2 3 4 5 -1.5 0.25 180
remark: ?[2J 20 ms
  interval_ms = 20
1 frames missing before 40.000 ms
40.000 ms: 0 0 0 0 0 0 0 0
letter 1 at 40.000 ms, confidence 0.50
damaged, wrong length
"""


@pytest.fixture(scope="module")
def program(build_image: BuildImage) -> Path:
    return build_image("example", source=CLIENT).path("print_frames")


def test_it_prints_the_events_of_standard_input(program: Path) -> None:
    done = subprocess.run([program], input=STREAM, capture_output=True, check=True)
    assert done.stdout.decode() == PRINTED


def test_it_prints_the_events_of_a_port_until_that_is_gone(program: Path) -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    with subprocess.Popen([program, os.ttyname(slave)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        os.write(master, STREAM)
        assert b"".join(process.stdout.readline() for _ in PRINTED.splitlines()).decode() == PRINTED
        os.close(slave)
        os.close(master)
        _, errors = process.communicate()
    assert (process.returncode, errors.split(b":")[0]) in {(0, b""), (1, b"read")}


def test_a_port_that_does_not_exist_is_an_error(program: Path) -> None:
    done = subprocess.run([program, "/dev/no-such-glove"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "/dev/no-such-glove: No such file or directory\n")

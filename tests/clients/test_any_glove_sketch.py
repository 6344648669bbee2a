"""The sketch for any board, compiled for this computer with a stand-in for the board, is read as the bridge does."""

from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from firmware_bridge.codec.events import Event, FrameRead, HeaderRead, Notice, NoticeCode
from firmware_bridge.codec.glove_reader import GloveReader
from tests.conftest import ROOT

SKETCH: Final = ROOT / "clients" / "arduino" / "any_glove" / "any_glove.ino"
LINES: Final = 100

_WIRE: Final = """
struct TwoWire {
  int place = 0;
  void begin() {}
  void beginTransmission(int) {}
  void write(byte) {}
  int endTransmission(bool = true) { place = 0; return HAS_MOTION ? 0 : 2; }
  void requestFrom(int, int) {}
  int read() {  // 1 g along z, and 131 counts, a degree a second, about x
    static const int16_t words[] = {0, 0, 16384, 0, 131, 0, 0};
    int word = words[place / 2];
    return (place++ % 2 == 0 ? word >> 8 : word) & 255;
  }
};
static TwoWire Wire;
"""

_BOARD: Final = """
#include <cstdint>
#include <cstdio>
typedef unsigned char byte;
enum { A0, A1, A2, A3, A4 };
static unsigned long now_us = 5000;
static unsigned long micros() { return now_us; }
static int analogRead(int pin) { return 700 + 10 * pin; }
struct Port {
  void begin(long) {}
  void print(const char *text) { fputs(text, stdout); }
  void print(char c) { putchar(c); }
  void print(int number) { printf("%d", number); }
  void print(unsigned long number) { printf("%lu", number); }
  void println() { puts("\\r"); }
};
static Port Serial;
#include SKETCH
int main() {
  setup();
  for (int turn = 0; turn < 4 * LINES; turn++, now_us += 5000) loop();
}
"""


@pytest.mark.parametrize("has_motion", [True, False], ids=["with a motion sensor", "with flex sensors alone"])
def test_what_it_prints_is_read_whole(tmp_path: Path, has_motion: bool) -> None:
    compiler = shutil.which("c++")
    if compiler is None:
        pytest.skip("no C++ compiler: install one (apt install g++)")
    (tmp_path / "Wire.h").write_text(_WIRE)
    (tmp_path / "board.cpp").write_text(_BOARD)
    options = [f"-DHAS_MOTION={int(has_motion)}", f"-DLINES={LINES}", f'-DSKETCH="{SKETCH}"', "-I", str(tmp_path)]
    program = tmp_path / "glove"
    command = [compiler, "-Wall", "-Wextra", "-Werror", *options, str(tmp_path / "board.cpp"), "-o", str(program)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    printed = subprocess.run([program], capture_output=True, check=True).stdout.splitlines(keepends=True)
    reader, events = GloveReader(), list[Event]()
    for number, line in enumerate(printed):
        events += reader.feed(line, 20.0 * number)
    (header,) = (event for event in events if isinstance(event, HeaderRead))
    assert header.ranges == {f"flex{finger}": (0, 1023) for finger in range(1, 6)}
    frames = [event for event in events if isinstance(event, FrameRead)]
    assert len(frames) == LINES
    assert [round(after.t_ms - before.t_ms) for before, after in pairwise(frames)] == [20] * 99
    assert frames[-1].values[:5] == (700, 710, 720, 730, 740)
    assert not reader.counts.damaged
    notices = [event.code for event in events if isinstance(event, Notice)]
    if has_motion:
        assert frames[-1].values[5:7] == (pytest.approx(0, abs=2), pytest.approx(0, abs=2))
        assert notices == [NoticeCode.MOTION_UNITS]
    else:
        assert frames[-1].values[5:] == (None, None, None)
        assert notices == []

"""What the bridge says: results on stdout, the rest on stderr."""

from __future__ import annotations

import io
import json
from collections import Counter

import pytest
from rich.console import Console
from rich.live import Live

from clients.stream import Error, Gap, Gesture, Prediction, Stale, Started
from firmware_bridge.bridge import BridgeCounts
from firmware_bridge.codec.counts import LinkCounts
from firmware_bridge.codec.events import Damaged, Fault, HeaderRead, Remark
from firmware_bridge.display import Json, Plain, StatusLine, summary

STARTED = Started("s1", "MSCSGRU", 80, 20, 50.0, ("ㄱ", "ㄴ"))
BEGIN = Gesture("begin", "ㄱ", 1000.0, 0.987)
END = Gesture("end", "ㄱ", 2000.0, 0.987)


def prediction(seq: int, label: str | None = "ㄱ") -> Prediction:
    if label is None:
        return Prediction(seq, seq * 20.0, "warming", None, None, [], {})
    return Prediction(seq, seq * 20.0, "ok", label, 0.987, [], {"3": 0.5, "5": 0.3, "7": 0.2})


def test_plain_is_one_line_a_gesture() -> None:
    out, err = io.StringIO(), io.StringIO()
    display = Plain(out, err)
    for message in (prediction(1), BEGIN, prediction(2), END):
        display.message(message)
    assert out.getvalue() == "ㄱ 0.99\n"
    assert err.getvalue() == ""


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (Gap(5, 100.0, 3, "sequence"), "gap before 100 ms (sequence), 3 frames missing"),
        (Gap(5, 100.0, None, "clock"), "gap before 100 ms (clock)"),
        (Stale(1500.0), "no data for 1.5 s"),
        (Error("going_away", "bye"), "the service: bye"),
    ],
)
def test_losses_are_told_on_stderr(message: Gap | Stale | Error, said: str) -> None:
    out, err = io.StringIO(), io.StringIO()
    Plain(out, err).message(message)
    assert (out.getvalue(), err.getvalue()) == ("", said + "\n")


def test_the_gloves_lines_are_told_on_stderr_and_a_flood_is_cut_short() -> None:
    out, err = io.StringIO(), io.StringIO()
    display = Plain(out, err)
    display.link_opened("/dev/glove")
    display.started(STARTED)
    display.line(Remark("hello"))
    display.line(HeaderRead(("a", "b")))
    for _ in range(50):
        display.line(Damaged("x", Fault.NUMBER, "yaw is 'x'"))
    display.trouble("the port has gone", 0.5)
    said = err.getvalue().splitlines()
    assert out.getvalue() == ""
    assert said[0] == "glove on /dev/glove"
    assert said[2:4] == ["# hello", "the glove sends a,b"]
    assert said[4] == "left out a line, not a number: yaw is 'x': x"
    assert len(said) == 4 + 5 + 2
    assert said[-1] == "the port has gone; trying again in 0.5 s"


def test_what_a_device_sends_does_not_command_the_terminal() -> None:
    out, err = io.StringIO(), io.StringIO()
    display = Plain(out, err)
    display.line(Remark("\x1b]0;owned\x07\x1b[2J\x9b2J\u202e한"))
    display.line(HeaderRead(("a\r", "b")))
    display.line(Damaged("x", Fault.NUMBER, "yaw is \x08"))
    display.message(Error("bad", "two\nlines"))
    display.message(Gesture("begin", "\x1bc", 0.0, 1.0))
    display.trouble("gone" * 1000, 0.5)
    said = err.getvalue().split("\n")
    assert said[0] == r"# \x1b]0;owned\x07\x1b[2J\x9b2J\u202e한"
    assert said[1:4] == [
        r"the glove sends a\r,b",
        r"left out a line, not a number: yaw is \x08: x",
        r"the service: two\nlines",
    ]
    assert len(said[4]) == 400
    assert said[5:] == [""]
    assert out.getvalue() == "\\x1bc 1.00\n"


def test_the_status_line_does_not_command_the_terminal() -> None:
    live = Live(console=Console(file=io.StringIO(), width=100), auto_refresh=False)
    StatusLine(live, io.StringIO()).message(prediction(1, "\x1b[2J"))
    assert "\x1b" not in str(live.get_renderable())


def test_json_is_one_message_a_line() -> None:
    out = io.StringIO()
    display = Json(out, io.StringIO())
    display.started(STARTED)
    display.message(prediction(3))
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["type"] for line in lines] == ["started", "prediction"]
    assert lines[1]["label"] == "ㄱ"


def test_the_status_line_shows_rate_letter_confidence_and_scales() -> None:
    screen, seconds = io.StringIO(), iter([0.0, 0.1, 0.2])
    live = Live(console=Console(file=screen, width=100), auto_refresh=False)
    display = StatusLine(live, io.StringIO(), clock=lambda: next(seconds))
    shown = []
    for message in (prediction(0, None), prediction(5), prediction(10)):
        display.message(message)
        shown.append(str(live.get_renderable()))
    assert shown[0].split() == ["0.0", "Hz", "-", "warming"]
    assert shown[2].split() == ["50.0", "Hz", "ㄱ", "99%", "ok", "3:", "50%", "5:", "30%", "7:", "20%"]
    display.trouble("gone", 0.5)
    assert str(live.get_renderable()) == "waiting"


def test_the_summary_names_every_loss() -> None:
    counts = BridgeCounts(LinkCounts(100, remarks=2, partial=1, damaged=Counter({Fault.NUMBER: 3})), lost_offline=7)
    assert summary(counts) == (
        "100 frames read, 7 of them lost when the service went or was away; "
        "unreadable lines: 3 not a number; pieces of lines: 1"
    )

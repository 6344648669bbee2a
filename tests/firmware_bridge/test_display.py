"""Output of the bridge: results on stdout, the rest on stderr."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import replace

import pytest
from rich.console import Console
from rich.live import Live

from firmware_bridge.bridge import BridgeCounts
from firmware_bridge.codec.counts import LinkCounts
from firmware_bridge.codec.events import (
    Damaged,
    DeviceRestarted,
    Fault,
    FramesMissing,
    HeaderRead,
    Notice,
    NoticeCode,
    Remark,
)
from firmware_bridge.display import JsonDisplay, PlainDisplay, StatusLineDisplay, summary
from firmware_bridge.link.state import LinkState, LinkStatus
from scaleglove.client import (
    Command,
    Error,
    Gap,
    Gesture,
    GloveChanged,
    GloveLetter,
    GloveNotice,
    LinkReport,
    ModelChanged,
    Prediction,
    ProfileChanged,
    Ranging,
    Sensors,
    ServerMessage,
    Stale,
    Started,
    Text,
    Word,
)
from scaleglove.protocol import SensorFault

REPORT = LinkReport("streaming", "/dev/glove", "", 50.02, 0.44, -12.0, 100, 2, 0, 0, 0, 3)
STARTED = Started("s1", "MSCSGRU", 80, 20, 50.0, ("ㄱ", "ㄴ"))
BEGIN = Gesture("begin", "ㄱ", 1000.0, 0.987)
LETTER = GloveLetter(3, 60.0, "ㄷ", 0.987, {})
END = Gesture("end", "ㄱ", 2000.0, 0.987)


def prediction(seq: int, label: str | None = "ㄱ") -> Prediction:
    if label is None:
        return Prediction(seq, seq * 20.0, "warming", None, None, [], {})
    return Prediction(seq, seq * 20.0, "ok", label, 0.987, [], {"3": 0.5, "5": 0.3, "7": 0.2})


def test_plain_output_is_one_line_for_each_gesture() -> None:
    out, err = io.StringIO(), io.StringIO()
    display = PlainDisplay(out, err)
    for message in (prediction(1), BEGIN, prediction(2), END):
        display.message(message)
    assert out.getvalue() == "ㄱ confidence 99 %\n"
    assert err.getvalue() == ""


def test_what_the_service_sees_of_the_glove_is_printed_once() -> None:
    out, err = io.StringIO(), io.StringIO()
    display = PlainDisplay(out, err)
    display.line(Notice(NoticeCode.TIME_UNIT, "the time is in us", None, {"unit": "us"}))
    messages = [
        GloveNotice("time_unit", "the time is in us", values={"unit": "us"}),  # the bridge's own, relayed
        GloveNotice("scale_12_bit", "12 bits"),
        GloveNotice("scale_12_bit", "12 bits", present=False),
        Ranging(0.0, 16, 24, False, (), False),
        Ranging(0.0, 24, 24, True, (), False),
        Ranging(0.0, 36, 24, True, (), False),
    ]
    for message in messages:
        display.message(message)
    assert [line.split(":")[0] for line in err.getvalue().splitlines()] == [
        "the time is in us",
        "12 bits",
        "the glove is known by 24 hand shapes",
    ]


@pytest.mark.parametrize(
    ("message", "printed"),
    [
        (Gap(5, 100.0, 3, "sequence"), "gap before 100 ms (sequence), 3 frames missing"),
        (Gap(5, 100.0, None, "clock"), "gap before 100 ms (clock)"),
        (Stale(1500.0), "no data for 1.5 s"),
        (Error("going_away", "bye"), "error from the service: bye"),
        (Text(100.0, "가" * 60 + "\x1b", "", "ㄱㅏ"), "text: " + "가" * 39 + r"\x1b"),
        (Word(100.0, "ㅇㅏㄴㄴㅓㅇ", "안넝", "안녕", "language", True, 3.5), "안넝 -> 안녕 by the language"),
        (Word(100.0, "ㅓ", "ㅓ", "", "language", False, 0.0), "ㅓ is not written: it does not look meant"),
        (Word(100.0, "ㅇㅏㄴㄴㅓㅇ", "안넝", "안넝", "wearer", False, 0.0), "안넝 as signed"),
        (Command(1, "interval", 20.0), "command from the service: interval 20 ms"),
        (Command(2, "recal", None), "command from the service: recal"),
        (Sensors(5, 100.0, (SensorFault("flex2", "stuck", 50.0),)), "sensors: flex2 stuck"),
        (Sensors(6, 120.0, ()), "all sensors work"),
        (ProfileChanged("ada", 3), "profile 3 of ada is used from now on"),
        (GloveChanged("blue", 2, "usb"), "from now on: profile 2 of the glove blue, by its USB serial number"),
        (ModelChanged("M", "1"), "model M is used from now on"),
        (ProfileChanged("ada", None), "ada has no profile for this model; using the model without a profile"),
    ],
)
def test_messages_for_people_are_printed_on_stderr(message: ServerMessage, printed: str) -> None:
    out, err = io.StringIO(), io.StringIO()
    PlainDisplay(out, err).message(message)
    assert (out.getvalue(), err.getvalue()) == ("", printed + "\n")


def test_a_device_prediction_is_printed_when_its_letter_changes() -> None:
    out, err = io.StringIO(), io.StringIO()
    display = PlainDisplay(out, err)
    for label in ("ㄷ", "ㄷ", "ㄹ", "ㄷ"):
        display.glove_letter(replace(LETTER, label=label))
    assert out.getvalue() == ""
    assert err.getvalue().splitlines() == [
        f"recognised on the glove: {label} confidence 99 %" for label in ("ㄷ", "ㄹ", "ㄷ")
    ]


def test_the_profiles_that_are_used_are_printed() -> None:
    err = io.StringIO()
    PlainDisplay(io.StringIO(), err).started(replace(STARTED, wearer="ada", profile=3, glove="blue", glove_profile=2))
    assert err.getvalue().endswith("80 frames per window, profile 3 of ada, profile 2 of the glove blue\n")


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (2, "profile 2 of the glove blue, by its USB serial number"),
        (None, "glove blue, by its USB serial number, without a profile that this model can use"),
    ],
)
def test_it_is_said_that_a_serial_number_has_chosen_the_glove(version: int | None, expected: str) -> None:
    err = io.StringIO()
    PlainDisplay(io.StringIO(), err).started(replace(STARTED, glove="blue", glove_profile=version, glove_by="usb"))
    assert err.getvalue().endswith(f"80 frames per window, {expected}\n")


def test_what_the_service_has_ignored_is_printed() -> None:
    err = io.StringIO()
    PlainDisplay(io.StringIO(), err).started(replace(STARTED, ignored=("top_k", "text.words")))
    assert "the service has ignored top_k, text.words of start" in err.getvalue().splitlines()[-1]


def test_the_gloves_lines_are_printed_on_stderr_and_a_flood_is_cut_short() -> None:
    out, err = io.StringIO(), io.StringIO()
    display = PlainDisplay(out, err)
    display.started(STARTED)
    display.line(Remark("hello"))
    display.line(HeaderRead(("a", "b")))
    display.line(DeviceRestarted(5000.0, 20.0))
    display.line(FramesMissing(40.0, 1, "sequence"))
    for _ in range(50):
        display.line(Damaged("x", Fault.NUMBER, "yaw is 'x'"))
    printed = err.getvalue().splitlines()
    assert out.getvalue() == ""
    assert printed[1:3] == ["# hello", "the glove sends a,b"]
    assert printed[3] == "the glove restarted: its clock changed from 5000 to 20 ms"
    assert printed[4] == "skipped, not a number: yaw is 'x': x"
    assert len(printed) == 4 + 5 + 1


def test_a_state_of_the_link_is_printed_once_with_its_reason_and_next_attempt() -> None:
    err = io.StringIO()
    display = PlainDisplay(io.StringIO(), err)
    for status in (
        LinkStatus(LinkState.OPENING, "/dev/glove"),
        LinkStatus(LinkState.LOST, "/dev/glove", "there is no serial port /dev/glove", 0.5),
        LinkStatus(LinkState.OPENING, "/dev/glove"),
        LinkStatus(LinkState.LOST, "/dev/glove", "there is no serial port /dev/glove", 1.0),
        LinkStatus(LinkState.WAITING, "/dev/glove", "no frame received yet"),
        LinkStatus(LinkState.STREAMING, "/dev/glove"),
        LinkStatus(LinkState.SEARCHING, None, "listening on /dev/glove"),
    ):
        display.link_changed(status)
    assert err.getvalue().splitlines() == [
        "connection to the glove lost (/dev/glove): there is no serial port /dev/glove; retrying in 0.5 s",
        "waiting for the glove's first frame (/dev/glove): no frame received yet",
        "receiving frames from the glove (/dev/glove)",
        "searching for a glove: listening on /dev/glove",
    ]


def test_a_lost_service_is_printed_once_until_it_was_connected() -> None:
    err = io.StringIO()
    display = PlainDisplay(io.StringIO(), err)
    for retry_s in (0.5, 1.0):
        display.service_lost("cannot reach the service", retry_s)
    display.started(STARTED)
    display.service_lost("cannot reach the service", 0.5)
    printed = err.getvalue().splitlines()
    assert len(printed) == 3
    assert printed[0] == printed[2] == "cannot reach the service; retrying in 0.5 s, then less often"


def test_data_of_a_device_does_not_control_the_terminal() -> None:
    out, err = io.StringIO(), io.StringIO()
    display = PlainDisplay(out, err)
    display.line(Remark("\x1b]0;owned\x07\x1b[2J\x9b2J\u202e한"))
    display.line(HeaderRead(("a\r", "b")))
    display.line(Damaged("x", Fault.NUMBER, "yaw is \x08"))
    display.message(Error("bad", "two\nlines"))
    display.message(Gesture("begin", "\x1bc", 0.0, 1.0))
    display.service_lost("gone" * 1000, 0.5)
    printed = err.getvalue().split("\n")
    assert printed[0] == r"# \x1b]0;owned\x07\x1b[2J\x9b2J\u202e한"
    assert printed[1:4] == [
        r"the glove sends a\r,b",
        r"skipped, not a number: yaw is \x08: x",
        r"error from the service: two\nlines",
    ]
    assert len(printed[4]) == 400
    assert printed[5:] == [""]
    assert out.getvalue() == "\\x1bc confidence 100 %\n"


def test_the_status_line_does_not_control_the_terminal() -> None:
    live = Live(console=Console(file=io.StringIO(), width=100), auto_refresh=False)
    StatusLineDisplay(live, io.StringIO()).message(prediction(1, "\x1b[2J"))
    assert "\x1b" not in str(live.get_renderable())


def test_json_output_is_one_message_per_line_with_link_reports() -> None:
    out = io.StringIO()
    display = JsonDisplay(out, io.StringIO())
    display.started(STARTED)
    display.link_report(REPORT)
    display.message(prediction(3))
    display.glove_letter(LETTER)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["type"] for line in lines] == ["started", "link", "prediction", "glove_letter"]
    assert lines[1]["rate_hz"] == 50.02
    assert lines[2]["label"] == "ㄱ"


def test_the_status_line_shows_the_link_and_the_letter() -> None:
    live = Live(console=Console(file=io.StringIO(), width=100), auto_refresh=False)
    display = StatusLineDisplay(live, io.StringIO())

    def shown() -> str:
        return " ".join(str(live.get_renderable()).split())

    display.link_changed(LinkStatus(LinkState.LOST, "/dev/glove", "unplugged", 2.0))
    assert shown() == "connection to the glove lost (/dev/glove): unplugged; retrying in 2 s"
    display.link_changed(LinkStatus(LinkState.STREAMING, "/dev/glove"))
    display.link_report(REPORT)
    display.message(prediction(0, None))
    assert shown() == "50.0 Hz clock ±0.4 ms 2 missing, 3 unsent - warming"
    display.message(prediction(10))
    assert shown() == "50.0 Hz clock ±0.4 ms 2 missing, 3 unsent ㄱ confidence 99 % ok 3: 50% 5: 30% 7: 20%"
    display.service_lost("gone", 0.5)
    assert shown() == "50.0 Hz clock ±0.4 ms 2 missing, 3 unsent no connection to the service"


def test_the_status_line_ends_with_the_line_being_written() -> None:
    live = Live(console=Console(file=io.StringIO(), width=100), auto_refresh=False)
    out, err = io.StringIO(), io.StringIO()
    display = StatusLineDisplay(live, err)
    display.message(prediction(10))
    display.message(Text(100.0, "안녕 ", "하\x1b", "ㅎㅏ"))
    shown = live.get_renderable()
    assert str(shown).endswith("   안녕 하\\x1b")
    assert [str(shown)[span.start : span.end] for span in shown.spans if span.style == "underline"] == ["하\\x1b"]
    PlainDisplay(out, err).message(Text(100.0, "안녕 ", "하", "ㅎㅏ"))
    assert (out.getvalue(), err.getvalue()) == ("", "")  # an unfinished word is not logged


def test_the_summary_names_every_loss() -> None:
    link = LinkCounts(100, 2, 1, 4, 1, partial=1, damaged=Counter({Fault.NUMBER: 3}))
    assert summary(BridgeCounts(link, unsent=7)) == (
        "100 frames read, 7 of them not delivered to the service; missing: 3; repeated: 4; "
        "restarts of the glove: 1; damaged: 3 not a number; partial messages at the start: 1"
    )

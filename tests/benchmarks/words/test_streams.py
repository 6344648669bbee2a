"""Errors of letters and of what is written, for words at the begin of a stream and behind others."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams.recognition import Letter, Recognised
from benchmarks.streams.script import Action
from benchmarks.streams.signed_stream import SignedStream, Span
from benchmarks.words.streams import SPANS, Row, heading, line, main, row_of
from scaleglove.hangul.spelling import letters

TEXT = ["가나"] * 50 + ["다라"] * 50
NONE = (0.0, 0.0, 0.0)


def signed() -> SignedStream:
    spelled = [letter for word in TEXT for letter in letters(word)]
    spans = tuple(Span(Action.HOLD, letter, 1000.0 * n, 1000.0 * n + 500) for n, letter in enumerate(spelled))
    nothing = np.zeros(0)
    return SignedStream(nothing, nothing.astype(np.int64), np.zeros((0, 8), np.float32), spans, " ".join(TEXT))


def read(text: str, wrong: range = range(0)) -> Recognised:
    """Return what is recognised where the letters with these numbers are read wrongly and `text` is written."""
    found = [
        Letter("ㅎ" if number in wrong else span.letter or "", span.start_ms + 250, 0.9)
        for number, span in enumerate(signed().spans)
    ]
    return Recognised(tuple(found), (), (), text)


def test_what_is_read_and_written_rightly_has_no_errors() -> None:
    assert SPANS == ((0, 10), (40, 60), (80, 100))
    row = row_of("c", 1, True, signed(), read(" ".join(TEXT)), TEXT)
    assert row == Row("c", 1, True, NONE, NONE)


def test_errors_count_where_they_are() -> None:
    wrong = range(4 * 80, 4 * 80 + 16)
    row = row_of("c", 3, False, signed(), read(" ".join(TEXT), wrong), TEXT)
    assert row == Row("c", 3, False, (0.0, 0.0, 20.0), NONE)
    row = row_of("c", 3, False, signed(), read(" ".join(["바사"] * 2 + TEXT[2:])), TEXT)
    assert row == Row("c", 3, False, NONE, (10.0, 0.0, 0.0))
    assert line(row) == "| c | 3 | off | 0.0 | 0.0 | 0.0 | 10.0 | 0.0 | 0.0 |"
    assert {each.count("|") for each in [*heading().splitlines(), line(row)]} == {10}


def test_a_stream_that_is_too_short_to_compare_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["folder", "--networks", "networks", "--words", "10"])
    assert "--words: at least 100, got 10" in capsys.readouterr().err

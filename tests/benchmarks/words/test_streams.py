"""Errors of letters and of what is written, for the words at the begin and at the end of a stream."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams.recognition import Letter, Recognised
from benchmarks.streams.script import Action
from benchmarks.streams.signed_stream import SignedStream, Span
from benchmarks.words.streams import LAST, Row, main, row_of, table
from scaleglove.hangul.spelling import letters

TEXT = ["가나"] * LAST + ["다라"] * LAST


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
    row = row_of("c", 1, True, signed(), read(" ".join(TEXT)), TEXT)
    assert row == Row("c", 1, True, 0.0, 0.0, 0.0)


def test_errors_count_where_they_are() -> None:
    wrong = range(4 * LAST, 4 * LAST + 16)  # the first letters of the last words
    row = row_of("c", 3, False, signed(), read(" ".join(TEXT), wrong), TEXT)
    assert row == Row("c", 3, False, 0.0, 10.0, 0.0)
    row = row_of("c", 3, False, signed(), read(" ".join([*TEXT[:-4], "바사", "바사", "바사", "바사"])), TEXT)
    assert (row.last, row.written) == (0.0, 5.0)
    assert "| c | 3 | off | 0.0 | 0.0 | 5.0 |" in table([row])


def test_a_stream_that_is_too_short_to_compare_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["folder", "--networks", "networks", "--words", "10"])
    assert "--words: at least 80, got 10" in capsys.readouterr().err

"""The text of an error is safe for a terminal, whatever the name of a file in it is."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.errors import ScaleGloveError
from scaleglove.recordings import RecordingError
from scaleglove.terminal_text import escape_unprintable


@given(st.binary(max_size=20))
def test_a_name_of_any_bytes_can_be_shown(name: bytes) -> None:
    text = str(RecordingError(f"{os.fsdecode(name)}: not a recording"))
    text.encode()
    assert all(c.isprintable() or c in "\n\t\xa0\u3000" for c in text)


@pytest.mark.parametrize("text", ["ㄱ 한글", "a\nb\tc", "é́", "一\u3000二", "", "\\x1b"])
def test_sentences_stay_as_they_are(text: str) -> None:
    assert str(ScaleGloveError(text)) == text


def test_what_a_terminal_obeys_is_written_out() -> None:
    assert escape_unprintable("a\x1b[31m\u202eb\x9b\udcff\n") == r"a\x1b[31m\u202eb\x9b\udcff\n"
    assert str(ScaleGloveError()) == ""

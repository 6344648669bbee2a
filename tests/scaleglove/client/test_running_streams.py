"""One of several streams, by the name that people gave its glove."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.client import StreamEntry, StreamError
from scaleglove.client.running_streams import choose

URL = "http://glove.example"

BLUE = StreamEntry(stream="1a", glove="blue")
GREEN = StreamEntry(stream="2b", glove="green")
NAMELESS = StreamEntry.model_validate({"stream": "3c", "glove": None, "link": {"port": "/dev/ttyUSB0", "state": "x"}})
COPY = StreamEntry(stream="4d", glove="blue", copy_of="1a")


def refusal(*streams: StreamEntry, wanted: str | None = None) -> str:
    with pytest.raises(StreamError) as raised:
        choose(streams, wanted, URL)
    assert raised.value.code == "unknown_stream"
    return raised.value.detail


@pytest.mark.parametrize(
    ("wanted", "expected"), [("blue", BLUE), ("1a", BLUE), ("green", GREEN), ("3c", NAMELESS), ("4d", COPY)]
)
def test_a_stream_is_found_by_its_name_and_its_gloves(wanted: str, expected: StreamEntry) -> None:
    assert choose([BLUE, GREEN, NAMELESS, COPY], wanted, URL) == expected


def test_the_only_glove_needs_no_name_and_a_copy_is_no_glove() -> None:
    assert choose([COPY, BLUE], None, URL) == BLUE


def test_a_choice_is_asked_for_by_the_names_of_the_gloves() -> None:
    detail = refusal(BLUE, NAMELESS, COPY)
    assert detail.endswith("name one with --stream: blue (1a), /dev/ttyUSB0 (3c)")
    assert "there are: blue (1a), green (2b)" in refusal(BLUE, GREEN, wanted="red")
    other = StreamEntry(stream="5e", glove="blue")
    assert refusal(BLUE, GREEN, other, wanted="blue").endswith("blue (1a), blue (5e)")
    assert "start the bridge first" in refusal(COPY)
    assert "start the bridge first" in refusal(COPY, wanted="blue")


@given(st.lists(st.builds(StreamEntry, stream=st.text(max_size=2), glove=st.text(max_size=2)), max_size=4), st.text())
def test_what_is_chosen_is_what_was_wanted(streams: list[StreamEntry], wanted: str) -> None:
    try:
        found = choose(streams, wanted, URL)
    except StreamError:
        return
    assert wanted in {found.stream, found.glove}

"""The ends of a sketch's lines: pieces do not matter, and a line that is too long ends where its text does."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_bridge.codec.glove_reader import GloveReader
from firmware_bridge.codec.sketch.line_ends import LineEnds

HEADER = b"timestamp,pitch,roll,yaw,flex1,flex2,flex3,flex4,flex5"
LINE = st.integers(0, 99).map(lambda n: b"%d,-1.5,2.25,33.5,%d,602,503,404,305" % (20 * n, 700 + n % 7))
ENDED = st.tuples(LINE, st.sampled_from([b"\n", b"\r", b"\r", b"\r\n", b"\n\r"])).map(b"".join)
ODD = st.sampled_from(
    [b"\r", b"\n", b"x" * 300, b"7" * 520, b"7" * 512 + b"\r", b"7" * 513 + b"\r", b"\0", b"# hi\n", HEADER + b"\r"]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(ENDED, ENDED, ODD), max_size=25).map(b"".join), st.lists(st.integers(0, 4000), max_size=12))
def test_any_split_of_text_with_any_ends_gives_the_same_events(stream: bytes, cuts: list[int]) -> None:
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    whole, split = GloveReader(), GloveReader()
    expected = whole.feed(stream)
    assert [event for a, b in pairwise(places) for event in split.feed(stream[a:b])] == expected
    assert split.counts == whole.counts


def test_two_carriage_returns_inside_a_line_are_damage_and_three_are_ends() -> None:
    assert LineEnds().divide(b"a\rb\rc\n", is_skipping=False) == [b"a\rb\rc", b""]
    assert LineEnds().divide(b"a\rb\rc\rd\n", is_skipping=False) == [b"a", b"b", b"c", b"d", b""]


def test_the_next_line_feed_ends_lines_alone_again() -> None:
    assert LineEnds().divide(b"a\rb\rc\rd\ne\rf\n", is_skipping=False)[4:] == [b"e\rf", b""]

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scaleglove.letters import LETTERS
from scaleglove.spelling import REST, Piece, spelling_of
from scaleglove.vocabulary import load_vocabulary
from service.streams.text.committed_text import MAX_COMMITTED, CommittedText

PIECES = st.builds(Piece, st.text(min_size=1, max_size=80), st.lists(st.sampled_from(LETTERS), max_size=7).map(tuple))
WORDS = st.lists(PIECES, max_size=5)
STEPS = st.one_of(
    st.tuples(st.just("write"), WORDS),
    st.tuples(st.just("replace"), WORDS),
    st.tuples(st.sampled_from(["space", "remove space", "reopen", "clear"]), st.just([])),
)
KOREAN = spelling_of(load_vocabulary("korean"))


@given(st.lists(STEPS, max_size=60))
def test_the_text_is_that_of_its_pieces_and_is_bounded(steps: list[tuple[str, list[Piece]]]) -> None:
    line, newest, most = CommittedText(), [], MAX_COMMITTED
    for step, pieces in steps:
        before = line.text
        match step:
            case "write":
                line.write(pieces)
                written = "".join(piece.text for piece in pieces)
                assert (before + written).endswith(line.text)
                newest = pieces
            case "replace":
                if line.replace_end(newest, pieces):
                    newest, most = pieces, most + sum(len(piece.text) for piece in pieces)
                else:
                    assert line.text == before
            case "space":
                line.write_space()
                assert line.text == before or line.text.endswith(REST)
            case "remove space":
                assert line.remove_space() == before.endswith(REST)
            case "reopen":
                line.reopen(KOREAN, 64)
                assert before.startswith(line.text)
            case _:
                line.clear()
                assert not line.text
        assert len(line.text) <= most


def test_equal_pieces_are_one_in_all_streams() -> None:
    lines = [CommittedText(), CommittedText()]
    for line in lines:
        line.write([Piece("".join(["안"]), ("ㅇ", "ㅏ", "ㄴ"))])
    first, second = (line._pieces[-1] for line in lines)
    assert first is second


def test_what_a_long_line_begins_with_is_dropped_by_whole_pieces() -> None:
    line = CommittedText()
    for number in range(200):
        line.write([Piece(f"<{number:06}>")])
    assert len(line.text) == MAX_COMMITTED
    assert line.text.startswith("<000075>")
    assert line.text.endswith("<000199>")

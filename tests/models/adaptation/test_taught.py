"""What words teach of holds, and which are forgotten first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.adaptation.taught import UNTAUGHT, Taught, first_forgotten

LETTERS = st.lists(st.none() | st.integers(0, 3), min_size=1, max_size=3 * UNTAUGHT)


def taught_of(letters: list[int | None]) -> dict[float, Taught]:
    return {float(end_ms): Taught(letter, 0.5) for end_ms, letter in enumerate(letters) if letter is not None}


@given(LETTERS)
def test_older_holds_that_no_word_has_shown_go_first(letters: list[int | None]) -> None:
    forgotten = first_forgotten([float(end_ms) for end_ms in range(len(letters))], taught_of(letters))
    older = letters[: max(1, len(letters) - UNTAUGHT)]
    if None in older:
        assert forgotten == older.index(None)
    else:
        assert letters[forgotten] is not None


@given(LETTERS)
def test_letter_that_is_shown_most_loses_its_oldest_hold(letters: list[int | None]) -> None:
    times = [float(end_ms) for end_ms in range(len(letters))]
    forgotten = first_forgotten(times, taught_of(letters))
    if (letter := letters[forgotten]) is None:
        return
    assert letters.index(letter) == forgotten
    assert letters.count(letter) == max(letters.count(each) for each in letters if each is not None)


@given(LETTERS, st.integers(4, 40))
def test_no_letter_is_forgotten_while_another_has_two(letters: list[int | None], most: int) -> None:
    """Whatever is signed for however long, each letter that words have shown stays known, as far as memory allows."""
    taught, times = taught_of(letters), [float(end_ms) for end_ms in range(len(letters))]
    kept: list[float] = []
    for time in times:
        kept.append(time)
        if len(kept) > most:
            del kept[first_forgotten(kept, taught)]
    shown = [letters[int(time)] for time in kept]
    assert len(kept) <= most
    gone = {letter for letter in letters if letter is not None} - set(shown)
    assert not gone or most <= UNTAUGHT + 4

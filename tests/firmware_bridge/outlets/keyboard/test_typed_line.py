"""What is typed into a field is the line of the service, and no syllable is typed before it is whole."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firmware_bridge.outlets.keyboard.typed_line import Keystrokes, TypedLine
from scaleglove.hangul.spelling import letters
from scaleglove.hangul.syllables import compose
from scaleglove.protocol import Text

NOTHING = Keystrokes(0, "")
SYLLABLES = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=6).filter(
    lambda word: compose(letters(word)) == word
)
"""Words whose letters the rules compose to them again."""


def text(committed: str, composing: str = "") -> Text:
    """Return a line whose letters are not known: nothing but a cleared line depends on them."""
    return Text(0.0, committed, composing, "")


class Field:
    """A text field, and how often Backspace was pressed in it."""

    def __init__(self, has: str = "") -> None:
        self.text = has
        self.erased = 0

    def take(self, keys: Keystrokes) -> None:
        assert keys.erase <= len(self.text)
        self.text = self.text[: len(self.text) - keys.erase] + keys.write
        self.erased += keys.erase


@given(st.lists(SYLLABLES, min_size=1, max_size=4))
def test_whole_syllables_arrive_word_by_word(words: list[str]) -> None:
    """By the rules of composing nothing is ever erased; a word list may change that."""
    line, field = TypedLine(), Field()
    committed = ""
    for word in words:
        signed = letters(word)
        for place in range(len(signed)):
            field.take(line.update(text(committed, compose(signed[: place + 1]))))
            assert all("가" <= one <= "힣" or one == " " for one in field.text)
        committed += compose(signed)
        field.take(line.update(text(committed)))
        assert field.text == committed
        committed += " "
    assert field.erased == 0


@example([("", "aa"), ("", ""), ("", "a"), ("", "")])
@given(st.lists(st.tuples(st.text("가나 ab한ㄱㅏ", max_size=6), st.text("가나ab한ㄱㅏ", max_size=3)), max_size=8))
def test_the_field_has_the_committed_line_whatever_changes(steps: list[tuple[str, str]]) -> None:
    """Except for what an empty line leaves there: it erases a single letter at most."""
    line, field, left = TypedLine(), Field(), ""
    line.update(text(""))
    for committed, composing in [*steps, ("end", "")]:
        field.take(line.update(text(committed, composing)))
        if committed == composing == "":
            left = field.text
        if not composing and committed:
            assert field.text in {left + committed, committed}


@pytest.mark.parametrize(
    ("composing", "typed"),
    [
        ("하", ""),
        ("학", ""),
        ("학ㄱ", ""),
        ("학교", "학"),
        ("ㄱㄱ", ""),
        ("ㅋㅋㅋ", ""),
        ("hel", "hel"),
        ("thank you", "thank you"),
        ("A가", "A"),
    ],
)
def test_what_may_still_change_is_not_typed(composing: str, typed: str) -> None:
    assert TypedLine().update(text("", composing)) == Keystrokes(0, typed)


def test_another_reading_of_a_word_replaces_what_differs() -> None:
    line = TypedLine()
    assert line.update(text("", "helo")) == Keystrokes(0, "helo")
    assert line.update(text("hello")) == Keystrokes(1, "lo")
    assert line.update(text("hello ", "w")) == Keystrokes(0, " w")


WORDS = st.text("가나한abc", min_size=1, max_size=6)


@given(st.lists(st.tuples(WORDS, WORDS, st.booleans()), min_size=1, max_size=5), WORDS)
def test_a_word_that_its_language_changes_is_typed_so_and_again_as_signed(
    words: list[tuple[str, str, bool]], begun: str
) -> None:
    """Each word is composed, then changed when it has ended, and taken back when the next has begun."""
    line, field = TypedLine(), Field()
    line.update(text(""))
    committed = ""
    for signed, written, is_taken_back in words:
        for place in range(len(signed)):
            field.take(line.update(text(committed, signed[: place + 1])))
        field.take(line.update(text(committed + written)))
        assert field.text == committed + written
        field.take(line.update(text(committed + written + " ", begun)))
        if is_taken_back:
            field.take(line.update(text(committed + signed + " ", begun)))
        committed += (signed if is_taken_back else written) + " "
        field.take(line.update(text(committed + begun)))
        assert field.text == committed + begun
        committed += begun + " "


def test_only_the_end_of_a_changed_word_is_typed_again() -> None:
    line = TypedLine()
    line.update(text("", "안너"))
    assert line.update(text("안녕")) == Keystrokes(0, "녕")
    assert line.update(text("안넝")) == Keystrokes(1, "넝")
    assert line.update(text("안녕 ", "하")) == Keystrokes(1, "녕 ")


def test_a_word_that_is_not_written_at_its_end_is_erased() -> None:
    line = TypedLine()
    line.update(Text(0.0, "", "xkq", "xkq"))
    assert line.update(Text(0.0, "", "", "xkq")) == Keystrokes(3, "")


def test_a_deleted_letter_is_erased() -> None:
    line = TypedLine()
    line.update(text("", "안"))
    line.update(text("안녕"))
    assert line.update(text("", "안녀")) == Keystrokes(1, "")
    assert line.update(text("", "안ㄴ")) == Keystrokes(1, "")
    assert line.update(text("", "아")) == NOTHING


def test_a_cleared_line_stays_in_the_field() -> None:
    line = TypedLine()
    line.update(text("", "안녀"))
    line.update(text("안녕"))
    assert line.update(text("")) == NOTHING
    assert line.update(text("", "ab")) == Keystrokes(0, "ab")
    assert line.update(text("", "a")) == Keystrokes(1, "")


def test_what_was_typed_elsewhere_is_never_erased() -> None:
    line = TypedLine()
    line.update(text("", "ab"))
    line.abandon()
    assert line.update(text("", "abcd")) == Keystrokes(0, "cd")
    assert line.update(text("", "")) == NOTHING
    line.update(text("", "xy"))
    line.abandon()
    line.update(text("", "xyz"))
    assert line.update(text("", "x")) == Keystrokes(1, "")


def test_a_new_stream_begins_a_new_line() -> None:
    line = TypedLine()
    line.update(text("안녕 ", "ab"))
    line.begin()
    assert line.update(text("", "ab")) == Keystrokes(0, "ab")


def test_a_line_that_a_stream_has_already_is_not_typed_again() -> None:
    line = TypedLine()
    assert line.update(text("안녕 하세요")) == NOTHING
    assert line.update(text("안녕 하세요 ", "ok")) == Keystrokes(0, " ok")


def test_a_line_that_loses_its_beginning_goes_on() -> None:
    """The service keeps the last 1,000 characters."""
    words = " ".join(f"word{number}" for number in range(300))
    line, field = TypedLine(), Field()
    line.update(text(""))
    for end in range(0, len(words), 9):
        field.take(line.update(text(words[:end][-1000:])))
    assert field.text == words[:end]
    assert field.erased == 0

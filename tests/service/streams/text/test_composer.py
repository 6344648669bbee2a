from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaleglove.hangul.spelling import letters
from scaleglove.letters import LETTERS
from scaleglove.protocol import Text, TextOptions
from scaleglove.signed_text import REST
from scaleglove.vocabulary import Vocabulary, load_vocabulary
from service.streams.text.committed_text import MAX_COMMITTED
from service.streams.text.composer import MAX_WORD, TextComposer
from service.streams.words.signed_word import SignedWord

HELD_MS, BETWEEN_MS, REST_MS = 500.0, 600.0, 2500.0


def composer_in(vocabulary: Vocabulary, **options: float) -> TextComposer:
    """Return a composer that leaves words as they are signed."""
    chosen = TextOptions(**options)
    return TextComposer(chosen, vocabulary, SignedWord(vocabulary, 1000 * chosen.space_s, enabled=False))


def new_composer(**options: float) -> TextComposer:
    return composer_in(load_vocabulary("korean"), **options)


def sign(composer: TextComposer, text: str, t_ms: float = 0.0) -> float:
    """Sign it letter by letter, with rests for spaces; gives the time after it."""
    for letter in letters(text):
        if letter == REST:
            t_ms += REST_MS
            continue
        composer.begin(letter, t_ms)
        composer.end(t_ms + HELD_MS)
        t_ms += HELD_MS + BETWEEN_MS
    return t_ms


def line(text: Text) -> str:
    return text.committed + text.composing


SYLLABLES = st.integers(0xAC00, 0xD7A3).map(chr)
STEPS = st.tuples(st.sampled_from([*LETTERS, "space", "delete", "commit", "clear", "as_signed"]), st.booleans())


@given(st.lists(st.text(SYLLABLES, min_size=1, max_size=3), max_size=4).map(" ".join))
def test_what_is_signed_is_spelled(text: str) -> None:
    composer = new_composer()
    sign(composer, text)
    assert letters(line(composer.text)) == letters(text)


def test_a_word_is_composed_while_it_is_signed_and_its_letters_are_there() -> None:
    composer = new_composer()
    seen = {}
    for letter in "ㅇㅏㄴㄴㅕㅇ":
        text_message = composer.begin(letter, 0.0)
        seen[text_message.letters] = text_message.composing
    assert list(seen.values()) == ["ㅇ", "아", "안", "안ㄴ", "안녀", "안녕"]
    assert list(seen)[-1] == "ㅇㅏㄴㄴㅕㅇ"


def test_a_rest_ends_the_word_and_the_space_comes_with_the_next_letter() -> None:
    composer = new_composer()
    end_ms = sign(composer, "네") - BETWEEN_MS
    assert composer.tick(end_ms + 1199) is None
    assert composer.tick(end_ms + 1200) == Text(end_ms + 1200, "네", "", "ㄴㅓㅣ")
    assert composer.tick(end_ms + 5000) is None
    assert composer.begin("ㄱ", end_ms + 6000) == Text(end_ms + 6000, "네 ", "ㄱ", "ㄱ")


def test_how_long_a_rest_is_can_be_set() -> None:
    quick, slow = new_composer(space_s=0.5), new_composer(space_s=5)
    for composer in (quick, slow):
        sign(composer, "가 나")
    assert (line(quick.text), line(slow.text)) == ("ㄱ ㅏ ㄴ ㅏ", "가나")


def test_a_letter_that_is_held_for_long_is_no_rest() -> None:
    composer = new_composer()
    composer.begin("ㄱ", 0.0)
    assert composer.tick(60_000.0) is None
    assert composer.begin("ㅏ", 60_000.0).composing == "가"


def test_delete_takes_letters_back_one_by_one_also_from_words_that_are_finished() -> None:
    composer = new_composer()
    composer.tick(sign(composer, "학생 나") + REST_MS)
    lines = [line(composer.edit("delete", 0.0)) for _ in range(10)]
    assert lines == ["학생 ㄴ", "학생 ", "학생", "학새", "학사", "핛", "학", "하", "ㅎ", ""]


def test_after_deleting_the_word_goes_on() -> None:
    composer = new_composer()
    t_ms = sign(composer, "각")
    composer.edit("delete", t_ms)
    assert composer.begin("ㄴ", t_ms + 10_000).composing == "간"


def test_space_commit_and_clear() -> None:
    composer = new_composer()
    sign(composer, "가")
    assert composer.edit("space", 0.0).committed == "가 "
    assert composer.edit("space", 0.0).committed == "가 "
    sign(composer, "나")
    assert composer.edit("commit", 0.0) == Text(0.0, "가 나", "", "ㄴㅏ")
    sign(composer, "다", 100_000.0)
    assert line(composer.text) == "가 나다"
    assert composer.edit("clear", 7.0) == Text(7.0, "", "", "")
    assert composer.edit("space", 0.0).committed == ""
    assert composer.edit("delete", 0.0) == Text(0.0, "", "", "")


def test_a_word_ended_while_its_last_letter_is_held_goes_on_without_a_space() -> None:
    composer = new_composer()
    sign(composer, "가")
    composer.begin("ㄴ", 2000.0)
    composer.edit("commit", 2100.0)
    composer.end(2200.0)
    composer.tick(60_000.0)
    assert line(composer.begin("ㅏ", 60_000.0)) == "간ㅏ"


@given(st.integers(MAX_WORD, 4 * MAX_WORD))
def test_no_number_of_letters_makes_a_space_where_the_hand_did_not_rest(count: int) -> None:
    composer = new_composer()
    signed = ("ㄱㅏ" * count)[:count]
    sign(composer, signed)
    assert "".join(letters(line(composer.text))) == signed


@given(st.text(SYLLABLES, min_size=30, max_size=40), st.integers(1, 60))
def test_deleting_takes_back_no_more_than_a_word_may_have(text: str, deleted: int) -> None:
    composer = new_composer()
    for syllable in text:
        sign(composer, syllable)
        composer.edit("commit", 0.0)
    for index in range(deleted):
        text_message = composer.edit("delete", 0.0)
        assert len(text_message.letters) <= MAX_WORD
        assert letters(line(text_message)) == letters(text)[: -index - 1]
    sign(composer, "가" * MAX_WORD)
    assert len(composer.text.letters) <= MAX_WORD


def test_a_word_that_was_taken_back_is_no_longer_the_last_one() -> None:
    composer = new_composer()
    composer.tick(sign(composer, "가") + REST_MS)
    composer.edit("delete", 0.0)
    assert composer.edit("delete", 0.0) == Text(0.0, "", "", "")


def test_finishing_commits_and_returns_nothing_without_a_current_word() -> None:
    composer = new_composer()
    assert composer.finish(0.0) is None
    sign(composer, "가")
    assert composer.finish(9.0) == Text(9.0, "가", "", "ㄱㅏ")
    assert composer.finish(9.0) is None
    assert composer.begin("ㄴ", 10.0).committed == "가 "


@given(st.lists(STEPS, max_size=300))
def test_the_line_is_bounded_and_can_always_be_spelled(steps: list[tuple[str, bool]]) -> None:
    composer, t_ms = new_composer(), 0.0
    for step, rests in steps:
        t_ms += REST_MS if rests else BETWEEN_MS
        composer.tick(t_ms)
        text_message = composer.edit(step, t_ms) if len(step) > 1 else composer.begin(step, t_ms)  # type: ignore[arg-type]
        composer.end(t_ms)
        assert letters(line(text_message)) is not None
        assert len(text_message.letters) <= MAX_WORD


def test_what_was_written_long_ago_is_forgotten() -> None:
    composer = new_composer()
    for index in range(MAX_COMMITTED * 3):
        composer.begin("ㄱㅏ"[index % 2], 0.0)
    assert len(composer.text.committed) <= MAX_COMMITTED
    assert len(composer.text.letters) <= MAX_WORD


def sign_in(vocabulary: str, *labels: str, composer: TextComposer | None = None) -> TextComposer:
    """Sign labels one after the other; `REST` rests, and a name of an edit edits."""
    composer = composer or composer_in(load_vocabulary(vocabulary))
    t_ms = 0.0
    for label in labels:
        if label == REST:
            t_ms += REST_MS
            composer.tick(t_ms)
        elif label in EDITS:
            composer.edit(label, t_ms)  # type: ignore[arg-type]
        else:
            composer.begin(label, t_ms)
            composer.end(t_ms + HELD_MS)
            t_ms += HELD_MS + BETWEEN_MS
    return composer


EDITS = ("space", "delete", "commit", "clear", "as_signed")


def test_english_has_a_capital_at_the_beginning_and_the_list_settles_a_word_that_has_ended() -> None:
    assert sign_in("american", *"helo").text.composing == "Helo"
    assert sign_in("american", *"helo world").text == Text(11300.0, "Hello ", "world", "world")
    assert line(sign_in("american", *"so i met helen ").text) == "So I met Helen"


def test_a_reopened_word_has_the_letters_that_were_decoded() -> None:
    composer = sign_in("american", *"helo ", "delete")
    assert (composer.text.composing, composer.text.letters) == ("Hel", "hel")
    assert line(sign_in("american", *"p ", composer=composer).text) == "Help"


def test_signs_are_words_with_spaces_of_their_own() -> None:
    composer = sign_in("american_signs", "hello", "i", "thankyou", "thankyou", *"sam", REST)
    assert composer.text.committed == "Hello I thank you thank you sam"
    assert composer.text.letters == "sam"
    lines = [line(composer.edit("delete", 0.0)) for _ in range(5)][2:]
    assert lines == ["Hello I thank you thank you ", "Hello I thank you thank you", "Hello I thank you "]


def test_a_sign_keeps_its_spaces_after_a_commit() -> None:
    assert line(sign_in("american_signs", "h", "commit", "hello").text) == "H hello"
    assert line(sign_in("american_signs", *"helo", "commit", "s", "delete").text) == "Hello"


def test_labels_that_spell_nothing_are_joined_by_spaces() -> None:
    vocabulary = Vocabulary.of(["up", "down", "very_long"])
    composer = composer_in(vocabulary)
    sign_in("", "up", "up", "very_long", REST, "down", composer=composer)
    assert composer.text == Text(5800.0, "up up very_long ", "down", "down")
    assert line(sign_in("", "delete", "delete", "delete", composer=composer).text) == "up up "


@given(st.lists(st.sampled_from([*"abelo", "hello", "thankyou", REST, *EDITS]), max_size=200))
def test_no_steps_make_two_spaces_or_a_word_that_is_too_long(steps: list[str]) -> None:
    text = sign_in("american_signs", *steps).text
    assert "  " not in line(text)
    assert not line(text).startswith(" ")
    assert len(text.letters) <= MAX_WORD * len("thankyou")


def test_a_taught_sign_is_a_word_and_a_taught_letter_is_a_letter() -> None:
    """Labels that the model's vocabulary does not have."""
    assert line(sign_in("korean", *"ㄱㅏ", "hello", "ㄴ").text) == "가 hello ㄴ"
    assert line(sign_in("american", *"jam", "thumbs up", "z").text) == "Jam thumbs up z"


def test_a_sign_that_is_known_late_belongs_to_the_word_in_which_it_began() -> None:
    """A movement lasts as long as a rest, and the letter that it is comes when it has ended."""
    composer = sign_in("american_signs", *"hi")
    end_ms = HELD_MS + HELD_MS + BETWEEN_MS
    assert composer.tick(end_ms + 1300) is not None
    assert composer.begin("j", end_ms + 200) == Text(end_ms + 1300, "", "Hij", "hij")
    composer.end(end_ms + 1700)
    assert composer.tick(end_ms + 3000) is not None
    assert line(composer.begin("z", end_ms + 3100)) == "Hij z"


@pytest.mark.parametrize("ends", ["commit", "finish"])
def test_a_word_that_was_ended_otherwise_stays_so(ends: str) -> None:
    composer = sign_in("american_signs", *"hi")
    if ends == "finish":
        composer.finish(3000.0)
    else:
        composer.edit("commit", 3000.0)
    assert composer.begin("j", 1700.0).composing == "j"

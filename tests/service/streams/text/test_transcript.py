"""Words that a language understands: what changes, what never does, and what is given back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaleglove.letters import LETTERS
from scaleglove.protocol import DecoderOptions, Gesture, Text, TextOptions, Word
from scaleglove.vocabulary import Vocabulary, load_vocabulary
from service.streams.scored_window import ScoredWindow
from service.streams.text.decoder import LetterDecoder
from service.streams.text.transcript import ENOUGH_EXAMPLES, Transcript
from service.streams.words.options import USUAL, WordRules
from tests.service.streams.text.signed_windows import windows

KOREAN, AMERICAN = load_vocabulary("korean"), load_vocabulary("american")


def new_transcript(
    vocabulary: Vocabulary, words: bool = True, is_hand_known: bool = True, rules: WordRules = USUAL
) -> Transcript:
    decoder = LetterDecoder(vocabulary.names, DecoderOptions(), vocabulary.moving)
    return Transcript(decoder, TextOptions(words=words), vocabulary, ENOUGH_EXAMPLES if is_hand_known else 0, rules)


def push(transcript: Transcript, signed: Iterable[ScoredWindow]) -> list[Gesture | Text | Word]:
    return [message for window in signed for message in transcript.push(window)]


def signed(
    vocabulary: Vocabulary, text: str, misread: Mapping[int, str] | None = None, words: bool = True
) -> list[Gesture | Text | Word]:
    return push(new_transcript(vocabulary, words), windows(vocabulary, text, misread))


def line(messages: list[Gesture | Text | Word]) -> str:
    text = [message for message in messages if isinstance(message, Text)][-1]
    return text.committed + text.composing


def words_in(messages: list[Gesture | Text | Word]) -> list[Word]:
    return [message for message in messages if isinstance(message, Word)]


@pytest.mark.parametrize(
    ("vocabulary", "text", "misread", "as_read"),
    [(KOREAN, "감사합니다", {4: "ㅓ"}, "감서합니다"), (AMERICAN, "thank", {1: "k"}, "Tkank")],
)
def test_a_word_with_a_letter_that_was_read_wrongly_is_written_as_it_was_meant(
    vocabulary: Vocabulary, text: str, misread: dict[int, str], as_read: str
) -> None:
    messages = signed(vocabulary, text, misread)
    (word,) = words_in(messages)
    assert (word.signed, word.written, word.by, word.known) == (as_read, line(messages), "language", True)
    assert line(messages).casefold() == text
    assert line(signed(vocabulary, text, misread, words=False)) == as_read


def test_the_letters_of_a_word_are_shown_at_once_and_stay_as_they_were_decoded() -> None:
    messages = signed(KOREAN, "감사", {4: "ㅓ"})
    composing = [message.composing for message in messages if isinstance(message, Text)]
    assert composing[:5] == ["ㄱ", "가", "감", "감ㅅ", "감서"]
    last = [message for message in messages if isinstance(message, Text)][-1]
    assert last.letters == "ㄱㅏㅁㅅㅓ" == words_in(messages)[0].letters


def test_what_the_wearer_takes_back_is_exactly_as_it_was_signed() -> None:
    transcript = new_transcript(KOREAN)
    first = push(transcript, windows(KOREAN, "감사", {4: "ㅓ"}))
    begin_ms = first[-1].t_ms
    push(transcript, list(windows(KOREAN, "나", begin_ms=begin_ms))[:12])  # the next word has begun
    text, (word,) = transcript.edit("as_signed", begin_ms + 1500.0)
    assert text.committed == "감서 "
    assert (word.written, word.signed, word.by) == ("감서", "감서", "wearer")
    assert transcript.edit("as_signed", begin_ms + 1600.0) == (
        Text(text.t_ms, text.committed, text.composing, text.letters),
        [],
    )


def test_a_word_that_was_edited_is_not_changed_any_more() -> None:
    transcript = new_transcript(KOREAN)
    push(transcript, windows(KOREAN, "감사", {4: "ㅓ"}))
    transcript.edit("delete", 9000.0)
    messages = push(transcript, windows(KOREAN, "ㅓ", begin_ms=9000.0))
    assert line(messages) == "감서"
    assert not words_in(messages)


def test_a_deleted_letter_is_forgotten_with_its_hold() -> None:
    transcript = new_transcript(AMERICAN)
    word = list(windows(AMERICAN, "thanq"))
    push(transcript, word[:-22])  # the last letter's hold has just ended
    transcript.edit("delete", word[-22].t_ms)
    messages = push(transcript, windows(AMERICAN, "k", begin_ms=word[-22].t_ms))
    assert line(messages) == "Thank"
    assert not words_in(messages)


def test_a_word_teaches_what_its_shapes_were_and_the_wearer_what_they_really_were() -> None:
    transcript = new_transcript(KOREAN)
    push(transcript, windows(KOREAN, "감사합니다", {4: "ㅓ"}))
    lessons = transcript.take_lessons()
    assert [LETTERS[lesson.label] for lesson in lessons] == list("ㄱㅏㅁㅅㅏㅎㅏㅂㄴㅣㄷㅏ")
    assert len({lesson.end_ms for lesson in lessons}) == 12
    transcript.edit("as_signed", 99_000.0)
    taken_back = transcript.take_lessons()
    assert [LETTERS[lesson.label] for lesson in taken_back] == list("ㄱㅏㅁㅅㅓㅎㅏㅂㄴㅣㄷㅏ")
    assert [lesson.end_ms for lesson in taken_back] == [lesson.end_ms for lesson in lessons]
    assert {lesson.margin for lesson in taken_back} == {np.inf}


def test_a_first_letter_that_was_kept_back_is_of_the_word_that_it_begins() -> None:
    transcript = new_transcript(KOREAN)
    transcript.know_hand(ENOUGH_EXAMPLES)
    messages = push(
        transcript, windows(KOREAN, "감사합니다", {0: "ㅋ"})
    )  # read as another, and too doubtful to begin alone
    begun = [message.label for message in messages if isinstance(message, Gesture) and message.phase == "begin"]
    assert begun == list("ㅋㅏㅁㅅㅏㅎㅏㅂㄴㅣㄷㅏ")
    (word,) = words_in(messages)
    assert (word.signed, word.written) == ("캄사합니다", "감사합니다")
    lessons = transcript.take_lessons()
    assert [LETTERS[lesson.label] for lesson in lessons] == list("ㄱㅏㅁㅅㅏㅎㅏㅂㄴㅣㄷㅏ")
    assert len({lesson.end_ms for lesson in lessons}) == 12


def test_a_service_may_understand_words_without_learning_from_them() -> None:
    transcript = new_transcript(KOREAN, rules=WordRules(teach=False))
    messages = push(transcript, windows(KOREAN, "감사합니다", {4: "ㅓ"}))
    assert line(messages) == "감사합니다"
    transcript.edit("as_signed", 99_000.0)
    assert transcript.take_lessons() == []


def test_words_are_those_of_the_language_that_a_service_finds() -> None:
    asked: list[str] = []

    def find_none(language: str) -> None:
        asked.append(language)

    messages = push(new_transcript(KOREAN, rules=WordRules(find_none)), windows(KOREAN, "감사합니다", {4: "ㅓ"}))
    assert (line(messages), words_in(messages), set(asked)) == ("감서합니다", [], {"korean"})


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from("가나다라한글"), st.booleans()), min_size=1, max_size=6), st.data())
def test_letters_never_depend_on_words(syllables: list[tuple[str, bool]], data: st.DataObject) -> None:
    text = "".join(syllable + " " * rests for syllable, rests in syllables).strip()
    misread = data.draw(st.dictionaries(st.integers(0, 12), st.sampled_from(LETTERS), max_size=3))
    with_words, without = (signed(KOREAN, text, misread, words) for words in (True, False))

    def letters(messages: list[Gesture | Text | Word]) -> list[object]:
        return [
            (message.t_ms, message.letters) if isinstance(message, Text) else message
            for message in messages
            if not isinstance(message, Word)
        ]

    assert letters(with_words) == letters(without)


@settings(max_examples=20)
@given(
    st.lists(st.tuples(st.sampled_from("가나다라한글"), st.booleans()), min_size=1, max_size=6),
    st.sets(st.integers(0, 12)),
)
def test_letters_of_a_hand_that_is_not_known_do_not_either(
    syllables: list[tuple[str, bool]], doubtful: set[int]
) -> None:
    text = "".join(syllable + " " * rests for syllable, rests in syllables).strip()

    def gestures(words: bool) -> list[Gesture]:
        transcript = new_transcript(KOREAN, words, is_hand_known=False)
        messages = push(transcript, windows(KOREAN, text, doubtful=doubtful))
        return [message for message in messages if isinstance(message, Gesture)]

    assert gestures(words=True) == gestures(words=False)


def test_letters_that_were_not_written_are_read_from_their_holds_and_keep_a_word_open() -> None:
    """Between the first letter and the last, five seconds pass without one that is sure."""
    transcript = new_transcript(KOREAN, is_hand_known=False)
    doubtful = range(4, 9)
    messages = push(transcript, windows(KOREAN, "감사합니다", doubtful=doubtful))
    (word,) = words_in(messages)
    assert (word.letters, word.written, line(messages)) == ("ㄱㅏㅁㅅㅣㄷㅏ", "감사합니다", "감사합니다")
    assert [LETTERS[lesson.label] for lesson in transcript.take_lessons()] == list("ㄱㅏㅁㅅㅏㅎㅏㅂㄴㅣㄷㅏ")


@pytest.mark.parametrize("held_windows", [4, 10, 17, 20, 24])
def test_a_hand_that_is_not_known_may_sign_as_slowly_as_it_likes(held_windows: int) -> None:
    transcript = new_transcript(KOREAN, is_hand_known=False)
    messages = push(transcript, windows(KOREAN, "안녕하세요 감사합니다", held_windows=held_windows))
    assert (line(messages), words_in(messages)) == ("안녕하세요 감사합니다", [])


def test_a_word_whose_first_letters_were_not_written_has_them() -> None:
    messages = push(new_transcript(KOREAN, is_hand_known=False), windows(KOREAN, "감사 사람", doubtful={5, 6}))
    assert line(messages) == "감사 사람"
    assert [(word.letters, word.written) for word in words_in(messages)] == [("ㄹㅏㅁ", "사람")]


SHORTLY, LONG = 3, 40
"""Windows of a hold that is no letter's: a halt within a movement, and a rest."""


@pytest.mark.parametrize("is_hand_known", [False, True])
@pytest.mark.parametrize(("text", "held_windows"), [("ㅓ", SHORTLY), ("ㅋㅈ", SHORTLY), ("ㅓ", LONG)])
def test_what_the_language_does_not_believe_and_was_not_held_as_a_letter_is_not_written(
    text: str, held_windows: int, is_hand_known: bool
) -> None:
    transcript = new_transcript(KOREAN, is_hand_known=is_hand_known)
    first = push(transcript, windows(KOREAN, "감사합니다"))
    begin_ms = first[-1].t_ms
    messages = push(transcript, windows(KOREAN, text, begin_ms=begin_ms, held_windows=held_windows))
    (word,) = words_in(messages)
    assert (word.letters, word.signed, word.written, word.by, word.known) == (text, text, "", "language", False)
    last = [message for message in messages if isinstance(message, Text)][-1]
    assert (last.committed, last.composing, last.letters) == ("감사합니다", "", text)
    again = push(transcript, windows(KOREAN, "나라", begin_ms=word.t_ms))
    assert line(again) == "감사합니다 나라"


@pytest.mark.parametrize(
    ("text", "held_windows"), [("ㅋ", 6), ("ㅋㅈ", 6), ("감사합니다", SHORTLY), ("ㅋ", 15), ("ㅋ", LONG)]
)
def test_what_was_held_as_a_letter_is_written_and_so_is_a_word_of_the_list(text: str, held_windows: int) -> None:
    """A hand that has held nothing else yet may hold its letters for long."""
    messages = push(new_transcript(KOREAN), windows(KOREAN, text, held_windows=held_windows))
    assert (line(messages), words_in(messages)) == (text, [])


@pytest.mark.parametrize("has_begun", [False, True])
@pytest.mark.parametrize("before", ["", "감사합니다"])
def test_the_wearer_is_given_back_what_was_not_written(before: str, has_begun: bool) -> None:
    """Whether the next word has begun or not, and once alone."""
    transcript, begin_ms = new_transcript(KOREAN), 0.0
    if before:
        begin_ms = push(transcript, windows(KOREAN, before))[-1].t_ms
    (left_out,) = words_in(push(transcript, windows(KOREAN, "ㅓ", begin_ms=begin_ms, held_windows=SHORTLY)))
    if has_begun:
        push(transcript, list(windows(KOREAN, "나", begin_ms=left_out.t_ms))[:12])
    text, (word,) = transcript.edit("as_signed", left_out.t_ms + 1500.0)
    composing = "ㄴ" if has_begun else ""
    assert (text.committed, text.composing) == (f"{before} ㅓ".strip() + " " * has_begun, composing)
    assert (word.signed, word.written, word.by) == ("ㅓ", "ㅓ", "wearer")
    assert [LETTERS[lesson.label] for lesson in transcript.take_lessons()][-1:] in ([], ["ㅓ"])
    again, words = transcript.edit("as_signed", left_out.t_ms + 1600.0)
    assert (again.committed, words) == (text.committed, [])


def test_what_was_not_written_does_not_come_back_after_an_edit() -> None:
    transcript = new_transcript(KOREAN)
    begin_ms = push(transcript, windows(KOREAN, "감사합니다"))[-1].t_ms
    push(transcript, windows(KOREAN, "ㅓ", begin_ms=begin_ms, held_windows=SHORTLY))
    transcript.edit("clear", begin_ms + 3000.0)
    text, words = transcript.edit("as_signed", begin_ms + 3100.0)
    assert (text.committed, words) == ("", [])


def test_a_word_that_the_wearer_ends_is_written_however_it_was_held() -> None:
    transcript = new_transcript(KOREAN)
    held = list(windows(KOREAN, "ㅓ", held_windows=SHORTLY))[:9]
    push(transcript, held)
    text, words = transcript.edit("space", held[-1].t_ms)
    assert (text.committed, words) == ("ㅓ ", [])


@pytest.mark.parametrize("is_hand_known", [False, True])
def test_a_rest_that_is_read_as_a_letter_ends_the_word_unless_the_hand_is_known(is_hand_known: bool) -> None:
    """It ends with that rest, and not only when another one is long enough after it. A known hand holds a letter for as
    long as it likes."""
    word = [window for window in windows(KOREAN, "사람") if window.t_ms <= 5000.0]
    *moving, held = list(windows(KOREAN, "ㅋ"))[:5]
    resting = [replace(held, t_ms=5500.0 + 100.0 * step, still_ms=100.0 * (step + 1)) for step in range(25)]
    between = [
        replace(window, t_ms=begin_ms + 100.0 * step, let_go_ms=begin_ms if step == 0 else None)
        for begin_ms in (5100.0, 8000.0)
        for step, window in enumerate(moving)
    ]
    transcript = new_transcript(KOREAN, is_hand_known=is_hand_known)
    messages = push(transcript, [*word, *between[:4], *resting, *between[4:]])
    assert [message.letters for message in messages if isinstance(message, Text)][-1] == "ㅅㅏㄹㅏㅁㅋ"
    last = [message for message in messages if isinstance(message, Text)][-1]
    assert (last.committed, last.composing) == (("", "사람ㅋ") if is_hand_known else ("사람", ""))


@pytest.mark.parametrize(
    "name",
    ["김민준", "이서연", "박지우", "최정훈", "하솔희", "라빈", "이연카", "카훈", "하가카", "다파연이", "한빛나래"],
)
def test_a_name_that_a_known_hand_has_clearly_signed_is_left_alone(name: str) -> None:
    """No list has them, and some are like words that one has."""
    assert not words_in(signed(KOREAN, name))


@pytest.mark.parametrize("name", ["김민준", "박지우", "하솔희", "라빈", "한빛나래"])
def test_names_that_were_written_as_a_whole_stay_with_a_hand_that_is_not_known(name: str) -> None:
    assert not words_in(push(new_transcript(KOREAN, is_hand_known=False), windows(KOREAN, name)))


def test_a_word_that_reads_the_same_either_way_is_not_said_to_be_changed() -> None:
    """Its letters may be helo, and hello what was understood."""
    messages = signed(AMERICAN, "helo")
    assert line(messages) == "Hello"
    assert not words_in(messages)


def test_signs_and_vocabularies_without_a_language_are_left_alone() -> None:
    signs = load_vocabulary("american_signs")
    assert line(signed(signs, "hello sam")) == "Hello sam"
    names = Vocabulary.of(["up", "down"])
    assert not words_in(signed(names, "up down"))

"""The labels of a glove's own letters: what the glove says of them, and what it does not is never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_bridge.codec.events import LetterRead, Notice, NoticeCode, Remark
from firmware_bridge.codec.letters import MOST
from firmware_bridge.codec.remarks import from_bytes, to_text
from firmware_bridge.uplink.glove_labels import GloveLabels, NamedLetter
from scaleglove.vocabulary import MOST_LABELS, load_vocabulary, package_vocabularies

PLACES = st.integers(0, MOST - 1)


def letter(place: int) -> LetterRead:
    return LetterRead(20.0, place, 0.9)


def remark(text: str) -> Remark:
    return from_bytes(text.encode())


def labels_of(heard: list[object]) -> list[str]:
    return [event.label for event in heard if isinstance(event, NamedLetter)]


def test_the_codec_takes_as_many_labels_as_a_vocabulary_has() -> None:
    assert MOST == MOST_LABELS


@pytest.mark.parametrize("name", package_vocabularies())
def test_letters_have_the_labels_of_the_vocabulary_that_the_glove_names(name: str) -> None:
    labels, names = GloveLabels(), load_vocabulary(name).names
    said = remark(f"letters=on vocabulary={name} labels={len(names)}; letters on")
    assert labels.take([said]) == [said]
    assert labels_of(labels.take(map(letter, range(len(names))))) == list(names)
    assert not labels.asks


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=1, max_size=8), min_size=2, max_size=9, unique=True))
def test_labels_of_its_own_follow_and_are_shown_to_nobody(names: list[str]) -> None:
    labels = GloveLabels()
    labels.take([remark(f"letters=on labels={len(names)}; letters on")])
    for place, name in enumerate(names):
        assert labels.take([letter(place)]) == []  # its label is on the way
        assert labels.take([remark(to_text(name, label=str(place)))]) == []
        assert labels.take([letter(place)]) == [NamedLetter(letter(place), name)]


@given(PLACES)
def test_a_glove_that_said_nothing_is_asked_once(place: int) -> None:
    labels = GloveLabels()
    assert (labels.take([letter(place)]), labels.asks) == ([], True)
    labels.asked()
    assert (labels.take([letter(place)]), labels.asks) == ([], False)


@pytest.mark.parametrize("answer", ["error=unknown_command; unknown command; known: interval", "unknown command"])
def test_older_firmware_does_not_know_the_question_and_its_letters_are_korean(answer: str) -> None:
    labels = GloveLabels()
    labels.take([letter(0)])
    labels.asked()
    assert labels.take([remark(answer)]) == []
    assert labels_of(labels.take([letter(0), letter(23)])) == ["ㄱ", "ㅣ"]
    assert labels.take([remark(answer)]) == [remark(answer)]  # of another command


def test_a_glove_that_does_not_answer_is_older_too() -> None:
    labels = GloveLabels()
    labels.take([letter(0)])
    labels.asked()
    assert labels_of(labels.take([letter(1)] * 30))[:1] == ["ㄴ"]


@pytest.mark.parametrize("said", ["vocabulary=klingon labels=24", "vocabulary=korean labels=23"])
def test_a_vocabulary_that_is_not_known_is_said_once_and_never_guessed(said: str) -> None:
    labels = GloveLabels()
    labels.take([remark(said)])
    (notice,) = labels.take([letter(0), letter(1)])
    assert isinstance(notice, Notice)
    assert (notice.code, notice.values["vocabulary"]) == (
        NoticeCode.UNKNOWN_LABELS,
        said.partition(" ")[0].removeprefix("vocabulary="),
    )


def test_a_letter_beyond_the_labels_is_said_once() -> None:
    labels = GloveLabels()
    labels.take([remark("vocabulary=korean labels=24")])
    (notice,) = labels.take([letter(24), letter(199)])
    assert isinstance(notice, Notice)
    assert notice.values == {"letter": "24", "labels": "24"}


def test_an_emulated_glove_says_what_its_hand_can_show() -> None:
    labels = GloveLabels()
    assert labels.hand is None
    labels.take([remark("hand=american")])
    assert labels.hand == load_vocabulary("american").names
    labels.take([remark("hand=klingon")])
    assert labels.hand is None

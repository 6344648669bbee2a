"""Words as a wearer signs them: the same in any way of signing, and by another glove."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams.cases import cases, to_sign
from benchmarks.streams.drawn_words import DrawnWords
from benchmarks.streams.experiment import language_without
from benchmarks.streams.script import RESTS
from benchmarks.streams.signing import USUAL, Signed, Signing, signed, text_of
from models.data.dataset import Recording
from scaleglove.hangul.spelling import letters
from scaleglove.language.language_model import language_model
from scaleglove.letters import LETTERS
from tests.made_letters import made_letters

RECORDINGS = made_letters(episodes=12)
CASES = cases(RECORDINGS)
RATE_HZ = 50.0


@pytest.fixture(scope="module")
def source() -> DrawnWords:
    return DrawnWords("korean", offset=0)


def by(source: DrawnWords, how: Signing = USUAL, count: int = 6, recordings: list[Recording] = RECORDINGS) -> Signed:
    return signed(CASES[0], recordings, RATE_HZ, source, count, how)


@pytest.mark.parametrize("how", [USUAL, Signing(spaces=False), Signing(rate_hz=30.0), Signing(glove="12 bits")])
def test_the_same_words_are_signed_in_every_way(source: DrawnWords, how: Signing) -> None:
    made = by(source, how)
    assert made.words == by(source).words
    assert [hold.letter for hold in made.stream.holds] == [
        LETTERS[label] for word in made.words for label in word.labels
    ]
    rests = sum(span.action in RESTS for span in made.stream.spans)
    assert rests == (len(made.words) + 1 if how.spaces else len(made.stream.text.split()) + 1)
    assert "".join(map(text_of, made.words)) == made.stream.text.replace(" ", "")


def test_without_spaces_a_few_words_are_signed_as_one(source: DrawnWords) -> None:
    text = by(source, Signing(spaces=False), count=40).stream.text
    assert 40 / 5 <= len(text.split()) <= 40 / 2 + 1


def test_words_are_as_text_what_their_letters_spell(source: DrawnWords) -> None:
    for word in by(source).words:
        assert letters(text_of(word)) == [LETTERS[label] for label in word.labels]


def test_another_glove_reads_the_same_hand(source: DrawnWords) -> None:
    usual, other = by(source), by(source, Signing(glove="offsets"))
    there = usual.stream.values[:, :5] > 0
    off = (other.stream.values - usual.stream.values)[:, :5]
    assert np.unique(off[:, 0][there[:, 0]]).tolist() == pytest.approx([50])
    assert not off[~there].any()  # what has lost contact reads 0 with any glove
    assert (~there).any()
    np.testing.assert_array_equal(other.stream.values[:, 5:], usual.stream.values[:, 5:])
    assert np.all(other.rests[0][:, 0] - usual.rests[0][:, 0] == pytest.approx(50, abs=1e-3))


@pytest.mark.parametrize("case", [CASES[0], CASES[-1]], ids=lambda case: case.title)
def test_a_stream_is_made_only_of_the_episodes_to_sign(source: DrawnWords, case: object) -> None:
    """All other recordings are replaced by NaN, and the stream is the same."""
    assert case in CASES
    of = CASES[0] if case == CASES[0] else CASES[-1]
    signs = {id(each) for each in to_sign(of, RECORDINGS)}
    poisoned = [
        each
        if id(each) in signs
        else Recording(np.full_like(each.samples, np.nan), each.label, each.collection, each.bend)
        for each in RECORDINGS
    ]
    clean, other = (signed(of, there, RATE_HZ, source, 3, USUAL).stream for there in (RECORDINGS, poisoned))
    assert np.array_equal(clean.values, other.values)
    assert clean.spans == other.spans


def test_the_language_of_the_benchmark_lacks_the_words_in_no_list(source: DrawnWords) -> None:
    """What knows every word would have none in no list."""
    made = by(source, count=60)
    without, usual = language_without("korean"), language_model("korean")
    assert without is not None
    assert usual is not None
    others = [word.labels for word in made.words if not word.in_list]
    assert others
    assert all(without.log_listed(row) == -np.inf for row in others)
    assert any(usual.log_listed(row) > -np.inf for row in others)
    assert language_without("english") is language_model("english")

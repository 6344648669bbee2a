"""The compiled search beside its reference: the same answers, bit by bit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.streams.drawn_words import DrawnWords
from scaleglove.language.language_model import language_model
from scaleglove.language.word_list import LANGUAGES, word_list
from scaleglove.vocabulary import Vocabulary, load_vocabulary
from service.streams.words import native_search
from service.streams.words.beam import RETRIED, WIDTH
from service.streams.words.native.build import LIBRARY
from service.streams.words.native_search import NativeSearch, fastest_search
from service.streams.words.options import DEFAULT, OF_KNOWN_HAND, WordOptions
from service.streams.words.signed_letter import Emissions, SignedLetter
from service.streams.words.word_decoder import DecodedWord, WordDecoder
from service.streams.words.word_search import MAX_HOLDS, TRACED, ArraySearch, Spelling, WordSearch
from tests.c_header import constants_of
from tests.sanitized import FLAGS, address_sanitizer, run_sanitized

VOCABULARIES = {
    "korean": load_vocabulary("korean"),
    "american": load_vocabulary("american"),
    "korean that lacks letters": Vocabulary.of([*"ㅏㄱㄴㅎㅣㄹㅗㅅ"]),
}
OPTIONS = (
    DEFAULT,
    OF_KNOWN_HAND,
    replace(DEFAULT, missed=math.inf, space=math.inf, doubled=0.0, again=math.inf),
    replace(DEFAULT, language=1e-3, false=0.0, missed=0.0),
)

ODD = st.sampled_from([0.0, -0.0, math.inf, -math.inf, math.nan, 1.7e308, -1.7e308, 5e-324])
SCORES = st.lists(st.one_of(st.floats(-30, 30), ODD), min_size=27, max_size=27)
HOLDS = st.lists(st.tuples(SCORES, st.one_of(st.none(), st.integers(0, 7)), st.booleans()), min_size=1, max_size=6)

MANY = """
import sys
from pathlib import Path
import numpy as np
from scaleglove.language.language_model import language_model
from service.streams.words.beam import RETRIED, WIDTH
from service.streams.words.native.build import LIBRARY
from service.streams.words.native_search import CompiledSearch, NativeSearch
from service.streams.words.options import DEFAULT
from service.streams.words.signed_letter import SignedLetter
from service.streams.words.word_search import MAX_HOLDS, Spelling

labels = tuple(range(24))
compiled = CompiledSearch(LIBRARY.load(Path(sys.argv[1])), language_model("korean"), labels, DEFAULT)
rng = np.random.default_rng(0)
for word in range(4):
    search = NativeSearch(compiled)
    for hold in range(MAX_HOLDS):
        scores = rng.normal(0, 4, 25)
        written = None if rng.random() < 0.3 else int(rng.integers(24))
        search.push(SignedLetter(scores, written, bool(rng.random() < 0.5)), written)
    search.pop()
    search.ends()
    search.written(Spelling(tuple(rng.integers(0, 24, MAX_HOLDS).tolist()), (None,) * MAX_HOLDS), 0.0)
print("ran to its end")
"""


def native_of(vocabulary: Vocabulary, options: WordOptions) -> NativeSearch:
    """Return the compiled search; skip the test where there is none."""
    library, model = LIBRARY.load(), language_model(vocabulary.language)
    if library is None:
        pytest.skip("nothing is compiled")
    assert model is not None
    labels = Emissions(vocabulary, model.letters, options.sharpness).labels
    return NativeSearch(native_search.compiled_search(library, model, labels, options))


def reference_of(vocabulary: Vocabulary, options: WordOptions) -> ArraySearch:
    model = language_model(vocabulary.language)
    assert model is not None
    return ArraySearch(model, Emissions(vocabulary, model.letters, options.sharpness), options)


def letter_of(vocabulary: Vocabulary, label: int) -> int:
    model = language_model(vocabulary.language)
    assert model is not None
    return Emissions(vocabulary, model.letters, 1.0).labels.index(label)


@pytest.mark.parametrize("vocabulary", VOCABULARIES.values(), ids=VOCABULARIES)
@pytest.mark.parametrize("options", OPTIONS)
def test_any_holds_are_searched_alike(vocabulary: Vocabulary, options: WordOptions) -> None:
    native, reference = native_of(vocabulary, options), reference_of(vocabulary, options)

    @given(HOLDS, st.integers(0, 3))
    @settings(max_examples=10, deadline=None)
    def alike(holds: list[tuple[list[float], int | None, bool]], taken_back: int) -> None:
        native.clear(), reference.clear()
        for scores, label, is_letter in holds:
            signed = SignedLetter(np.array(scores), label, is_letter)
            written = None if label is None else letter_of(vocabulary, label)
            assert native.push(signed, written) == reference.push(signed, written)
        assert native.ends() == reference.ends()
        for _ in range(min(taken_back, len(holds) - 1)):
            native.pop(), reference.pop()
        assert native.ends() == reference.ends()

    alike()


def signings(words: DrawnWords, count: int, rng: np.random.Generator) -> Iterator[list[SignedLetter]]:
    """Yield the holds of words drawn by their frequency, with letters that are missed, held twice or false."""
    classes = len(words.model.letters) + 1
    for word in words.draw(count, 0.15, rng):
        labels = [label for label in word.labels for _ in range(rng.choice([0, 1, 2], p=[0.08, 0.84, 0.08]))]
        for place in np.flatnonzero(rng.random(len(labels)) < 0.08).tolist():
            labels.insert(place, int(rng.integers(classes - 1)))
        holds = []
        for label in labels:
            scores = rng.normal(0, 4, classes)
            scores[label] += 8
            is_written = rng.random() < 0.8
            written = int(scores[:-1].argmax()) if is_written else None
            holds.append(SignedLetter(scores, written, bool(is_written or rng.random() < 0.5)))
        yield holds


def understood(decoder: WordDecoder, holds: list[SignedLetter]) -> DecodedWord:
    decoder.clear()
    for hold in holds:
        decoder.push(hold)
    return decoder.result()


@pytest.mark.parametrize("options", [DEFAULT, OF_KNOWN_HAND])
@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_the_lists_are_understood_alike(language: str, options: WordOptions) -> None:
    words, rng = DrawnWords(language, 0), np.random.default_rng(1)
    labels = Vocabulary.of(words.model.letters)
    library = LIBRARY.load()
    if library is None:
        pytest.skip("nothing is compiled")
    decoders = [WordDecoder(labels, words.model, options, find) for find in (fastest_search, ArraySearch)]
    for holds in signings(words, 60, rng):
        first, second = (understood(decoder, holds) for decoder in decoders)
        assert first == second


@pytest.mark.parametrize("vocabulary", [VOCABULARIES["korean"], VOCABULARIES["american"]])
def test_what_was_written_is_scored_alike(vocabulary: Vocabulary) -> None:
    native, reference = native_of(vocabulary, DEFAULT), reference_of(vocabulary, DEFAULT)
    model, rng = language_model(vocabulary.language), np.random.default_rng(2)
    assert model is not None
    rows = [tuple(rng.integers(0, 24, size).tolist()) for size in range(20)]
    if vocabulary.language == "english":
        rows += [model.indices(word.replace("'", "")) for word in list(word_list("english"))[::100]]
    else:
        rows += [word.labels for word in DrawnWords("korean", 0).draw(200, 0.0, rng)]
    for row in rows:
        spelling = Spelling(row, (None,) * len(row))
        assert native.written(spelling, -1.25) == reference.written(spelling, -1.25)


def test_the_longest_word_is_searched_alike() -> None:
    vocabulary, rng = VOCABULARIES["korean"], np.random.default_rng(3)
    searches: list[WordSearch] = [native_of(vocabulary, DEFAULT), reference_of(vocabulary, DEFAULT)]
    for place in range(MAX_HOLDS):
        signed = SignedLetter(rng.normal(0, 3, 25), place % 24)
        assert len({search.push(signed, place % 24) for search in searches}) == 1
    first, second = (search.ends() for search in searches)
    assert first == second


def test_a_label_without_a_score_is_refused() -> None:
    for search in (native_of(VOCABULARIES["korean"], DEFAULT), reference_of(VOCABULARIES["korean"], DEFAULT)):
        with pytest.raises(IndexError):
            search.push(SignedLetter(np.zeros(5), None), None)


def test_the_reference_runs_where_nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_search, "_library", lambda: None)
    model = language_model("korean")
    assert model is not None
    emissions = Emissions(VOCABULARIES["korean"], model.letters, 1.0)
    assert isinstance(fastest_search(model, emissions, DEFAULT), ArraySearch)


def test_clean_under_sanitizers(tmp_path: Path) -> None:
    address_sanitizer()
    LIBRARY.build(FLAGS, into=tmp_path)
    done = run_sanitized(MANY, str(tmp_path))
    assert done.stdout == "ran to its end\n", done.stderr


def test_sizes_are_those_of_the_header() -> None:
    sizes = {"MAX_LETTERS": native_search._MAX_LETTERS, "MAX_HOLDS": MAX_HOLDS, "TRACED": TRACED}
    beam = {"WIDTH": WIDTH, "RETRIED": RETRIED, "NO_HOLD": native_search._NO_HOLD}
    assert constants_of(LIBRARY.folder / "beam.h").items() >= {**sizes, **beam}.items()


def test_a_language_of_more_letters_is_searched_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    model = language_model("english")
    assert model is not None
    monkeypatch.setattr(native_search, "_MAX_LETTERS", len(model.letters) - 1)
    emissions = Emissions(VOCABULARIES["american"], model.letters, 1.0)
    assert isinstance(fastest_search(model, emissions, DEFAULT), ArraySearch)

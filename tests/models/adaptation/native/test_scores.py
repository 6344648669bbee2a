"""The compiled scores are those of Python, whatever a model and a user are."""

from __future__ import annotations

from ctypes import CDLL, sizeof
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.adaptation.additive import AdditiveModel
from models.adaptation.learned import Centres, Learned, WeightedHolds
from models.adaptation.native import LIBRARY, MOST_CLASSES, MOST_EXAMPLES, MOST_WIDTH
from models.adaptation.native.learned_scores import Learned as LearnedStruct
from models.adaptation.native.learned_scores import Terms
from models.adaptation.native.model_scores import Known, ModelScores
from models.adaptation.native.user_scores import User, UserScores
from models.adaptation.open_set import OpenSetReference
from models.adaptation.scored import Scored
from tests.c_header import constants_of
from tests.models.adaptation.native.cases import assert_alike, examples, model_reference, outputs, user_reference

SEEDS = st.integers(0, 2**32 - 1)
CLASSES = st.integers(1, 26)
WIDTHS = st.integers(1, 40)


def test_structs_are_those_of_the_headers(library: CDLL) -> None:
    assert library.scaleglove_model_reference_bytes() == sizeof(Known)
    assert library.scaleglove_user_reference_bytes() == sizeof(User)
    assert library.scaleglove_learned_bytes() == sizeof(LearnedStruct)


def test_sizes_are_those_of_the_headers() -> None:
    sizes = {"MOST_CLASSES": MOST_CLASSES, "MOST_WIDTH": MOST_WIDTH, "MOST_EXAMPLES": MOST_EXAMPLES}
    assert constants_of(LIBRARY.folder / "vectors.h").items() >= sizes.items()


@given(SEEDS, CLASSES, WIDTHS)
def test_by_what_a_model_knows(library: CDLL, seed: int, classes: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    reference = model_reference(rng, classes, width)
    compiled = ModelScores.of(reference.parts, library)
    if compiled is None:
        assert np.isinf(reference.class_spacing)  # one letter has no other beside it
        return
    asked = outputs(rng, classes, width)
    with np.errstate(invalid="ignore"):  # of a window that is no numbers
        scores = reference.log_scores(*asked)
        plain = Scored.of(scores, reference.confidence(scores))
    assert_alike(compiled.score(*asked), plain)


@given(SEEDS, CLASSES, WIDTHS)
def test_by_a_users_examples(library: CDLL, seed: int, classes: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    reference = user_reference(rng, classes, width)
    compiled = UserScores.of(reference.arrays, library)
    assert compiled is not None
    asked = outputs(rng, classes, width)
    votes = asked.probabilities[:, : rng.integers(0, classes + 1)]  # of own signs the model knows none or some
    rows = len(votes)
    yaws = np.where(rng.random(rows) < 0.5, rng.uniform(-720, 720, rows), np.nan) if rng.random() < 0.7 else None
    with np.errstate(invalid="ignore"):
        scores = reference.log_scores(votes, asked.embeddings, yaws)
        plain = Scored.of(scores, reference.confidence(scores))
    assert_alike(compiled.score(votes, asked.embeddings, yaws), plain)


def learned_of(rng: np.random.Generator, classes: int, width: int) -> Learned:
    """Return what holds or centres have shown."""
    count = int(rng.integers(1, 60))
    embeddings = rng.normal(0, 1, (count, width)).astype(np.float32)
    weights = rng.uniform(0, 1, (count, classes)) ** 4
    return WeightedHolds(embeddings, weights) if rng.random() < 0.5 else Centres.of(embeddings, weights)


@given(SEEDS, CLASSES, WIDTHS)
def test_with_what_was_learned(library: CDLL, seed: int, classes: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    shown = OpenSetReference.of(*examples(rng, classes, width), classes, class_spacing=float(rng.uniform(0.1, 30)))
    learned, terms = learned_of(rng, classes, width), Terms(*rng.uniform(0.1, 3, 3))
    compiled = learned.compiled(shown.rests, terms, library)
    assert compiled is not None
    asked = outputs(rng, classes, width)
    given = Scored.of(
        rng.normal(0, 9, (len(asked.embeddings), classes + 1)), rng.uniform(0.1, 1, len(asked.embeddings))
    )
    with np.errstate(invalid="ignore"):
        nearness = learned.nearness(asked.embeddings, terms.limit)
        to_rest = -12 * np.log1p(np.minimum(terms.limit, shown.to_rest(asked.embeddings)))
        plain = terms.every * (terms.own * given.log_scores + np.column_stack([nearness, to_rest]))
        expected = Scored.of(plain, given.confidence)
    assert_alike(compiled.adjust(given, asked.embeddings), expected)


def test_outputs_of_other_sizes_never_reach_it(library: CDLL) -> None:
    rng = np.random.default_rng(0)
    scores = ModelScores.of(model_reference(rng, 5, 8).parts, library)
    own = UserScores.of(user_reference(rng, 5, 8).arrays, library)
    learned = learned_of(rng, 5, 8).compiled(np.zeros((0, 8), np.float32), Terms(1, 1, 1), library)
    assert scores is not None
    assert own is not None
    assert learned is not None
    right, wrong = outputs(rng, 5, 8), outputs(rng, 4, 7)
    for probabilities, embeddings in (
        (wrong.probabilities, right.embeddings),
        (right.probabilities, right.embeddings[:, :7]),
        (right.probabilities, right.embeddings.astype(np.float16)),
        (np.repeat(right.probabilities, 2, axis=0), right.embeddings),
    ):
        with pytest.raises(ValueError, match="float32"):
            scores.score(probabilities, embeddings)
    for probabilities, yaws in ((np.repeat(right.probabilities, 2, axis=1), None), (right.probabilities, np.zeros(9))):
        with pytest.raises(ValueError, match=r"float32|float64"):
            own.score(probabilities, right.embeddings, yaws)
    with pytest.raises(ValueError, match="float32"):
        learned.adjust(Scored.of(np.zeros((1, 6)), np.ones(1)), right.embeddings[:1, :7])


def test_what_is_too_large_runs_in_python(library: CDLL) -> None:
    wide = OpenSetReference.of(np.eye(3, 2000, dtype=np.float32), range(3), 3)
    many = OpenSetReference.of(np.eye(3, dtype=np.float32), range(3), 600)
    assert not wide.arrays.fits
    assert not many.arrays.fits
    holds = WeightedHolds(np.zeros((1, 2000), np.float32), np.zeros((1, 3)))
    assert holds.compiled(np.zeros((0, 2000), np.float32), Terms(1, 1, 1), library) is None


def test_parts_of_other_sizes_run_in_python(library: CDLL) -> None:
    """Numpy refuses what does not match; C would read beyond it."""
    rng = np.random.default_rng(0)
    whole = next(each for each in (model_reference(rng, 5, 8) for _ in range(99)) if each.additive and each.gaussians)
    narrow, other = model_reference(rng, 5, 7), whole.gaussians
    assert other is not None
    assert ModelScores.of(whole.parts, library) is not None
    for parts in (
        {"additive": AdditiveModel(np.zeros((7, 5), np.float32), np.zeros(5, np.float32))},
        {"gaussians": replace(other, reader=other.reader[:7])},
        {"gaussians": replace(other, letters=other.letters - 1)},
        {"gaussians": replace(other, constants=other.constants[1:])},
        {"prototypes": narrow.prototypes},
    ):
        assert ModelScores.of(replace(whole, **parts).parts, library) is None
    rest, terms = np.zeros((1, 7), np.float32), Terms(1, 1, 1)
    for learned in (
        WeightedHolds(np.zeros((2, 8), np.float32), np.zeros((2, 5))),
        Centres(np.zeros((5, 8)), np.ones(5, bool)),
    ):
        assert learned.compiled(rest, terms, library) is None

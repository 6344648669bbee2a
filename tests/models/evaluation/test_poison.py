"""Nothing is fitted on what is tested: with rubbish for the test part, everything fitted stays bit-identical."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from models.data.dataset import Augmentation, Recording  # noqa: E402
from models.evaluation.baselines import BASELINES  # noqa: E402
from models.evaluation.classifier import Classifier, ClassifierFamily, Windows  # noqa: E402
from models.evaluation.job import Job, measure  # noqa: E402
from models.evaluation.networks import NetworkFamily  # noqa: E402
from models.evaluation.protocols import CROSS_USER, LEAVE_ONE_STYLE_OUT, Draws, Fold, Indices, Known, folds  # noqa: E402
from models.evaluation.ranging import Ranging  # noqa: E402
from models.networks.catalogue import NETWORKS  # noqa: E402
from scaleglove.letters import LETTERS  # noqa: E402
from tests.models.evaluation.test_classifiers import FAMILIES  # noqa: E402

ONE_DRAW = Draws(shots=(2,), support_sets=1, shapes=24, ranges=1, sessions=1)

NOT_FITTED = {"_known"}  # what a network remembers of windows that it was asked about


def fitted_parts(thing: object, path: str = "") -> Iterable[tuple[str, bytes]]:
    """Yield every number inside: weights, normaliser, trees, references, class means."""
    inside = _inside(thing)
    if inside is None:
        yield path, thing.tobytes() if isinstance(thing, np.ndarray) else repr(thing).encode()
    else:
        for name, value in inside.items():
            if name not in NOT_FITTED:
                yield from fitted_parts(value, f"{path}/{name}")


def _inside(thing: object) -> Mapping[Any, object] | None:  # noqa: PLR0911 - one for each kind of thing
    """Return the parts by name; None for numbers and what has no parts."""
    if isinstance(thing, torch.Tensor):
        return {"": thing.numpy()}
    if isinstance(thing, torch.nn.Module):
        return thing.state_dict()
    if isinstance(thing, np.ndarray):  # a record field by field: the gaps between fields hold anything
        return {name: np.ascontiguousarray(thing[name]) for name in thing.dtype.names} if thing.dtype.names else None
    if isinstance(thing, Mapping):
        return thing
    if isinstance(thing, list | tuple):
        return dict(enumerate(thing))
    if type(thing).__module__ == "sklearn.tree._tree":  # compiled: its arrays are in its state
        return thing.__getstate__()
    if hasattr(thing, "__dict__") and not isinstance(thing, type):  # without what is made of it at first use
        kept = vars(thing).items()
        return {name: part for name, part in kept if not isinstance(getattr(type(thing), name, None), cached_property)}
    if slots := getattr(type(thing), "__slots__", ()):
        return {name: getattr(thing, name) for name in slots}
    return None


class Watched:
    """A family that notes the fitted parts of every classifier that comes of it, in the order of their making."""

    def __init__(self, family: Any, ready: Classifier | None = None) -> None:
        self._family, self._ready = family, ready
        self.name, self.settings, self.learns_ranges = family.name, family.settings, family.learns_ranges
        self.answers: list[Any] = []
        self.classifiers: list[Classifier] = []
        self.noted: list[dict[str, bytes]] = []

    def fit(self, train: Sequence[Recording], seed: int) -> Classifier:
        return _Watched(self._ready or self._family.fit(train, seed), self)


class _Watched:
    def __init__(self, classifier: Classifier, log: Watched) -> None:
        self._classifier, self._log = classifier, log
        log.classifiers.append(classifier)

    def probabilities(self, windows: Windows) -> Any:
        answers = self._classifier.probabilities(windows)
        self._log.noted.append(dict(fitted_parts(self._classifier)))  # after it has seen the test part
        self._log.answers.append(answers)
        return answers

    def ranged(self) -> Classifier:
        return _Watched(self._classifier.ranged(), self._log)

    def without_direction(self) -> Any:
        return self._classifier.without_direction()

    def served(self, windows: Windows) -> Any:
        return self._classifier.served(windows)

    def doubtful(self, held: Windows, examples: Windows, count: int) -> Any:
        return self._classifier.doubtful(held, examples, count)

    def of_known(self, person: str) -> Classifier | None:
        known = self._classifier.of_known(person)
        return None if known is None else _Watched(known, self._log)

    def with_examples(self, examples: Sequence[Recording]) -> Classifier:
        return _Watched(self._classifier.with_examples(examples), self._log)

    def with_unlabelled(self, frames: Windows) -> Classifier | None:
        calibrated = self._classifier.with_unlabelled(frames)
        return None if calibrated is None else _Watched(calibrated, self._log)


def poisoned(recordings: Sequence[Recording], indices: Indices) -> list[Recording]:
    """Replace the values and letters of these recordings by rubbish."""
    rng = np.random.default_rng(9)
    spoiled = list(recordings)
    for index in indices:
        recording = spoiled[index]
        samples = rng.uniform(-500, 9e4, recording.samples.shape).astype(np.float32)
        spoiled[index] = replace(recording, samples=samples, label=(recording.label + 7) % len(LETTERS))
    return spoiled


def watch(
    name: str,
    fold: Fold,
    recordings: Sequence[Recording],
    ready: Classifier | None = None,
    family: ClassifierFamily | None = None,
) -> Watched:
    watched = Watched(family or FAMILIES[name], ready)
    measure(Job(watched, 0, fold), recordings)
    return watched


def bare(fold: Fold) -> Fold:
    """Return a fold without what is drawn of its test part."""
    return replace(fold, ranges=(), splits=(), support_sets=(), sessions=())


@pytest.fixture(scope="module")
def fold(real: list[Recording]) -> Fold:
    """Return the cross-user fold of one collection, with one draw of each kind."""
    found = folds(Known.of(real), 0, ONE_DRAW)
    return next(fold for fold in found if fold.protocol == CROSS_USER)


FITTED_ALIKE = {"MSCSGRU_ScaleAware", "MSCSGRU_ScaleHard", "MSCGRU_ScaleAware", "MSCSGRU_ScaleAware_Moving"}
"""Networks that only compute otherwise than one that is tried: MSCSGRU, one with bins, one trained on sequences."""


@pytest.mark.parametrize("name", [name for name in FAMILIES if name not in FITTED_ALIKE])
def test_rubbish_in_the_test_part_changes_nothing_that_is_fitted(name: str, real: list[Recording], fold: Fold) -> None:
    plain = bare(fold)
    clean = watch(name, plain, real)
    assert clean.noted[0]
    if name in NETWORKS:  # the model's own reference is fitted too
        assert {"/reference/additive/weights", "/reference/prototypes/embeddings"} <= clean.noted[0].keys()
    spoiled = watch(name, plain, poisoned(real, fold.test))
    assert spoiled.noted == clean.noted
    if name != "MajorityGuess":  # and the same eye does see what is changed in the training part
        assert watch(name, plain, poisoned(real, fold.train[:3])).noted[0] != clean.noted[0]

    # What is calibrated, on the fit of above: each support set and each split with its own test part spoiled.
    for part in (
        *({"support_sets": (chosen,)} for chosen in fold.support_sets),
        *({"splits": (half,)} for half in fold.splits),
        *({"sessions": (session,)} for session in fold.sessions if name in NETWORKS),
    ):
        only = replace(plain, **part)
        tested = (*only.support_sets, *only.splits, *only.sessions)[0].test
        shown = np.setdiff1d(fold.test, tested)
        usual = watch(name, only, real, clean.classifiers[0])
        assert watch(name, only, poisoned(real, tested), clean.classifiers[0]).noted == usual.noted
        if name in NETWORKS:  # both kinds of calibration are there to be spoiled
            about_the_user = "/calibration/centres" if only.splits else "/reference/examples/embeddings"
            assert any(path.startswith(about_the_user) for path in usual.noted[-1])
        if len(usual.classifiers) > 1:
            other = watch(name, only, poisoned(real, shown), clean.classifiers[0])
            assert other.noted[-1] != usual.noted[-1]


def test_what_a_known_wearer_showed_is_of_the_training_alone(real: list[Recording]) -> None:
    name = "MSCSGRU_ScaleAware_Encoded"
    fold = next(one for one in folds(Known.of(real), 0, ONE_DRAW) if one.protocol == LEAVE_ONE_STYLE_OUT)
    usual = watch(name, fold, real)
    assert watch(name, fold, poisoned(real, fold.test)).noted == usual.noted
    of_wearers = [noted for noted in usual.noted if "/reference/examples/embeddings" in noted]
    assert len(of_wearers) == len({real[index].collection for index in fold.test})
    assert watch(name, fold, poisoned(real, fold.train[:3])).noted[-1] != usual.noted[-1]


@pytest.mark.parametrize("name", BASELINES)
def test_on_no_fold_of_any_protocol(name: str, real: list[Recording]) -> None:
    for whole in folds(Known.of(real), 0, Draws(shots=(), support_sets=0, ranges=0, sessions=0)):
        fold = bare(whole)
        assert watch(name, fold, real).noted == watch(name, fold, poisoned(real, fold.test)).noted


@pytest.mark.parametrize("name", ["ExtraTrees", "Splines", "MSCSGRU_ScaleAware_Encoded"])
@pytest.mark.parametrize("many", [False, True])
def test_rubbish_in_the_test_part_changes_no_range(
    name: str, many: bool, real: list[Recording], people: list[Recording]
) -> None:
    """One window that is tested stays as it is: its answer shows the range that it was brought to."""
    recordings = people if many else real
    family = of_many(name) if many else FAMILIES[name]
    fold = next(one for one in folds(Known.of(recordings), 0, ONE_DRAW) if one.protocol == CROSS_USER)
    (draw,) = fold.ranges
    only = replace(bare(fold), test=draw.test, ranges=fold.ranges)
    ready = family.fit(ranged_to(family, [recordings[index] for index in fold.train]), 0)
    usual, spoiled, other = (
        watch(name, only, poisoned(recordings, indices), ready, family)
        for indices in ([], draw.test[1:], np.unique(draw.unlabelled)[:4])
    )
    assert spoiled.noted == usual.noted
    np.testing.assert_array_equal(spoiled.answers[-1][0], usual.answers[-1][0])
    assert not np.array_equal(spoiled.answers[-1][1:], usual.answers[-1][1:])
    assert not np.array_equal(other.answers[-1][0], usual.answers[-1][0])


def test_rubbish_in_the_test_part_changes_no_front_end_and_no_question(people: list[Recording]) -> None:
    name = "MSCSGRU_ScaleAware_Encoded"
    family = of_many(name)
    fold = next(one for one in folds(Known.of(people), 0, ONE_DRAW) if one.protocol == CROSS_USER)
    ready = family.fit([people[index] for index in fold.train], 0)
    for part in ({"support_sets": fold.support_sets[:1]}, {"sessions": fold.sessions}):
        only = replace(bare(fold), **part)
        (drawn,) = (*only.support_sets, *only.sessions)
        watch(name, only, people, ready, family)  # what is computed when it is needed first is there from here on
        usual, spoiled, other = (
            watch(name, only, poisoned(people, indices), ready, family)
            for indices in ([], drawn.test, np.setdiff1d(fold.test, drawn.test))
        )
        assert spoiled.noted == usual.noted
        assert other.noted[-1] != usual.noted[-1]
        gains = [noted["/front_end/gain"] for noted in usual.noted]
        assert gains[-1] != gains[0]  # fitted to what was shown


def of_many(name: str) -> ClassifierFamily:
    """Return a family that makes use of the ranges of many people, if it can."""
    if name not in NETWORKS:
        return FAMILIES[name]
    return NetworkFamily(replace(FAMILIES[name].recipe, augmentation=Augmentation(other_range=0.6)))


def ranged_to(family: ClassifierFamily, train: list[Recording]) -> Sequence[Recording]:
    """Return the training set to which a family is fitted before users are ranged."""
    return train if family.learns_ranges else Ranging.of(train).train

"""One suite for every family of classifiers, networks and baselines."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from models.adaptation.decision import decide, probabilities_of  # noqa: E402
from models.adaptation.doubt import most_doubtful  # noqa: E402
from models.adaptation.yaw_frame import yaw_of  # noqa: E402
from models.data.dataset import Augmentation, Recording  # noqa: E402
from models.evaluation.artefacts import write_artefact  # noqa: E402
from models.evaluation.baselines import (  # noqa: E402
    BASELINES,
    ExtraTrees,
    FittedSplines,
    MajorityGuess,
    NearestNeighbour,
    Splines,
)
from models.evaluation.classifier import REJECTED, Classifier, ClassifierFamily  # noqa: E402
from models.evaluation.networks import FittedNetwork, NetworkFamily, Recogniser  # noqa: E402
from models.export.measured_metadata import write_prototypes  # noqa: E402
from models.networks.catalogue import NETWORKS  # noqa: E402
from models.runtime.artefact import Artefact  # noqa: E402
from models.training.recipe import Recipe  # noqa: E402
from scaleglove.letters import LETTERS  # noqa: E402
from scaleglove.recordings import find_recordings, load_folder  # noqa: E402
from service.wearers.own_signs import reference_of  # noqa: E402

FAMILIES: dict[str, ClassifierFamily] = {
    **{name: NetworkFamily(Recipe(model=name, epochs=1, batch_size=16)) for name in NETWORKS},
    **{name: family(labels=LETTERS) for name, family in BASELINES.items()},
    "ExtraTrees": ExtraTrees(trees=30, labels=LETTERS),
}


@pytest.fixture(scope="module")
def fitted(real: list[Recording]) -> Callable[[str], Classifier]:
    """Return classifiers by name, fitted on the first collection; made once."""
    made: dict[str, Classifier] = {}

    def make(name: str) -> Classifier:
        if name not in made:
            made[name] = FAMILIES[name].fit(real[:24], 0)
        return made[name]

    return make


@pytest.mark.parametrize("name", FAMILIES)
class TestEveryFamily:
    def test_answers_windows_of_any_length_with_probabilities(
        self, name: str, fitted: Callable[[str], Classifier], real: list[Recording]
    ) -> None:
        classifier = fitted(name)
        windows = [real[30].samples[:frames] for frames in (1, 2, 5, 80, 85)]
        answers = classifier.probabilities(windows)
        assert answers.shape == (5, len(LETTERS))
        assert answers.dtype == np.float32
        np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)
        alone = np.concatenate([classifier.probabilities([window]) for window in windows])
        np.testing.assert_allclose(answers, alone, atol=1e-5)

    def test_is_the_same_for_the_same_seed_and_travels(
        self, name: str, fitted: Callable[[str], Classifier], real: list[Recording]
    ) -> None:
        family: ClassifierFamily = pickle.loads(pickle.dumps(FAMILIES[name]))
        windows = [recording.samples for recording in real[24:]]
        again = family.fit(real[:24], 0)
        assert_array_equal(again.probabilities(windows), fitted(name).probabilities(windows))
        assert (family.name, family.settings) == (FAMILIES[name].name, FAMILIES[name].settings)
        assert "seed" not in family.settings

    def test_examples_make_a_new_classifier_and_leave_the_old_as_it_was(
        self, name: str, fitted: Callable[[str], Classifier], real: list[Recording]
    ) -> None:
        classifier = fitted(name)
        windows = [recording.samples for recording in real[24:]]
        before = classifier.probabilities(windows)
        shown = [recording for recording in real[24:] if recording.bend == "1"][::3]
        calibrated = classifier.with_examples(shown)
        assert_array_equal(classifier.probabilities(windows), before)
        after = calibrated.probabilities([recording.samples for recording in shown])
        np.testing.assert_allclose(after.sum(axis=1), 1, atol=1e-5)
        if name != "MajorityGuess":
            assert_array_equal(after.argmax(axis=1), [recording.label for recording in shown])
            assert not np.array_equal(calibrated.probabilities(windows), before)

    def test_networks_reject_and_doubt_and_baselines_do_not(
        self, name: str, fitted: Callable[[str], Classifier], real: list[Recording]
    ) -> None:
        examples = real[24::4]
        classifier = fitted(name).with_examples(examples)
        windows, shown = ([recording.samples for recording in part] for part in (real[24:], examples))
        served, asked = classifier.served(windows), classifier.doubtful(windows, shown, 4)
        if name not in NETWORKS:
            assert served is None
            assert asked is None
            return
        assert served.labels[::4].tolist() == [recording.label for recording in examples]
        assert len(set(asked)) == 4
        assert not set(asked) & set(range(0, 24, 4))  # never of what is an example already
        rubbish = [np.random.default_rng(0).uniform(-500, 9e4, (20, 8)).astype(np.float32)]
        assert set(fitted(name).served([*windows, *rubbish]).labels) <= {REJECTED, 0, 1, 2, 3}

    def test_networks_know_the_people_of_their_training_and_baselines_do_not(
        self, name: str, fitted: Callable[[str], Classifier], real: list[Recording]
    ) -> None:
        classifier = fitted(name)
        windows = [recording.samples for recording in real[:24]]
        before = classifier.probabilities(windows)
        known = classifier.of_known(real[0].collection)
        assert (known is not None) == (name in NETWORKS)
        assert classifier.of_known(real[-1].collection) is None  # who was not there
        if known is not None:
            assert (known.probabilities(windows).argmax(axis=1) == [one.label for one in real[:24]]).mean() > 0.9
            assert_array_equal(classifier.probabilities(windows), before)

    def test_networks_calibrate_themselves_and_leave_the_old_as_it_was(
        self, name: str, fitted: Callable[[str], Classifier], real: list[Recording]
    ) -> None:
        classifier = fitted(name)
        windows = [recording.samples for recording in real[24:]]
        before = classifier.probabilities(windows)
        calibrated = classifier.with_unlabelled(windows[::2])
        assert (calibrated is not None) == (name in NETWORKS)
        if calibrated is not None:
            after = calibrated.probabilities(windows)
            np.testing.assert_allclose(after.sum(axis=1), 1, atol=1e-5)
            assert not np.array_equal(after, before)
            assert_array_equal(classifier.probabilities(windows), before)
            assert_array_equal(classifier.with_unlabelled(windows[::2]).probabilities(windows), after)


def test_trees_have_the_published_accuracy_on_the_published_statistics(recordings_root) -> None:
    """shared/data/README.md: trained on collection_a and tested on collection_b 45.7 %, on the frames as recorded."""
    episodes, _ = load_folder(
        recordings_root, [path for name in "ab" for path in find_recordings(recordings_root / f"collection_{name}")]
    )
    by_collection: dict[str, list[Recording]] = {}
    for e in episodes:
        if len(e.values) >= 10:
            by_collection.setdefault(e.collection, []).append(
                Recording(e.values, LETTERS.index(e.label), e.collection, e.bend)
            )
    tested = by_collection["collection_b"]
    trees = ExtraTrees(labels=LETTERS).fit(by_collection["collection_a"], 0)
    named = trees.probabilities([recording.samples for recording in tested]).argmax(axis=1)
    assert 100 * np.mean(named == [recording.label for recording in tested]) == pytest.approx(45.7, abs=1.5)


def flat(level: float, letter: int) -> Recording:
    return Recording(np.full((80, 8), level, np.float32), letter, "a", "1")


def test_the_nearest_neighbour_is_nearest_after_standardising() -> None:
    wide, narrow = np.zeros((4, 80, 8), np.float32), [0.0, 0.0, 1.0, 1.0]
    wide[:, :, 0] = np.array([0, 1000, 0, 1000])[:, None]  # loud, and says nothing
    wide[:, :, 1] = np.array(narrow)[:, None]
    train = [Recording(samples, letter, "a", "1") for samples, letter in zip(wide, (0, 0, 1, 1), strict=True)]
    asked = np.zeros((80, 8), np.float32)
    asked[:, 0], asked[:, 1] = 400, 0.9  # by raw distance the first episode, letter 0
    assert NearestNeighbour(labels=LETTERS).fit(train, 0).probabilities([asked]).argmax() == 1


def test_splines_see_no_seam_in_angles_and_no_yaw() -> None:
    rng = np.random.default_rng(0)
    turned = [Recording(one.samples + np.float32([0] * 6 + [60 * one.label, 0]), one.label, "a", "1") for one in (
        flat(level, letter) for letter, level in ((0, 700), (1, 750), (2, 800)) for _ in range(5)
    )]  # fmt: skip
    splines = Splines(labels=LETTERS).fit(turned, 0)
    window = turned[-1].samples + rng.normal(0, 1, (80, 8)).astype(np.float32)
    seam = np.tile(np.float32([360, -360]), 40)
    jumping, other_yaw = window.copy(), window.copy()
    jumping[:, 6] += seam
    other_yaw[:, 7] += 90
    expected = splines.probabilities([window])
    for same in (jumping, other_yaw):
        np.testing.assert_allclose(splines.probabilities([same]), expected, atol=1e-4)
    assert expected[0].argmax() == 2


def test_an_example_weighs_as_much_as_copies_of_a_training_episode() -> None:
    train, example = [flat(700, 0), flat(800, 1), flat(900, 2)], flat(760, 0)
    splines = Splines(labels=LETTERS, copies=3).fit(train, 0)
    once = replace(splines._family, copies=1)
    copied = FittedSplines(once, splines._transform, splines._features, splines._letters, splines._weights)
    window = [flat(770, 0).samples]
    np.testing.assert_allclose(
        splines.with_examples([example]).probabilities(window),
        copied.with_examples([example] * 3).probabilities(window),
        atol=1e-4,
    )


def test_the_majority_guess_names_the_commonest_letter_and_is_as_sure_as_it_is_common() -> None:
    guess = MajorityGuess(labels=LETTERS).fit([flat(0, 3), flat(1, 3), flat(2, 5)], 0)
    answer = guess.probabilities([np.zeros((5, 8), np.float32)])[0]
    assert (answer.argmax(), answer.max()) == (3, pytest.approx(2 / 3))
    shown = guess.with_examples([flat(9, 5)] * 3)
    assert shown.probabilities([np.zeros((5, 8), np.float32)]).argmax() == 5


def test_a_window_goes_through_the_network_once_and_is_answered_as_if_it_were_new(
    fitted: Callable[[str], Classifier], real: list[Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    recogniser = fitted("MSCGRU_ScaleAware").recogniser
    new = Recogniser(recogniser.network, recogniser.normaliser, 80)
    windows = [recording.samples for recording in real[24:30]]
    probabilities, embeddings = new.recognise(windows[:4])
    asked: list[int] = []
    answer = new._batch
    monkeypatch.setattr(new, "_batch", lambda windows: asked.append(len(windows)) or answer(windows))
    again = new.recognise([*windows[5:], *windows[:4], *windows[4:]])
    assert asked == [2]  # the fifth and, once only, the sixth
    assert_array_equal(again[0][1:5], probabilities)
    assert_array_equal(again[1][1:5], embeddings)
    assert_array_equal(again[0][0], again[0][-1])


def network_and_artefact(
    made: list[Recording], folder: Path, recipe: Recipe | None = None
) -> tuple[FittedNetwork, Artefact]:
    """Return a network fitted to recordings, and its artefact."""
    recipe = recipe or Recipe(model="MSCSGRU_ScaleAware_Encoded", epochs=1, batch_size=16)
    fitted = NetworkFamily(recipe).fit(made, 0)
    path = write_artefact(fitted.recogniser, recipe, made, folder)
    write_prototypes(path, made)
    return fitted, Artefact.load(path)


@pytest.mark.parametrize("shown", ["made", "people"])
def test_a_network_names_letters_by_the_reference_that_its_artefact_has(
    shown: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    recordings: list[Recording] = request.getfixturevalue(shown)
    few = Recipe(model="MSCSGRU_ScaleAware_Encoded", epochs=1, batch_size=16)
    many = replace(few, batch_size=64, augmentation=Augmentation(other_range=0.6))
    fitted, artefact = network_and_artefact(recordings, tmp_path, few if shown == "made" else many)
    assert artefact.reference is not None
    assert artefact.reference.additive is not None
    assert (artefact.reference.gaussians is not None) == (shown == "people")
    windows = between(recordings)
    outputs = artefact.run_windows(windows)
    for network, reference in ((fitted, artefact.reference), (fitted.ranged(), artefact.reference.ranged())):
        scores = reference.log_scores(outputs.probabilities, outputs.embedding)
        expected = probabilities_of(reference, scores)
        letters = expected[:, :-1] / expected[:, :-1].sum(axis=1, keepdims=True)
        np.testing.assert_allclose(network.probabilities(windows), letters, atol=1e-3)
        named = [decide(row) for row in expected]
        served = network.served(windows)
        assert served.labels.tolist() == [REJECTED if one.letter is None else one.letter for one in named]
        best = [one.candidates[0][1] for one in named]  # rejection has its share of it
        np.testing.assert_allclose(served.confidence, best, atol=1e-3)
        assert (np.array(best) < letters.max(axis=1)).all()
    assert not np.allclose(fitted.probabilities(windows), fitted.ranged().probabilities(windows), atol=1e-3)


def test_a_known_wearer_has_the_examples_that_the_artefact_has_of_them(made: list[Recording], tmp_path: Path) -> None:
    fitted, artefact = network_and_artefact(made, tmp_path)
    assert artefact.reference is not None
    windows = [recording.samples[:20] for recording in made]
    outputs = artefact.run_windows(windows)
    for person in artefact.reference.people:
        shown, known = artefact.reference.shown_by(person), fitted.of_known(person)
        assert shown is not None
        assert known is not None
        reference = reference_of(shown, len(LETTERS), len(LETTERS), artefact.reference)  # as the service makes it
        letters = reference.log_scores(outputs.probabilities, outputs.embedding)[:, :-1]
        answers = probabilities_of(reference, letters)
        np.testing.assert_allclose(known.probabilities(windows), answers, atol=0.02)


def between(made: list[Recording]) -> list[np.ndarray]:
    """Return windows of hands half-way from one letter to another."""
    return [(one.samples[:20] + other.samples[:20]) / 2 for one, other in zip(made[:16], made[16:32], strict=True)]


def test_a_users_own_examples_stand_against_a_range(made: list[Recording]) -> None:
    fitted = NetworkFamily(Recipe(model="MSCGRU_ScaleAware", epochs=1, batch_size=16)).fit(made[::2], 0)
    calibrated = fitted.with_examples(made[1::8])
    windows = [recording.samples for recording in made[1::2]]
    assert_array_equal(calibrated.ranged().probabilities(windows), calibrated.probabilities(windows))


def test_the_direction_of_a_hand_tells_letters_apart_that_nothing_else_does(made: list[Recording]) -> None:
    fitted = NetworkFamily(Recipe(model="MSCSGRU_ScaleAware_Encoded", epochs=1, batch_size=16)).fit(made, 0)
    shape = made[0].samples.copy()
    shape[:, -3:-1] = 0
    ways = np.repeat(shape[np.newaxis], 3, axis=0)
    ways[:, :, -1] = np.array([-120.0, 0.0, 120.0])[:, np.newaxis]
    examples = [replace(made[0], samples=way, label=label) for label, way in enumerate(ways)]
    calibrated = fitted.with_examples(examples)
    known = calibrated.probabilities([*ways])
    assert_array_equal(known.argmax(axis=1), [0, 1, 2])
    unknown = calibrated.without_direction().probabilities([*ways])
    assert (unknown.max(axis=1) < known.max(axis=1)).all()


def test_what_is_asked_is_chosen_with_rejection_and_without_the_direction(made: list[Recording]) -> None:
    fitted = NetworkFamily(Recipe(model="MSCSGRU_ScaleAware_Encoded", epochs=1, batch_size=16)).fit(made, 0)
    examples, rng = made[::4], np.random.default_rng(0)
    calibrated, reference = fitted.with_examples(examples), fitted.with_examples(examples).reference
    hands = [np.hstack([rng.uniform(600, 1000, 5), rng.uniform(-150, 150, 3)]) for _ in range(96)]
    held = [np.tile(hand, (20, 1)).astype(np.float32) for hand in hands]
    probabilities, embeddings = calibrated._recognise(held)
    shown = [example.samples for example in examples]
    asked = calibrated.doubtful(held, shown, 24)

    def chosen(by: np.ndarray) -> list[int]:
        return most_doubtful(embeddings, by, calibrated._recognise(shown)[1], 24).tolist()

    def answers(yaws: np.ndarray | None) -> np.ndarray:
        return probabilities_of(reference, reference.log_scores(probabilities, embeddings, yaws))

    alike = answers(None)
    assert asked.tolist() == chosen(alike)
    letters = alike[:, :-1] / alike[:, :-1].sum(axis=1, keepdims=True)
    facing = answers(np.array([yaw_of(window) for window in held]))
    assert asked.tolist() not in (chosen(letters), chosen(facing))

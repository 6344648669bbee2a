"""Stillness is measured on what the glove itself read of its lean."""

from __future__ import annotations

import numpy as np
import pytest

from models.adaptation.front_end import LEAN, FrontEnd, gravity, lean
from models.adaptation.user_reference import Examples, UserReference
from models.runtime.artefact import Artefact
from scaleglove.letter_templates import load_templates
from scaleglove.letters import LETTERS
from scaleglove.protocol import KnownLetter, SelfCalibrated, ServerMessage
from service.streams.user_adaptation import Known, UserAdaptation
from service.streams.words.lesson import Lesson

FRAMES = 80


def held(readings: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return a window of a hand that holds one shape, with the noise of a glove."""
    noise = np.random.default_rng(seed).normal(0, [3.0] * 5 + [0.3] * 3, (FRAMES, 8))
    return (readings + noise).astype(np.float32)


def shown_by(artefact: Artefact) -> UserReference:
    """Return the reference of a user who holds each letter as the training's people did."""
    own = artefact.reference
    assert own is not None
    return UserReference.of(Examples(own.embeddings, own.labels.tolist()), own.classes)


def to_the_vertical(reading: np.ndarray) -> np.ndarray:
    """Return a rotation that brings the direction of a lean float64[2] to where the fingers point up."""
    up = gravity(np.array([[90.0, 0.0]]))[0]
    own = gravity(reading[np.newaxis])[0]
    reflected = (up - own) / np.linalg.norm(up - own)
    mirror: np.ndarray = np.eye(3) - 2 * np.outer(reflected, reflected)
    return mirror


@pytest.mark.parametrize("has_motion_sensor", [True, False])
def test_a_hand_that_is_still_is_so_behind_a_front_end_that_turns_it_up(
    artefact: Artefact, has_motion_sensor: bool
) -> None:
    shape = np.array([800, 850, 850, 850, 800, 20, -30, 0.0])
    front_end = FrontEnd(rotation=to_the_vertical(shape[LEAN]))
    adaptation = UserAdaptation(artefact, learns=False, known=Known(front_end=front_end))
    raw = held(shape)
    if not has_motion_sensor:
        raw[:, 5:] = np.nan
    seen = adaptation.see(raw)
    if has_motion_sensor:
        assert np.abs(lean(gravity(shape[np.newaxis, LEAN]) @ front_end.rotation.T)[0, 0]) > 85
        assert seen[:, LEAN].std() > 20  # roll has no meaning here
    evidence = adaptation.weigh(seen, artefact.run_windows([seen]), raw)
    assert evidence.still_ms > 1000


def test_a_hand_that_turns_is_not_still_behind_it(artefact: Artefact) -> None:
    raw = held(np.array([800, 850, 850, 850, 800, 20, -30, 0.0]))
    raw[:, 5] += np.linspace(0, 60, FRAMES)
    adaptation = UserAdaptation(artefact, learns=False, known=Known(front_end=FrontEnd(rotation=np.eye(3)[[1, 0, 2]])))
    seen = adaptation.see(raw)
    assert adaptation.weigh(seen, artefact.run_windows([seen]), raw).still_ms < 200


@pytest.mark.parametrize("moves", [False, True])
def test_of_signs_that_move_held_shapes_teach_nothing_about_a_hand_with_examples(
    artefact: Artefact, moves: bool
) -> None:
    adaptation = UserAdaptation(artefact, learns=True, known=Known(shown_by(artefact), moves=moves))
    letters = [np.array(figures.mean) for figures in load_templates().letters.values()]
    reports: list[ServerMessage] = []
    for number, letter in enumerate(letters):
        moved = np.linspace(letters[number - 1], letter, FRAMES).astype(np.float32)
        for window in (moved, *(held(letter + 8, number) for _ in range(12))):
            evidence = adaptation.weigh(window, artefact.run_windows([window]), window)
            reports += adaptation.learn(evidence, 20.0 * number)
    assert bool(reports) is not moves


def facing(artefact: Artefact, shapes: list[np.ndarray], twin: int, yaws: np.ndarray) -> UserReference:
    """Return the reference of a user who shows letters 0.. by these shapes with these yaws, the last one by the shape
    of the letter `twin`."""
    outputs = artefact.run_windows([held(shape) for shape in (*shapes, shapes[twin])])
    return UserReference.of(Examples(outputs.embedding, range(len(shapes) + 1), yaws), len(LETTERS))


def turned(shape: np.ndarray, yaw: float) -> np.ndarray:
    """Return a window of a hand that holds a shape in a direction."""
    return held(np.append(shape[:7], (yaw + 180) % 360 - 180))


@pytest.mark.parametrize("learns", [True, False])
def test_the_direction_of_a_hand_counts_once_its_zero_is_found_and_no_more_when_the_glove_restarts(
    artefact: Artefact, learns: bool
) -> None:
    """Two letters differ in nothing but direction; the session's yaw is 70 degrees from that of the examples."""
    shapes = [np.array(figures.mean) for figures in load_templates().letters.values()][:14]
    yaws = np.append(np.random.default_rng(0).uniform(-180, 180, 14), 0.0)
    yaws[-1] = yaws[3] + 150
    adaptation = UserAdaptation(artefact, learns=learns, known=Known(facing(artefact, shapes, 3, yaws)))

    def scores(direction: float) -> np.ndarray:
        window = turned(shapes[3], direction + 70)
        return adaptation.weigh(window, artefact.run_windows([window]), window).scored.log_scores[0]

    before = scores(yaws[3])
    for number, shape in enumerate(shapes):
        moving = np.linspace(shapes[number - 1], shape, FRAMES).astype(np.float32)
        for window in (moving, *(turned(shape, yaws[number] + 70) for _ in range(4))):
            evidence = adaptation.weigh(window, artefact.run_windows([window]), window)
            list(adaptation.learn(evidence, 20.0 * number))
    one, other = scores(yaws[3]), scores(yaws[-1])
    if not learns:
        np.testing.assert_allclose(one, before)
        return
    assert one[3] - one[14] > before[3] - before[14] + 1
    assert other[14] - other[3] > before[14] - before[3] + 1
    adaptation.forget_turn()
    np.testing.assert_allclose(scores(yaws[3]), before)


def test_words_teach_what_shapes_were_until_they_are_contradicted(artefact: Artefact) -> None:
    """A wearer holds one letter as another one is known to be held."""
    adaptation = UserAdaptation(artefact, learns=True, known=Known(shown_by(artefact)))
    shapes = [np.array(figures.mean) for figures in load_templates().letters.values()][:4]
    ends_ms: list[float] = []
    moving = held(shapes[0])
    moving[:, :5] += np.linspace(0, 400, FRAMES, dtype=np.float32)[:, np.newaxis]
    for number, shape in enumerate(shapes):
        for step, window in enumerate((moving, *(held(shape, number) for _ in range(5)))):
            evidence = adaptation.weigh(window, artefact.run_windows([window]), window)
            list(adaptation.learn(evidence, 1000.0 * number + 100 * step))
            ends_ms += [] if adaptation.let_go_ms is None else [adaptation.let_go_ms]
    assert ends_ms == [1000.0, 2000.0, 3000.0]

    window = held(shapes[1], 9)
    evidence = adaptation.weigh(window, artefact.run_windows([window]), window)
    before = adaptation.score(evidence).probabilities[0]
    (report,) = adaptation.teach([Lesson(2000.0, 5, 4.0), Lesson(77.0, 3, 4.0)], 3500.0)
    assert isinstance(report, SelfCalibrated)
    assert (report.words, [each.label for each in report.known]) == (1, [LETTERS[5]])
    assert adaptation.score(evidence).probabilities[0][5] > before[5]
    (report,) = adaptation.teach([Lesson(2000.0, 1, np.inf)], 3600.0)
    assert isinstance(report, SelfCalibrated)
    assert (report.words, report.known) == (1, (KnownLetter(LETTERS[1], 1.0),))
    assert not list(adaptation.teach([Lesson(77.0, 3, 4.0)], 3700.0))


def test_a_word_speaks_of_shapes_from_before_a_sensor_was_lost(artefact: Artefact) -> None:
    """Its embeddings are of another reference then: learning starts again, without the holds so far."""
    adaptation = UserAdaptation(artefact, learns=True)
    shapes = [np.array(figures.mean) for figures in load_templates().letters.values()][:2]
    ends_ms: list[float] = []

    def learn(raw: np.ndarray, t_ms: float) -> None:
        seen = adaptation.see(raw)
        list(adaptation.learn(adaptation.weigh(seen, artefact.run_windows([seen]), raw), t_ms))
        ends_ms.extend([] if adaptation.let_go_ms is None else [adaptation.let_go_ms])

    moving = held(shapes[0])
    moving[:, :5] += np.linspace(0, 400, FRAMES, dtype=np.float32)[:, np.newaxis]
    for number, shape in enumerate(shapes):
        for step, window in enumerate((*(held(shape, number) for _ in range(5)), moving)):
            learn(window, 1000.0 * number + 100 * step)
    lost = held(shapes[1])
    lost[:, 5:] = np.nan
    learn(lost, 2500.0)
    assert ends_ms == [500.0, 1500.0]
    (report,) = adaptation.teach([Lesson(500.0, 5, 4.0)], 2600.0)
    assert isinstance(report, SelfCalibrated)
    assert (report.shapes, [each.label for each in report.known]) == (0, [LETTERS[5]])


def test_examples_of_each_letter_are_counted_where_letters_are_recognised(artefact: Artefact) -> None:
    embeddings = shown_by(artefact).embeddings

    def each(labels: list[int], alone: bool = False, own: int | None = None) -> float:
        examples = Examples(embeddings[: len(labels)], labels, own=own)
        return UserAdaptation(artefact, True, Known(UserReference.of(examples, 24), alone=alone)).examples_each

    assert UserAdaptation(artefact, True).examples_each == 0
    assert each([0, 1, 2, 3]) == 1
    assert each([0, 1, 2, 3, 0, 1, 2, 3]) == 2
    assert each([0, 1, 2, 3, 0, 1, 2, 3], alone=True) == 0
    assert each([0, 1, 2, 3, 4, 4, 5, 5], own=4) == 1  # the others are the model's

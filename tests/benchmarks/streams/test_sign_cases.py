"""Cases of static and moving signs: nothing that is signed was shown."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.streams.script import Action
from benchmarks.streams.sign_cases import Person, flex_noise, signing
from models.adaptation.open_set import REST
from models.data.dataset import Recording
from scaleglove.vocabulary import Label, Vocabulary

RATE_HZ = 50.0
VOCABULARY = Vocabulary(name="few", labels=(Label(label="a"), Label(label="b"), Label(label="j", moving=True)))


def recorded(people: str = "xy", repetitions: int = 6) -> list[Recording]:
    """Return recordings of people in which a static sign is held and a moving one turns the hand."""
    rng = np.random.default_rng(0)
    found = []
    for person in people:
        for label in range(len(VOCABULARY.labels)):
            for _ in range(repetitions):
                frames = rng.normal(0, 3.0, (75, 8)).astype(np.float32) + 700 + 20 * label
                frames[:, 5:] = 10 * label
                frames[:, 6] += np.linspace(0, 90 * VOCABULARY.moving[label], 75)
                found.append(Recording(frames, label, person, ""))
    return found


RECORDINGS = recorded()
PERSON = Person.of("x", RECORDINGS, VOCABULARY)


def test_half_of_each_sign_is_signed_and_the_others_are_shown() -> None:
    assert PERSON.is_whole
    for sign in VOCABULARY.names:
        signed, shown = PERSON.to_sign[sign], PERSON.to_show[sign]
        assert len(signed) == len(shown) == 3
        assert not {id(each) for each in signed} & {id(each) for each in shown}
        assert {each.collection for each in (*signed, *shown)} == {"x"}


def test_a_person_without_two_recordings_of_a_sign_is_not_whole() -> None:
    lacking = [each for each in RECORDINGS if each.label != 2]
    assert not Person.of("x", lacking, VOCABULARY).is_whole
    assert not Person.of("x", recorded(repetitions=1), VOCABULARY).is_whole


def test_examples_are_as_many_of_each_sign_as_asked_and_two_of_rest() -> None:
    made = signing(PERSON, VOCABULARY, RATE_HZ, 50.0, rounds=1, shots=2, draw=0)
    assert [made.labels.count(label) for label in (0, 1, 2, REST)] == [2, 2, 2, 2]
    assert len(made.examples) == len(made.labels)
    shown = {each.samples.tobytes() for held in PERSON.to_show.values() for each in held}
    assert all(
        window.tobytes() in shown for window, label in zip(made.examples, made.labels, strict=True) if label != REST
    )


def test_moving_signs_are_signed_whole_and_static_ones_are_held() -> None:
    made = signing(PERSON, VOCABULARY, RATE_HZ, 50.0, rounds=2, shots=1, draw=0)
    actions = {span.letter: span.action for span in made.stream.spans if span.letter}
    assert actions == {"a": Action.HOLD, "b": Action.HOLD, "j": Action.SIGN}
    for span in made.stream.spans:
        if span.letter == "j":
            assert span.end_ms - span.start_ms == pytest.approx(74 / RATE_HZ * 1000)
            inside = (made.stream.t_ms > span.start_ms + 40) & (made.stream.t_ms < span.end_ms - 40)
            roll = made.stream.values[inside, 6]
            assert roll[-1] - roll[0] > 70


def test_draws_differ_and_are_reproducible() -> None:
    one, again, other = (signing(PERSON, VOCABULARY, RATE_HZ, 50.0, 1, 1, draw) for draw in (0, 0, 1))
    assert np.array_equal(one.stream.values, again.stream.values)
    assert one.stream.spans != other.stream.spans


def test_noise_of_synthesised_frames_is_that_of_the_recordings() -> None:
    assert flex_noise(RECORDINGS) == pytest.approx(3.0, rel=0.1)

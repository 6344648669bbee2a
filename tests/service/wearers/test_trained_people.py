"""A wearer who is one of the people of a model's training: what they showed there counts as examples."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import httpx
import numpy as np
import pytest

from models.adaptation.model_reference import ModelReference, Way
from models.adaptation.open_set import OpenSetReference
from models.adaptation.user_reference import Examples
from models.runtime.artefact import Artefact
from models.runtime.prototypes import MAX_PERSON
from scaleglove.letter_templates import load_templates
from scaleglove.letters import LETTERS
from service.inference.engine import Model
from service.problems import ProblemError
from service.settings import shipped_models
from service.wearers.calibration import check_examples
from service.wearers.limits import MAX_EXAMPLES
from service.wearers.own_signs import Recognised
from service.wearers.profile_examples import ProfileExamples
from service.wearers.trained_people import TrainedPerson, trained_person
from tests.deadlines import EVENT_S
from tests.service.wearers.conftest import Show, Wearers, refusal
from tests.service.wearers.test_own_signs import named, sign, teach

PERSON, OTHER = "collection_a", "collection_b"
SHOWN = OpenSetReference.of(np.eye(6, dtype=np.float32), [0, 0, 1, 1, 2, 2], 3)
REFERENCE = ModelReference(SHOWN, ways=tuple(Way(person, "1") for person in ("가", "b") * 3))


def model(reference: ModelReference | None = REFERENCE) -> Model:
    contract = SimpleNamespace(name="M", labels=("x", "y", "z"))
    return cast("Model", SimpleNamespace(reference=reference, contract=contract))


def templates() -> list[np.ndarray]:
    """Return float32[60, 8] of each letter as the training's glove read it."""
    return [np.tile(np.array(load_templates().letters[letter].mean, np.float32), (60, 1)) for letter in LETTERS]


def profile_of(wearers: Wearers, name: str) -> dict[str, object]:
    (*_, newest) = wearers.get(f"/{name}/profiles")["profiles"]
    return cast("dict[str, object]", newest)


@pytest.mark.parametrize(
    ("asked", "before", "person", "gone"),
    [
        (None, None, None, None),
        ("b", None, "b", None),
        (None, "b", "b", None),
        ("", "b", None, None),
        ("\u1100\u1161", "b", "가", None),  # the same name, written in another way
        (None, "who was there", None, "who was there"),
    ],
)
def test_who_it_is_stays_until_it_is_said_otherwise(
    asked: str | None, before: str | None, person: str | None, gone: str | None
) -> None:
    found, lost = trained_person(model(), asked, before)
    assert (None if found is None else found.person, lost) == (person, gone)


@pytest.mark.parametrize(
    ("reference", "known"),
    [(REFERENCE, "it knows 가, b"), (ModelReference(SHOWN), "it knows nobody"), (None, "it knows nobody")],
)
def test_nobody_is_whom_the_model_does_not_know(reference: ModelReference | None, known: str) -> None:
    with pytest.raises(ProblemError, match=known) as refused:
        trained_person(model(reference), "who", "b")
    assert (refused.value.status, refused.value.code, refused.value.field) == (422, "unknown_person", "trained_as")


def test_training_counts_as_the_wearers_own_where_letters_count() -> None:
    own = Examples(np.full((1, 6), 2, np.float32), [1], np.array([90.0]))
    trained = REFERENCE.shown_by("b")
    beside = ProfileExamples.of(Recognised(("x", "y", "z"), 3), own, trained=trained)
    assert beside.classes.tolist() == [1, 0, 1, 2]
    assert np.isnan(beside.yaws[1:]).all()
    np.testing.assert_array_equal(beside.embeddings[1:], SHOWN.embeddings[[1, 3, 5]])
    assert beside.without(np.array([True])).classes.tolist() == [0, 1, 2]  # never held back
    alone = ProfileExamples.of(Recognised(("mine", "other"), 0), own, trained=trained)
    assert alone.classes.tolist() == [1]


def test_a_profile_is_not_of_more_examples_than_there_may_be() -> None:
    trained = TrainedPerson("b", Examples(np.zeros((3, 6), np.float32), [0, 1, 2]))
    check_examples(MAX_EXAMPLES - 3, None, trained)
    with pytest.raises(ProblemError) as refused:
        check_examples(MAX_EXAMPLES - 2, None, trained)
    assert (refused.value.code, refused.value.field) == ("too_many_examples", "trained_as")


def test_the_models_say_whom_they_know(wearers: Wearers) -> None:
    models = httpx.get(f"{wearers.service.url}/v1/models", timeout=EVENT_S).json()["models"]
    people = {each["name"]: each["people"] for each in models}
    assert people[wearers.model] == [PERSON, OTHER]


def test_a_wearer_without_examples_is_calibrated_by_training_alone(wearers: Wearers) -> None:
    wearers.create("ada")
    assert refusal(wearers.post("/ada/calibrate")) == (422, "no_examples", "wearer")
    made = wearers.post("/ada/calibrate", {"trained_as": PERSON}).json()
    assert (made["trained_as"], made["trained_as_lost"], made["held_back"]) == (PERSON, None, 0)
    assert named(wearers, templates(), "ada") == list(LETTERS)
    reference = Artefact.load(shipped_models() / f"{wearers.model}.onnx").reference
    assert reference is not None
    shown = reference.shown_by(PERSON)
    assert shown is not None
    profile = profile_of(wearers, "ada")
    assert profile["trained_as"] == PERSON
    assert sum(cast("dict[str, int]", profile["examples"]).values()) == len(shown.labels)


def test_who_it_is_goes_with_every_profile_and_every_copy(wearers: Wearers, show: Show) -> None:
    wearers.create("ada", "ㄱㄴㄷ")
    assert wearers.post("/ada/calibrate").json()["trained_as"] is None
    made = wearers.post("/ada/calibrate", {"trained_as": OTHER}).json()
    assert (made["trained_as"], made["held_back"]) == (OTHER, 6)  # the wearer's own
    assert wearers.post("/ada/calibrate").json()["trained_as"] == OTHER
    assert named(wearers, [show("ㄴ", 7)], "ada") == ["ㄴ"]
    before = named(wearers, templates(), "ada")
    file = wearers.get("/ada/export")
    assert wearers.post("/import?replace=true", file).status_code == 201
    assert profile_of(wearers, "ada")["trained_as"] == OTHER
    assert named(wearers, templates(), "ada") == before
    assert wearers.post("/ada/calibrate", {"trained_as": ""}).json()["trained_as"] is None
    assert wearers.post("/ada/calibrate").json()["trained_as"] is None
    assert cast("dict[str, int]", profile_of(wearers, "ada")["examples"]) == {"ㄱ": 2, "ㄴ": 2, "ㄷ": 2}


def test_own_signs_stand_beside_what_was_shown_in_training(wearers: Wearers) -> None:
    wearers.create("ada")
    teach(wearers, "ada", "thumbs up", [sign(1, take) for take in range(3)])
    made = wearers.post("/ada/calibrate", {"trained_as": PERSON}).json()
    assert [each["label"] for each in made["signs"]] == ["thumbs up"]
    assert named(wearers, [sign(1, 7), *templates()], "ada") == ["thumbs up", *LETTERS]


@pytest.mark.parametrize(
    ("name", "code"),
    [("collection_c", "unknown_person"), ("x" * (MAX_PERSON + 1), "invalid_request"), (7, "invalid_request")],
)
def test_who_is_unknown_is_refused_and_changes_nothing(wearers: Wearers, name: object, code: str) -> None:
    wearers.create("ada", "ㄱㄴㄷ")
    wearers.post("/ada/calibrate")
    status, found, field = refusal(wearers.post("/ada/calibrate", {"trained_as": name}))
    assert (status, found, str(field).split(".")[0]) == (422, code, "trained_as")
    assert profile_of(wearers, "ada")["version"] == 1

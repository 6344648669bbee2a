"""Prototypes: written into an artefact, read with it, and refused when they are broken."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from models.adaptation.few_shot import softmax
from models.adaptation.model_reference import Way
from models.data.dataset import Recording
from models.data.ranges import MANY_PEOPLE
from models.export.measure_prototypes import CENTRES
from models.export.measured_metadata import write_prototypes
from models.runtime.artefact import Artefact, ArtefactError
from models.runtime.prototypes import MAX_PERSON, PROTOTYPES_KEY, decode, encode
from scaleglove.letters import LETTERS
from service.settings import shipped_models

SHIPPED = shipped_models() / "MSCSGRU_ScaleAware_Encoded.onnx"


def recordings() -> list[Recording]:
    """Make two ways of holding each letter, three recordings each."""
    rng = np.random.default_rng(0)
    found = []
    for label in range(len(LETTERS)):
        for bend in "12":
            shape = np.r_[rng.uniform(770, 950, 5), rng.uniform(-90, 90, 3)]
            samples = (shape + rng.normal(0, 1, (3, 20, 8))).astype(np.float32)
            found += [Recording(sample, label, "mine", bend) for sample in samples]
    return found


def with_prototypes(text: str, path: Path) -> Path:
    model = onnx.load(SHIPPED)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    helper.set_model_props(model, metadata | {PROTOTYPES_KEY: text})
    onnx.save(model, path)
    return path


def prototypes_of(path: Path) -> str:
    return next(entry.value for entry in onnx.load(path).metadata_props if entry.key == PROTOTYPES_KEY)


def test_letters_lie_where_they_were_measured(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    shutil.copy(SHIPPED, path)
    assert write_prototypes(path, recordings()) == 2 * len(LETTERS)
    artefact = Artefact.load(path)
    assert artefact.reference is not None
    held = recordings()
    outputs = artefact.run_windows([recording.samples for recording in held])
    even = np.full_like(outputs.probabilities, 1 / len(LETTERS))
    named = softmax(artefact.reference.log_scores(even, outputs.embedding)).argmax(axis=1)
    assert (named == [recording.label for recording in held]).mean() > 0.95


def test_they_change_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    shutil.copy(SHIPPED, path)
    before = Artefact.load(path)
    write_prototypes(path, recordings())
    window = [recordings()[0].samples]
    after = Artefact.load(path)
    assert after.contract == before.contract
    assert np.array_equal(after.run_windows(window).probabilities, before.run_windows(window).probabilities)


def test_a_round_trip_keeps_them() -> None:
    embeddings = np.random.default_rng(1).normal(0, 2, (48, 7)).astype(np.float32)
    labels = [place // 2 for place in range(48)]
    ways = tuple(Way(f"person {place % 2}", "") for place in range(48))
    for known in ((), ways):
        reference, people = decode(encode(embeddings, labels, known), 7, len(LETTERS))
        assert reference.labels.tolist() == labels
        assert reference.embeddings == pytest.approx(embeddings, rel=1e-3, abs=1e-3)
        assert people == known


def test_to_know_whose_they_are_changes_no_other_byte_of_them() -> None:
    embeddings, labels = np.ones((3, 5), np.float32), [0, 1, 2]
    with_people = json.loads(encode(embeddings, labels, [Way("a", "1")] * 3))
    assert with_people.pop("people") == [["a", "1"]] * 3
    assert with_people == json.loads(encode(embeddings, labels))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("no JSON", "not readable"),
        (json.dumps({"labels": [0, 1, 2]}), "'embeddings'"),
        (json.dumps({"labels": [0, 1, 2], "embeddings": "?"}), "not readable"),
        (encode(np.ones((3, 5), np.float32), [0, 1, 2]), "15 numbers for 3 prototypes of 116"),
        (encode(np.full((3, 116), np.nan, np.float32), [0, 1, 2]), "not finite"),
        (encode(np.ones((3, 116), np.float32), [0, 1, 24]), "a label is not 0 to 23"),
        (encode(np.ones((2, 116), np.float32), [0, 1]), "fewer than three letters"),
        (encode(np.ones((3, 116), np.float32), [0, 1, 2], [Way("a", "1")] * 2), "each of the 3 prototypes"),
        (encode(np.ones((3, 116), np.float32), [0, 1, 2], [Way("", "1")] * 3), "people: not a person"),
        (encode(np.ones((3, 116), np.float32), [0, 1, 2], [Way("a" * (MAX_PERSON + 1), "")] * 3), "at most 255"),
        (encode(np.ones((3, 116), np.float32), [0, 1, 2], [Way("\ud800", "1")] * 3), "printable"),
        (encode(np.ones((3, 116), np.float32), [0, 1, 2]).replace("}", ', "people": [1, [], {}]}'), "people: not"),
    ],
    ids=[
        "no json",
        "no embeddings",
        "no base64",
        "width",
        "nan",
        "label",
        "few",
        "too few people",
        "no name",
        "long name",
        "no characters",
        "no pairs",
    ],
)
def test_broken_prototypes_are_refused_in_words(text: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match=fault):
        Artefact.load(with_prototypes(text, tmp_path / "model.onnx"))


def test_every_shipped_artefact_has_them_and_knows_its_people_where_they_are_few() -> None:
    for path in sorted(SHIPPED.parent.glob("*.onnx")):
        artefact = Artefact.load(path)
        assert artefact.reference is not None, path.name
        named = [part.split()[0] for part in artefact.contract.provenance.data.split("; ")[0].split(", ")]
        assert artefact.reference.people == (() if len(named) >= MANY_PEOPLE else tuple(named)), path.name


def test_an_artefact_that_does_not_know_them_loads_as_before_and_gets_them(tmp_path: Path) -> None:
    unnamed = json.loads(prototypes_of(SHIPPED))
    del unnamed["people"]
    path = with_prototypes(json.dumps(unnamed), tmp_path / "model.onnx")
    before = Artefact.load(path).reference
    assert before is not None
    assert before.people == ()
    write_prototypes(path, recordings())
    after = Artefact.load(path).reference
    assert after is not None
    assert after.people == ("mine",)
    assert [each.way for each in after.ways] == ["1", "2"] * len(LETTERS)


def test_of_many_people_a_letter_has_few_prototypes(tmp_path: Path) -> None:
    path = tmp_path / "one.onnx"
    path.write_bytes(SHIPPED.read_bytes())
    people = [
        replace(one, collection=f"person {number}", samples=one.samples + np.float32(number))
        for number in range(MANY_PEOPLE)
        for one in recordings()
    ]
    assert write_prototypes(path, people) == CENTRES * len(LETTERS)
    assert "people" not in json.loads(prototypes_of(path))  # a centre is nobody's
    assert write_prototypes(path, [replace(one, samples=people[one.label].samples) for one in people]) == len(LETTERS)

"""The additive classifier: read with an artefact, and refused when it is broken or by itself."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest

from models.adaptation.additive import AdditiveModel
from models.runtime.accelerate import accelerate
from models.runtime.additive import ADDITIVE_KEY, decode, encode
from models.runtime.artefact import Artefact, ArtefactError
from models.runtime.prototypes import PROTOTYPES_KEY
from tests.models.runtime.test_prototypes import SHIPPED
from tests.models.runtime.test_readings import with_metadata

WIDTH, CLASSES = 116, 24


def additive(width: int = WIDTH, classes: int = CLASSES) -> AdditiveModel:
    rng = np.random.default_rng(0)
    return AdditiveModel(
        rng.normal(size=(width, classes)).astype(np.float32), rng.normal(size=classes).astype(np.float32)
    )


def packed(values: list[float]) -> str:
    return base64.b64encode(np.array(values, "<f2").tobytes()).decode()


def test_a_round_trip_keeps_its_answers() -> None:
    given = additive()
    embeddings = np.random.default_rng(1).normal(0, 0.3, (50, WIDTH)).astype(np.float32)
    read = decode(encode(given), WIDTH, CLASSES)
    assert read.probabilities(embeddings) == pytest.approx(given.probabilities(embeddings), abs=5e-3)
    assert read.probabilities(embeddings).sum(axis=1) == pytest.approx(np.ones(50), abs=1e-5)


def test_it_is_read_with_the_artefact_and_one_without_it_loads_as_before(tmp_path: Path) -> None:
    given = additive()
    path = with_metadata(tmp_path, lambda metadata: metadata | {ADDITIVE_KEY: encode(given)})
    reference = Artefact.load(path).reference
    assert reference is not None
    assert reference.additive is not None
    assert reference.additive.weights == pytest.approx(given.weights, rel=1e-3, abs=1e-3)
    without = with_metadata(tmp_path, lambda metadata: _without(metadata, ADDITIVE_KEY))
    reference = Artefact.load(without).reference
    assert reference is not None
    assert reference.additive is None


def _without(metadata: dict[str, str], key: str) -> dict[str, str]:
    return {other: value for other, value in metadata.items() if other != key}


def test_it_is_refused_without_prototypes(tmp_path: Path) -> None:
    path = with_metadata(
        tmp_path, lambda metadata: _without(metadata, PROTOTYPES_KEY) | {ADDITIVE_KEY: encode(additive())}
    )
    with pytest.raises(ArtefactError, match=f'"{ADDITIVE_KEY}" goes with "{PROTOTYPES_KEY}", which is missing'):
        Artefact.load(path)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("no JSON", "not readable"),
        ("[" * 100_000, "not readable"),
        ("[1, 2]", "not readable: it is not an object"),
        (json.dumps({"weights": packed([0.0])}), "'bias'"),
        (json.dumps({"weights": "?", "bias": ""}), "not readable: weights"),
        (json.dumps({"weights": "é", "bias": ""}), "not readable: weights"),
        (json.dumps({"weights": 7, "bias": ""}), "not readable: weights"),
        (json.dumps({"weights": base64.b64encode(b"abc").decode(), "bias": ""}), "not readable: weights"),
        (json.dumps({"weights": packed([np.inf]), "bias": ""}), "a number of weights is not finite"),
        (encode(AdditiveModel(additive().weights, np.full(CLASSES, np.nan, np.float32))), "of bias is not finite"),
        (encode(additive(width=5)), "120 weights for 116 numbers of an embedding and 24 labels"),
        (encode(AdditiveModel(additive().weights, additive(classes=3).bias)), "3 numbers of the bias for 24 labels"),
    ],
    ids=["json", "deep", "list", "no bias", "base64", "ascii", "number", "odd", "inf", "nan", "width", "classes"],
)
def test_broken_ones_are_refused_in_words(text: str, fault: str, tmp_path: Path) -> None:
    path = with_metadata(tmp_path, lambda metadata: metadata | {ADDITIVE_KEY: text})
    with pytest.raises(ArtefactError, match=fault) as caught:
        Artefact.load(path)
    assert ADDITIVE_KEY in str(caught.value)


@pytest.mark.parametrize("path", sorted(SHIPPED.parent.glob("*.onnx")), ids=lambda path: path.stem)
def test_every_shipped_artefact_has_it_on_either_engine(path: Path) -> None:
    artefact = Artefact.load(path)
    assert artefact.reference is not None
    assert artefact.reference.additive is not None
    assert accelerate(artefact, "auto").reference is artefact.reference

"""Training readings: written into an artefact, read with it, and refused when they are broken."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from models.adaptation.front_end import LEAN, gravity
from models.data.dataset import Recording
from models.export.measured_metadata import write_prototypes
from models.runtime.accelerate import accelerate
from models.runtime.artefact import Artefact, ArtefactError
from models.runtime.contract import METADATA_KEY, READINGS_SINCE
from models.runtime.readings import READINGS_KEY, decode, encode
from scaleglove.letters import LETTERS
from scaleglove.vocabulary import load_vocabulary
from tests.models.runtime.test_prototypes import SHIPPED, recordings


def shapes() -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.stack([np.median(each.samples, axis=0) for each in recordings()[::3]]).astype(np.float32)


def test_they_are_what_was_recorded(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    shutil.copy(SHIPPED, path)
    held = recordings()
    lost = held[0].samples.copy()
    lost[:, 2] = 0.0
    write_prototypes(path, [Recording(lost, *each) if each[0] == 0 else one for one, each in _described(held)])
    readings = Artefact.load(path).readings
    assert readings is not None
    assert len(readings.labels) == 2 * len(LETTERS)
    for label in range(1, len(LETTERS)):
        mine = [np.median(each.samples, axis=0) for each in held if each.label == label]
        flex, direction = readings.means(np.array([label]))
        assert np.allclose(flex[0], np.mean([shape[:5] for shape in mine], axis=0), atol=2)
        assert np.allclose(direction[0], gravity(np.stack(mine)[:, LEAN]).mean(axis=0), atol=0.05)
    assert np.isnan(readings.flex[readings.labels == 0, 2]).all()


def _described(held: list[Recording]) -> list[tuple[Recording, tuple[int, str, str]]]:
    return [(one, (one.label, one.collection, one.bend)) for one in held]


@pytest.mark.parametrize("path", sorted(SHIPPED.parent.glob("*.onnx")), ids=lambda path: path.stem)
def test_every_shipped_artefact_has_them_for_every_letter(path: Path) -> None:
    artefact = Artefact.load(path)
    assert artefact.contract.schema_version >= READINGS_SINCE
    assert artefact.readings is not None
    assert set(artefact.readings.labels.tolist()) == set(range(len(artefact.contract.labels)))
    assert accelerate(artefact, "auto").readings is artefact.readings


def test_they_keep_within_half_a_count_and_a_tenth_of_a_degree() -> None:
    given = shapes()
    readings = decode(encode(given, [0] * len(given)), load_vocabulary("korean"))
    assert np.allclose(readings.flex, given[:, :5], atol=0.5)
    assert np.allclose(readings.directions, gravity(given[:, LEAN]), atol=2e-3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"labels": []}, "for 0 shapes"),
        ({"labels": [24] * 48}, "a label is not 0 to 23"),
        ({"labels": None}, "not readable"),
        ({"unit": "counts"}, "not readable"),
        ({"unit": [0, 1]}, "the unit is not a gain"),
        ({"shapes": "no base64"}, "not readable"),
        ({"shapes": base64.b64encode(b"abc").decode()}, "not readable"),
        ({"shapes": base64.b64encode(b"\xff\x7f" * 384).decode()}, "not finite"),
        ({"shapes": base64.b64encode(b"\x00\x60" * 384).decode()}, "a finger has no range"),
    ],
)
def test_broken_ones_are_refused_with_the_artefact(tmp_path: Path, change: dict[str, object], words: str) -> None:
    stored = json.dumps(json.loads(encode(shapes(), [0] * 48)) | change)
    path = with_metadata(tmp_path, lambda metadata: metadata | {READINGS_KEY: stored})
    with pytest.raises(ArtefactError, match=words) as caught:
        Artefact.load(path)
    assert READINGS_KEY in str(caught.value)


def with_metadata(folder: Path, change: Callable[[dict[str, str]], dict[str, str]]) -> Path:
    model = onnx.load(SHIPPED)
    helper.set_model_props(model, change({entry.key: entry.value for entry in model.metadata_props}))
    onnx.save(model, folder / "changed.onnx")
    return folder / "changed.onnx"


def without_readings(metadata: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in metadata.items() if key != READINGS_KEY}


def test_an_artefact_that_should_have_them_is_refused_without(tmp_path: Path) -> None:
    path = with_metadata(tmp_path, without_readings)
    with pytest.raises(ArtefactError, match="scaleglove prototypes writes it"):
        Artefact.load(path)


def test_an_older_artefact_loads_without_them(tmp_path: Path) -> None:
    def older(metadata: dict[str, str]) -> dict[str, str]:
        contract = json.loads(metadata[METADATA_KEY]) | {"schema_version": 1}
        return without_readings(metadata) | {METADATA_KEY: json.dumps(contract)}

    artefact, window = Artefact.load(with_metadata(tmp_path, older)), recordings()[0].samples
    assert artefact.readings is None
    new, old = Artefact.load(SHIPPED).run_windows([window]), artefact.run_windows([window])
    assert (new.probabilities == old.probabilities).all()


def test_the_unit_of_the_glove_stands_with_them() -> None:
    assert decode(encode(shapes(), [0] * 48, (2.0, 800.0)), load_vocabulary("korean")).unit == (2.0, 800.0)
    assert decode(encode(shapes(), [0] * 48), load_vocabulary("korean")).unit == (1.0, 0.0)

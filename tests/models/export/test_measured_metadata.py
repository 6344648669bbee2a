"""What is measured on the training's recordings goes into an artefact, and nothing else of the file changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="the train extra is not installed")
pytest.importorskip("torch", reason="the train extra is not installed")

from models.export.measured_metadata import measure_metadata, write_metadata, write_prototypes  # noqa: E402
from models.export.quantise import quantise_artefact  # noqa: E402
from models.runtime.additive import ADDITIVE_KEY  # noqa: E402
from models.runtime.artefact import Artefact, ArtefactError  # noqa: E402
from models.runtime.contract import METADATA_KEY  # noqa: E402
from models.runtime.prototypes import PROTOTYPES_KEY  # noqa: E402
from models.runtime.readings import READINGS_KEY  # noqa: E402
from tests.models.runtime.test_prototypes import SHIPPED, recordings  # noqa: E402
from tests.models.runtime.test_readings import with_metadata  # noqa: E402

MEASURED = {PROTOTYPES_KEY, ADDITIVE_KEY, READINGS_KEY}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a shipped artefact with what was measured on made recordings."""
    path = tmp_path_factory.mktemp("measured") / "model.onnx"
    shutil.copy(SHIPPED, path)
    write_prototypes(path, recordings())
    return path


def entries(path: Path) -> dict[str, str]:
    return {entry.key: entry.value for entry in onnx.load(path).metadata_props}


def graph(path: Path) -> bytes:
    return onnx.load(path).graph.SerializeToString(deterministic=True)


def test_the_graph_stays_byte_for_byte_and_the_contract_says_the_same(written: Path) -> None:
    assert graph(written) == graph(SHIPPED)
    before, after = entries(SHIPPED), entries(written)
    assert {key for key in after if after[key] != before.get(key)} - {METADATA_KEY} == MEASURED
    assert before.keys() <= after.keys()
    assert Artefact.load(written).contract == Artefact.load(SHIPPED).contract


def test_measuring_again_changes_nothing(written: Path) -> None:
    assert measure_metadata(Artefact.load(written), recordings()) == {
        key: value for key, value in entries(written).items() if key in MEASURED
    }


def test_the_additive_classifier_names_what_it_was_measured_on(written: Path) -> None:
    artefact, held = Artefact.load(written), recordings()
    assert artefact.reference is not None
    assert artefact.reference.additive is not None
    answers = artefact.reference.additive.probabilities(artefact.run_windows([one.samples for one in held]).embedding)
    assert (answers.argmax(axis=1) == [one.label for one in held]).mean() > 0.9


def test_a_quantised_artefact_carries_it(written: Path, tmp_path: Path) -> None:
    quantise_artefact(written, tmp_path / "small.onnx")
    large, small = entries(written), entries(tmp_path / "small.onnx")
    assert {key: small[key] for key in MEASURED} == {key: large[key] for key in MEASURED}


def test_an_artefact_of_which_no_recipe_is_known_is_refused(tmp_path: Path) -> None:
    contract = Artefact.load(SHIPPED).contract
    unknown = contract.model_copy(update={"provenance": contract.provenance.model_copy(update={"recipe": {}})})
    path = with_metadata(tmp_path, lambda metadata: metadata | {METADATA_KEY: unknown.model_dump_json()})
    before = path.read_bytes()
    with pytest.raises(ArtefactError, match=r"provenance\.recipe is not the recipe of a training"):
        write_prototypes(path, recordings())
    assert path.read_bytes() == before


def test_what_would_make_no_artefact_is_not_written(written: Path) -> None:
    before = written.read_bytes()
    with pytest.raises(ArtefactError, match=ADDITIVE_KEY):
        write_metadata(written, {ADDITIVE_KEY: "{}"})
    assert written.read_bytes() == before


def test_recordings_of_one_letter_alone_make_no_reference(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    shutil.copy(SHIPPED, path)
    one_letter = [one for one in recordings() if one.label == 0]
    measured = measure_metadata(Artefact.load(path), one_letter)
    assert measured.keys() == MEASURED
    with pytest.raises(ArtefactError, match="fewer than three letters"):
        write_metadata(path, measured)
    assert np.array_equal(Artefact.load(path).reference.labels, Artefact.load(SHIPPED).reference.labels)

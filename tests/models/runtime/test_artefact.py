"""The torch-free reader, and what it refuses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models.runtime.artefact import Artefact, ArtefactError
from models.runtime.contract import METADATA_KEY
from models.runtime.folder import load_folder
from scaleglove.channels import CHANNELS
from scaleglove.letters import LETTERS

onnx = pytest.importorskip("onnx", reason="the train extra is not installed; it makes the broken artefacts")


def broken(source: Path, target: Path, change: Callable[[object], None]) -> Path:
    model = onnx.load(source)
    change(model)
    target.write_bytes(model.SerializeToString())
    return target


def with_metadata(source: Path, target: Path, **changes: object) -> Path:
    def change(model) -> None:
        stored = json.loads(model.metadata_props[0].value)
        model.metadata_props[0].value = json.dumps(stored | changes)

    return broken(source, target, change)


def test_the_shipped_artefact_says_what_it_is(artefact_path: Path) -> None:
    contract = Artefact.load(artefact_path).contract
    assert contract.name == artefact_path.stem == "MSCSGRU_ScaleAware_Encoded"
    assert contract.parameters == 224_376
    assert contract.labels == LETTERS
    assert tuple(channel.name for channel in contract.channels) == CHANNELS
    # The file has the names of protocols before 0.2.0.
    for key in ("accuracy_percent", "accuracy_percent_by_frames"):
        assert {"random", "leave_one_style_out", "cross_user"} <= set(contract.report[key])
        assert not {"leave_one_bend_out", "new_collection"} & set(contract.report[key])
    assert "collection_a" in contract.provenance.data
    assert artefact_path.stat().st_size < 1_100_000


def test_a_window_alone_and_among_longer_ones_is_the_same(artefact_path: Path) -> None:
    artefact = Artefact.load(artefact_path)
    rng = np.random.default_rng(0)
    windows = [rng.uniform(0, 900, (n, 8)).astype(np.float32) for n in (10, 33, 80, 11)]
    together = artefact.run_windows(windows)
    for index, window in enumerate(windows):
        np.testing.assert_allclose(
            artefact.run_windows([window]).probabilities[0], together.probabilities[index], atol=1e-5
        )


def test_a_long_window_is_answered_for_its_newest_frames(artefact_path: Path) -> None:
    artefact = Artefact.load(artefact_path)
    long = np.random.default_rng(0).uniform(0, 900, (300, 8)).astype(np.float32)
    np.testing.assert_array_equal(
        artefact.run_windows([long]).probabilities, artefact.run_windows([long[-80:]]).probabilities
    )


def test_no_file_and_no_onnx(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="no such file"):
        Artefact.load(tmp_path / "none.onnx")
    (tmp_path / "text.onnx").write_text("hello")
    with pytest.raises(ArtefactError, match="not a readable ONNX model"):
        Artefact.load(tmp_path / "text.onnx")


def test_a_file_cut_short(artefact_path: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.onnx").write_bytes(artefact_path.read_bytes()[:100_000])
    with pytest.raises(ArtefactError, match="not a readable ONNX model"):
        Artefact.load(tmp_path / "cut.onnx")


def test_metadata_missing(artefact_path: Path, tmp_path: Path) -> None:
    path = broken(artefact_path, tmp_path / "a.onnx", lambda model: model.ClearField("metadata_props"))
    with pytest.raises(ArtefactError, match=f'the metadata "{METADATA_KEY}" is missing'):
        Artefact.load(path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schema_version": 4}, "schema_version: is not one of the choices; give 1, 2 or 3"),
        ({"labels": None}, "labels: "),
        ({"window_frames": 0}, "window_frames: "),
        ({"channels": [{"name": "flex1", "unit": "adc"}]}, "channels must be flex1, flex2"),
        ({"labels": LETTERS[:20]}, "20"),
        ({"min_frames": 81}, "min_frames 81 is larger than window_frames 80"),
        ({"scales": [3, 5]}, "scales must be (3, 5, 7), not (3, 5)"),
        ({"scales": [3, 3, 3]}, "scales must be (3, 5, 7)"),
        ({"labels": ["", *LETTERS[1:]]}, "labels.0: "),
        ({"sample_rate_hz": 1e-300}, "sample_rate_hz: "),
        ({"labels": [*LETTERS, "x"]}, "24 probabilities for 25 labels"),
    ],
)
def test_metadata_that_breaks_the_contract_is_named(
    artefact_path: Path, tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(ArtefactError) as caught:
        Artefact.load(with_metadata(artefact_path, tmp_path / "a.onnx", **changes))
    assert words in str(caught.value)
    assert "a.onnx" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_wrong_interface_is_named(artefact_path: Path, tmp_path: Path) -> None:
    def rename_output(model) -> None:
        model.graph.output[1].name = "importance"
        for node in model.graph.node:
            node.output[:] = ["importance" if name == "scale_importance" else name for name in node.output]

    with pytest.raises(ArtefactError, match="output scale_importance is missing"):
        Artefact.load(broken(artefact_path, tmp_path / "a.onnx", rename_output))

    def fix_batch(model) -> None:
        model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1

    with pytest.raises(ArtefactError, match="batch and time must be dynamic"):
        Artefact.load(broken(artefact_path, tmp_path / "b.onnx", fix_batch))


def without_lengths(model) -> None:
    """Let the recurrence run on into the padding."""
    for node in model.graph.node:
        if node.op_type == "GRU":
            node.input[4] = ""


def rename(model, output: str, name: str) -> None:
    """Rename an output in all nodes."""
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [name if found == output else found for found in names]


def fixed_rows(model) -> None:
    """Answer for the first two windows whatever the batch."""
    constant = onnx.numpy_helper.from_array(np.array([0, 0]), "first_twice")
    model.graph.initializer.append(constant)
    rename(model, "probabilities", "all_probabilities")
    model.graph.node.append(onnx.helper.make_node("Gather", ["all_probabilities", "first_twice"], ["probabilities"]))


def scalar_embedding(model) -> None:
    rename(model, "embedding", "true_embedding")
    model.graph.node.append(onnx.helper.make_node("ReduceMax", ["true_embedding"], ["embedding"], keepdims=0))
    model.graph.output[2].type.tensor_type.ClearField("shape")


def double_probabilities(model) -> None:
    rename(model, "probabilities", "single")
    model.graph.node.append(onnx.helper.make_node("Cast", ["single"], ["probabilities"], to=onnx.TensorProto.DOUBLE))
    model.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.DOUBLE


def more_input(model) -> None:
    model.graph.input.append(onnx.helper.make_tensor_value_info("wearer", onnx.TensorProto.INT64, ["batch"]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without_lengths, "differs between a window alone and the same window inside a batch"),
        (fixed_rows, "probabilities has shape [2, 24] for 3 windows"),
        (scalar_embedding, "embedding has shape [] for 3 windows"),
        (double_probabilities, "output probabilities is tensor(double), not tensor(float)"),
        (more_input, "does not run: "),
    ],
)
def test_a_graph_that_does_not_keep_its_promise_is_refused(
    artefact_path: Path, tmp_path: Path, change: Callable[[object], None], words: str
) -> None:
    with pytest.raises(ArtefactError) as caught:
        Artefact.load(broken(artefact_path, tmp_path / "a.onnx", change))
    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[]", "null"])
def test_metadata_that_is_no_object_is_refused(artefact_path: Path, tmp_path: Path, text: str) -> None:
    def change(model) -> None:
        model.metadata_props[0].value = text

    with pytest.raises(ArtefactError, match=f'metadata "{METADATA_KEY}"'):
        Artefact.load(broken(artefact_path, tmp_path / "a.onnx", change))


@pytest.mark.parametrize("length", [0, -1, 21])
def test_impossible_lengths_are_refused(artefact_path: Path, length: int) -> None:
    with pytest.raises(ValueError, match="lengths must be 1 to 20"):
        Artefact.load(artefact_path).run(np.zeros((1, 20, 8), np.float32), np.array([length]))


def test_weights_that_are_not_numbers_are_refused(artefact_path: Path, tmp_path: Path) -> None:
    def poison(model) -> None:
        for tensor in model.graph.initializer:
            if tensor.name.startswith("head_") and list(tensor.dims) == [len(LETTERS)]:
                tensor.raw_data = np.full(24, np.nan, np.float32).tobytes()

    with pytest.raises(ArtefactError, match="probabilities is not finite"):
        Artefact.load(broken(artefact_path, tmp_path / "a.onnx", poison))


def test_a_folder_is_loaded_by_name_and_names_must_differ(artefact_path: Path, tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="no model artefact"):
        load_folder(tmp_path)
    shutil.copy(artefact_path, tmp_path / "one.onnx")
    assert list(load_folder(tmp_path)) == [artefact_path.stem]
    shutil.copy(artefact_path, tmp_path / "two.onnx")
    with pytest.raises(ArtefactError, match="already taken"):
        load_folder(tmp_path)

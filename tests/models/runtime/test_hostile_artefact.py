"""Files that somebody made to do harm, or that a disk has damaged: one sentence each, whatever they hold."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.runtime.artefact import MAX_FILE_BYTES, Artefact, ArtefactError
from models.runtime.contract import METADATA_KEY
from models.runtime.folder import load_folder
from models.runtime.kernel.graph_id import UnknownGraphError
from models.runtime.kernel.onnx_file import read_graph
from models.runtime.kernel.weights import read_weights
from models.runtime.prototypes import PROTOTYPES_KEY
from models.runtime.readings import READINGS_KEY
from service.inference.registry import ModelRegistry
from service.inference.reload import Reload, ReloadError
from service.telemetry.metrics import Metrics

onnx = pytest.importorskip("onnx", reason="the train extra is not installed; it makes the hostile artefacts")


@pytest.fixture(scope="module")
def model(artefact_path: Path) -> Any:
    return onnx.load(artefact_path)


def changed(model: Any, change: Callable[[Any], None]) -> bytes:
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    change(copy)
    return bytes(copy.SerializeToString())


def entry(model: Any, key: str) -> Any:
    return next(each for each in model.metadata_props if each.key == key)


def stored(key: str, **changes: object) -> Callable[[Any], None]:
    """Return the change of fields of the JSON in an entry of the metadata."""

    def change(model: Any) -> None:
        entry(model, key).value = json.dumps(json.loads(entry(model, key).value) | changes)

    return change


def constant(name: str, value: object, dtype: type = np.int64) -> Callable[[Any], None]:
    def change(model: Any) -> None:
        tensor = next(each for each in model.graph.initializer if each.name == name)
        tensor.CopyFrom(onnx.numpy_helper.from_array(np.array(value, dtype), name))

    return change


def twice(model: Any) -> None:
    model.metadata_props.add().CopyFrom(entry(model, METADATA_KEY))


def elsewhere(model: Any) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../etc/passwd")


def looping(model: Any) -> None:
    body = onnx.helper.make_graph([], "body", [], [])
    model.graph.node.append(onnx.helper.make_node("Loop", [], ["never"], body=body))


def with_function(model: Any) -> None:
    model.functions.add().name = "own"


def sparse(model: Any) -> None:
    model.graph.sparse_initializer.add()


def nested(model: Any) -> None:
    entry(model, PROTOTYPES_KEY).value = "[" * 100_000


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (twice, 'its metadata has "scaleglove" twice'),
        (elsewhere, "lies in another file"),
        (looping, "Loop has a graph of its own"),
        (with_function, "functions of its own"),
        (sparse, "sparse tensors"),
        (nested, "not readable"),
        (stored(METADATA_KEY, name="a/../b"), "without '/'"),
        (stored(METADATA_KEY, name="a\nb"), "printable"),
        (stored(METADATA_KEY, version="v" * 200), "at most 128 characters"),
        (stored(METADATA_KEY, parameters=10**30), "parameters: is out of range"),
        (stored(METADATA_KEY, report={"random": float("nan")}), "not finite"),
        (stored(METADATA_KEY, report={"random": 10**30}), "larger than 2^53"),
        (stored(METADATA_KEY, report={"a": [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}), "nested more than 16 levels"),
        (stored(METADATA_KEY, weight_importance={"1": {"z": {"3": float("inf")}}}), "is not finite"),
        (stored(METADATA_KEY, sample_rate_hz=-1), "give at least 1"),
        (stored(METADATA_KEY, window_frames=2**31), "give at most 4096"),
        (stored(METADATA_KEY, min_frames=-(2**31)), "give at least 1"),
        (stored(METADATA_KEY, filler="x" * 2**20), "more than 1048576 characters"),
        (stored(PROTOTYPES_KEY, labels="000"), "not a list of whole numbers"),
        (stored(PROTOTYPES_KEY, labels=[2**63]), "a label is not 0 to 23"),
        (stored(PROTOTYPES_KEY, labels=[0] * 5000), "at most 4096"),
        (stored(PROTOTYPES_KEY, embeddings=3), "not readable: embeddings"),
        (stored(READINGS_KEY, labels=[0.5]), "not a list of whole numbers"),
        (stored(READINGS_KEY, unit=[float("nan"), 0]), "the unit is not a gain"),
        (stored(READINGS_KEY, labels=[0], shapes="AAAAAAAAAAAAAAAAAAAAAA=="), "a finger has no range"),
    ],
)
def test_what_it_holds_is_refused_in_a_sentence(
    model: Any, tmp_path: Path, change: Callable[[Any], None], words: str
) -> None:
    path = tmp_path / "x.onnx"
    with pytest.raises(ArtefactError) as raised:
        Artefact.of(changed(model, change), path)
    text = str(raised.value)
    assert text.startswith(f"{path}: ")
    assert words in text
    assert len(text.splitlines()) == 1
    assert len(text) < 1000


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (constant("newest_count", 2**31), "newest_count is 2147483648, not 1 to 4096"),
        (constant("newest_count", -1), "newest_count is -1, not 1 to 4096"),
        (constant("newest_count", [10, 10]), "newest_count has shape [2]"),
        (constant("recent_steps", 2**62), "not 1 to 4096"),
        (constant("copies", [2**40]), "copies has a number beyond 4096"),
        (constant("per_turn", [0.1, 0.1], np.float32), "per_turn has shape [2]"),
        (constant("least_effect", [[1e-6] * 3], np.float32), "least_effect has shape [1, 3]"),
        (constant("angle_weight", [], np.float32), "angle_weight has shape [0]"),
        (constant("pooled_mean", 0.5, np.float32), "pooled_mean has shape []"),
        (constant("metric", 0.5, np.float32), "metric has shape []"),
        (constant("head_3.bias", 0.5, np.float32), "shape"),
        (constant("head_1.bias", np.zeros(5000), np.float32), "wider than 4096"),
    ],
)
def test_a_size_never_reaches_the_kernel(model: Any, tmp_path: Path, change: Callable[[Any], None], words: str) -> None:
    """What ONNX Runtime itself accepts of these is served by it, slower."""
    with pytest.raises(UnknownGraphError) as raised:
        read_weights(read_graph(changed(model, change)))
    assert words in str(raised.value)


def folder(path: Path) -> None:
    path.mkdir()


def dangling(path: Path) -> None:
    path.symlink_to(path.with_name("nothing"))


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def around(path: Path) -> None:
    path.symlink_to(path)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (folder, "is a folder, not a file"),
        (os.mkfifo, "is a pipe or a device, not a file"),
        (endless, "is a pipe or a device, not a file"),
        (dangling, "no such file"),
        (around, "cannot be read: "),
        (empty, "not a readable ONNX model: field 7 is missing"),
        (huge, "larger than 64 MiB"),
    ],
)
def test_what_is_no_file_of_a_model_is_refused(tmp_path: Path, make: Callable[[Path], None], words: str) -> None:
    make(tmp_path / "x.onnx")
    with pytest.raises(ArtefactError) as raised:
        load_folder(tmp_path)
    assert str(raised.value).startswith(f"{tmp_path / 'x.onnx'}: {words}")


def test_a_linked_model_is_loaded(artefact_path: Path, tmp_path: Path) -> None:
    """As a mounted configuration has them."""
    (tmp_path / "x.onnx").symlink_to(artefact_path)
    assert list(load_folder(tmp_path)) == [artefact_path.stem]


def test_a_graph_of_others_is_tried_in_a_process_of_its_own(model: Any, tmp_path: Path) -> None:
    """Its gigabytes are those of that process."""
    (tmp_path / "x.onnx").write_bytes(changed(model, constant("copies", [2**34])))
    with pytest.raises(ArtefactError, match=r"x\.onnx: (does not run|ended the process that tried it)"):
        load_folder(tmp_path)


def test_a_reload_of_damaged_files_is_counted(artefact_path: Path, tmp_path: Path) -> None:
    metrics, load = Metrics(), partial(ModelRegistry.load, tmp_path, None, "onnx")
    (tmp_path / "a.onnx").write_bytes(artefact_path.read_bytes())
    registry = load()
    reload = Reload(registry, load, tmp_path, metrics)
    data = artefact_path.read_bytes()
    at = data.index(b'"schema_version"')
    (tmp_path / "b.onnx").write_bytes(data[:at] + b"\xff" + data[at + 1 :])
    with pytest.raises(ReloadError, match=r"^b\.onnx: not a readable ONNX model: a name or an entry of its metadata"):
        asyncio.run(reload.run())
    assert metrics.registry.get_sample_value("scaleglove_model_reloads_total", {"outcome": "failed"}) == 1
    assert registry.names == [artefact_path.stem]


@pytest.mark.parametrize("name", [b"\xff.onnx", b"\x1b[31m.onnx", "\u202e.onnx".encode()])
def test_a_file_of_any_name_is_refused_in_words_that_can_be_shown(
    artefact_path: Path, tmp_path: Path, name: bytes
) -> None:
    (tmp_path / "a.onnx").write_bytes(artefact_path.read_bytes())
    load = partial(ModelRegistry.load, tmp_path, None, "onnx")
    reload = Reload(load(), load, tmp_path, Metrics())
    (tmp_path / os.fsdecode(name)).write_bytes(b"x")
    with pytest.raises(ReloadError) as refused:
        asyncio.run(reload.run())
    assert str(refused.value).isprintable()
    assert refused.value.args[0].isprintable()

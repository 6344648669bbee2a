"""INT8 storage: the size, the answers, and graphs of other shapes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

onnx = pytest.importorskip("onnx", reason="the train extra is not installed")
pytest.importorskip("torch", reason="the train extra is not installed")

from models.export.quantise import (  # noqa: E402
    QuantiseError,
    quantise,
    quantise_artefact,
    quantise_rows,
)
from models.networks.catalogue import NETWORKS  # noqa: E402
from models.runtime.artefact import Artefact, agreement, open_session  # noqa: E402
from scaleglove.recordings import load_episode  # noqa: E402
from scaleglove.resampling import resample  # noqa: E402


@pytest.fixture(scope="module")
def shipped(artefact_path: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Quantise the shipped artefact; return both."""
    out = tmp_path_factory.mktemp("quantised") / "small.onnx"
    quantise_artefact(artefact_path, out)
    return artefact_path, out


def test_the_shipped_artefact_is_small_and_answers_alike(
    shipped: tuple[Path, Path], recorded_files: list[Path]
) -> None:
    large, small = shipped
    assert small.stat().st_size <= 0.40 * large.stat().st_size
    # Every 17th recording: all letters, bends and collections; whole windows and the newest 10 frames of each.
    episodes = [load_episode(path) for path in recorded_files[::17]]
    windows = [resample(episode.t_ms, episode.values, 50.0) for episode in episodes]
    windows += [window[-10:] for window in windows]
    found = agreement(Artefact.load(large), Artefact.load(small), windows)
    assert found.windows > 250
    assert found.same_letter_percent >= 99.7
    assert found.largest_difference < 0.1


def test_the_artefact_says_what_it_is_and_of_which_it_was_made(shipped: tuple[Path, Path]) -> None:
    large, small = shipped
    one, other = Artefact.load(large).contract, Artefact.load(small).contract
    assert (other.name, other.weights) == (f"{one.name}_INT8", "int8")
    assert f"sha256 {hashlib.sha256(large.read_bytes()).hexdigest()}" in other.provenance.made_from
    same = {"name", "weights", "provenance"}
    assert one.model_dump(exclude=same) == other.model_dump(exclude=same)
    again = large.with_name(large.name)
    quantise_artefact(again, small.with_name("again.onnx"))
    assert small.read_bytes() == small.with_name("again.onnx").read_bytes()


def test_once_is_enough(shipped: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(QuantiseError, match="INT8 already"):
        quantise_artefact(shipped[1], tmp_path / "smaller.onnx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_keeps_its_answers(
    name: str,
    exported: Callable[[str], tuple[object, object, Path]],
    readings: Callable[..., NDArray[np.float32]],
    tmp_path: Path,
) -> None:
    _, _, path = exported(name)
    quantise_artefact(path, tmp_path / "small.onnx")
    assert (tmp_path / "small.onnx").stat().st_size <= 0.40 * path.stat().st_size
    one, other = Artefact.load(path), Artefact.load(tmp_path / "small.onnx")
    windows = list(readings(20, 60))
    assert agreement(one, other, windows).largest_difference < 0.02
    # No matrix of weights was passed over, and nothing else was touched.
    left = {t.name: t for t in onnx.load(tmp_path / "small.onnx").graph.initializer}
    large = {t.name for t in left.values() if t.data_type == onnx.TensorProto.FLOAT and np.prod(t.dims) >= 512}
    assert {name for name in large if not name.endswith(".B")} == set()  # biases stay, in a wide network large ones too


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 2), st.integers(0, 10_000))
def test_each_row_is_as_close_as_its_scale_allows(rows: int, columns: int, axis: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    flat = (rng.standard_normal((rows, columns * 2)) * 10.0 ** rng.uniform(-6, 3, (rows, 1))).astype(np.float32)
    flat[rng.random(rows) < 0.2] = 0
    weights = np.moveaxis(flat.reshape(rows, columns, 2), 0, axis)
    integers, scale = quantise_rows(weights, axis)
    assert (integers.dtype, integers.shape, scale.shape) == (np.int8, weights.shape, (rows,))
    assert (scale > 0).all()
    back = np.moveaxis(integers, axis, 0).reshape(rows, -1) * scale[:, np.newaxis]
    widest = np.abs(flat).max(axis=1)
    assert (np.abs(back - flat) <= 1.0001 * widest[:, np.newaxis] / 127 / 2).all()
    assert (np.abs(integers.astype(int)) <= 127).all()
    assert (back[widest == 0] == 0).all()


def test_other_graphs(tmp_path: Path) -> None:
    """Matrices of `MatMul` and of `Gemm` either way round, one used twice, one used also as something else."""
    rng = np.random.default_rng(0)
    names = ("matmul", "gemm", "gemm_transposed", "shared_otherwise")
    weights = {name: rng.standard_normal((32, 32)).astype(np.float32) for name in names}
    weights["bias"] = rng.standard_normal(1024).astype(np.float32)
    node = onnx.helper.make_node
    graph = onnx.helper.make_graph(
        [
            node("MatMul", ["x", "matmul"], ["a"]),
            node("MatMul", ["a", "matmul"], ["b"]),
            node("Gemm", ["b", "gemm"], ["c"]),
            node("Gemm", ["c", "gemm_transposed"], ["d"], transB=1),
            node("MatMul", ["d", "shared_otherwise"], ["e"]),
            node("Add", ["e", "shared_otherwise"], ["y"]),
            node("Identity", ["bias"], ["z"]),
        ],
        "other",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [32, 32])],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [32, 32])],
        [onnx.numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    before = model.SerializeToString()
    small = quantise(model)
    onnx.checker.check_model(small, full_check=True)
    assert model.SerializeToString() == before
    axes = {n.output[0]: n.attribute[0].i for n in small.graph.node if n.op_type == "DequantizeLinear"}
    assert axes == {"matmul": 1, "gemm": 1, "gemm_transposed": 0}
    x = np.eye(32, dtype=np.float32)
    exact, close = (open_session(m.SerializeToString()).run(None, {"x": x})[0] for m in (model, small))
    assert 0 < np.abs(close - exact).max() < 0.02 * np.abs(exact).max()

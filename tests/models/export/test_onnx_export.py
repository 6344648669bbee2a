"""Parity: PyTorch = ONNX, for every network, batch and length; and the nodes of the graph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch", reason="the train extra is not installed")

import onnx  # noqa: E402

from models.export.onnx_export import export_network  # noqa: E402
from models.networks.catalogue import NETWORKS  # noqa: E402
from models.networks.normaliser import Normaliser  # noqa: E402
from models.networks.scale_aware import RECENT_STEPS  # noqa: E402
from models.runtime.artefact import Artefact, Outputs  # noqa: E402

TOLERANCE = 1e-5
ENCODED = ("MSCSGRU_ScaleAware_Encoded", "MSCSGRU_ScaleAware_Moving")


def in_order(outputs: Outputs) -> tuple[NDArray[np.float32], ...]:
    """Return the outputs in the order of `explain`."""
    return outputs.probabilities, outputs.scale_importance, outputs.embedding


@pytest.mark.parametrize("name", NETWORKS)
def test_artefact_equals_the_network_at_every_length_and_in_batches_of_1_7_64_and_all(
    exported, readings, name: str
) -> None:
    network, normaliser, path = exported(name)
    artefact = Artefact.load(path)
    raw, lengths = readings(87, 87), np.random.default_rng(0).permutation(np.arange(1, 88))
    x_padding = torch.from_numpy(np.arange(87) >= lengths[:, np.newaxis])
    with torch.no_grad():
        expected = [part.numpy() for part in network.explain(torch.from_numpy(normaliser.apply(raw)), x_padding)]

    for batch in (1, 7, 64, 87):
        for start in range(0, 87, batch):
            part = slice(start, start + batch)
            found = artefact.run(raw[part, : lengths[part].max()], lengths[part])
            for ours, theirs in zip(in_order(found), expected, strict=True):
                np.testing.assert_allclose(ours, theirs[part], atol=TOLERANCE, rtol=0)


@pytest.mark.parametrize("name", NETWORKS)
def test_padding_may_hold_anything(exported, readings, name: str) -> None:
    artefact = Artefact.load(exported(name)[2])
    raw = readings(2, 60)
    lengths = np.array([31, 60])
    clean, dirty = raw.copy(), raw.copy()
    clean[0, 31:], dirty[0, 31:] = 0, np.nan
    for one, other in zip(in_order(artefact.run(clean, lengths)), in_order(artefact.run(dirty, lengths)), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", NETWORKS)
def test_two_gru_nodes_for_each_layer_on_the_same_weights_and_one_convolution(exported, name: str) -> None:
    network, _, path = exported(name)
    layers = len(network.gru) if hasattr(network, "gru") else 2
    graph = onnx.load(path).graph
    operators = [node.op_type for node in graph.node]
    assert sum(tensor.name.startswith("gru_") for tensor in graph.initializer) == 3 * layers
    assert operators.count("GRU") == 2 * layers  # the answer, and the importance of its scales
    assert operators.count("Conv") == 1
    assert not {"Loop", "Scan", "BatchNormalization"} & set(operators)
    # What goes round the recurrence joins it twice; sine, cosine and bins are the third.
    assert operators.count("Concat") == (3 if name in ENCODED else 0)


@pytest.mark.parametrize("gain", [0.1, 1.0, 30.0])
def test_hard_functions_hold_where_they_saturate(settled, contract, readings, tmp_path: Path, gain: float) -> None:
    """ONNX Runtime's `clip` does what the export relies on, from the linear middle to deep in saturation."""
    network, normaliser = settled("MSCSGRU_ScaleHard"), Normaliser.fit([readings(500)])
    with torch.no_grad():
        for layer in network.gru:
            layer.W.mul_(gain)
            layer.b.mul_(gain)
    path = tmp_path / "hard.onnx"
    export_network(network, normaliser, contract, path)
    raw = readings(3, 60)
    with torch.no_grad():
        probabilities, importance, embedding = network.explain(torch.from_numpy(normaliser.apply(raw)))
    outputs = Artefact.load(path).run(raw, np.full(3, 60))
    np.testing.assert_allclose(outputs.probabilities, probabilities.numpy(), atol=TOLERANCE, rtol=0)
    np.testing.assert_allclose(outputs.scale_importance, importance.numpy(), atol=TOLERANCE, rtol=0)
    # Between their clamps hard functions hand on a rounding of their inputs, which are some `gain` times larger here.
    np.testing.assert_allclose(outputs.embedding, embedding.numpy(), atol=TOLERANCE * max(1, gain), rtol=0)


@pytest.mark.parametrize("name", NETWORKS)
def test_importance_follows_its_formula_and_the_window_not_only_the_weights(exported, readings, name: str) -> None:
    network, normaliser, path = exported(name)
    artefact = Artefact.load(path)
    raw = readings(8, 80)
    importance = artefact.run(raw, np.full(8, 80)).scale_importance

    assert (importance >= 0).all()
    np.testing.assert_allclose(importance.sum(axis=1), 1, atol=1e-6)
    assert np.ptp(importance, axis=0).max() > 1e-3  # differs from window to window

    with torch.no_grad():
        pooled, _, skip = network.encode(torch.from_numpy(normaliser.apply(raw)), None)
        newest = pooled[:, -RECENT_STEPS:]

        def answer(states: object) -> object:
            return network.classify(network.recur(states)[:, -1], skip).softmax(dim=1)

        moved = []
        for s in range(3):
            without = newest.clone()
            without[:, :, 32 * s : 32 * (s + 1)] = network.pooled_mean[32 * s : 32 * (s + 1)]
            moved.append((answer(newest) - answer(without)).abs().sum(dim=1) / 2 + 1e-4)
        by_formula = torch.stack(moved, dim=1)
        by_formula /= by_formula.sum(dim=1, keepdim=True)
    np.testing.assert_allclose(importance, by_formula.numpy(), atol=TOLERANCE)


def test_importance_is_of_the_newest_steps_whatever_came_before(exported, readings) -> None:
    artefact = Artefact.load(exported("MSCSGRU_ScaleAware")[2])
    raw = readings(2, 80)
    raw[1, -38:] = raw[0, -38:]  # 2 * RECENT_STEPS frames, and what the widest kernel sees before them
    importance = artefact.run(raw, np.full(2, 80)).scale_importance
    np.testing.assert_allclose(importance[0], importance[1], atol=TOLERANCE)


def test_a_silent_window_gives_every_scale_a_third(settled, contract, readings, tmp_path: Path) -> None:
    network = settled("MSCSGRU_ScaleAware")
    with torch.no_grad():
        network.norm.weight.zero_()
        network.norm.bias.fill_(-1.0)  # nothing passes the ReLU, now or on average
        network.pooled_mean.zero_()
    export_network(network, Normaliser.fit([readings(500)]), contract, tmp_path / "a.onnx")
    importance = Artefact.load(tmp_path / "a.onnx").run(readings(2, 40), np.full(2, 40)).scale_importance
    np.testing.assert_allclose(importance, 1 / 3, atol=1e-6)


def test_a_silenced_tower_has_no_importance(settled, contract, readings, tmp_path: Path) -> None:
    network = settled("MSCSGRU_ScaleAware")
    with torch.no_grad():
        network.gru[0].W[:, 1] = 0  # nothing reaches the layer from kernel 5
    export_network(network, Normaliser.fit([readings(500)]), contract, tmp_path / "a.onnx")
    importance = Artefact.load(tmp_path / "a.onnx").run(readings(4, 40), np.full(4, 40)).scale_importance
    assert importance[:, 1].max() < 0.01
    assert importance[:, [0, 2]].min() > 0.05


def test_the_same_network_exports_to_the_same_bytes(exported, contract, tmp_path: Path) -> None:
    network, normaliser, path = exported("MSCSGRU")
    export_network(network, normaliser, contract.model_copy(update={"name": "MSCSGRU"}), tmp_path / "again.onnx")
    assert path.read_bytes() == (tmp_path / "again.onnx").read_bytes()

"""The networks against the mission: counts, equations step by step, and padding that never matters."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from models.networks.catalogue import NETWORKS  # noqa: E402
from models.networks.scale_aware import (  # noqa: E402
    MSCGRU_ScaleAware,
    MSCSGRU_ScaleAware,
    MSCSGRU_ScaleHard,
    ScaleAwareGRU,
    hard_sigmoid,
    parameter_count,
)
from scaleglove.scales import SCALES  # noqa: E402

PARAMETERS = {"MSCSGRU": 71_800, "MSCSGRU_ScaleAware": 95_992, "MSCSGRU_ScaleHard": 95_992, "MSCGRU_ScaleAware": 46_648}
MISSION = tuple(PARAMETERS)


@pytest.mark.parametrize("name", MISSION)
def test_parameter_counts_are_the_published_ones(name: str) -> None:
    assert parameter_count(NETWORKS[name](classes=24)) == PARAMETERS[name]


def test_the_missions_usage_works_as_written() -> None:
    model = MSCSGRU_ScaleAware(learning_rate=1e-3, input_size=8, hidden_size=64, classes=24, use_hard_functions=False)
    x, x_padding, y_targets = torch.randn(4, 87, 8), torch.zeros(4, 87), torch.randint(0, 24, (4,))
    logits, loss = model(x, x_padding, y_targets)
    importance = model.get_scale_importance()
    loss.backward()

    assert logits.shape == (4, 24)
    assert all(parameter.grad is not None for parameter in model.parameters())
    # At the start, Xavier's: sqrt(2048 * 2 / 96) = 6.53.
    assert importance["gru_layer1"]["update_gate"]["scale_3"] == pytest.approx(6.53, abs=0.15)


@pytest.mark.parametrize("hard", [False, True])
def test_the_layer_is_the_missions_equations_gate_by_gate_and_scale_by_scale(hard: bool) -> None:
    torch.manual_seed(0)
    layer = ScaleAwareGRU(5, 4, use_hard_functions=hard)
    with torch.no_grad():
        layer.b.normal_()
        layer.W.mul_(3)
    t = torch.randn(2, 6, len(SCALES), 5)
    sigmoid = (lambda x: torch.clamp(0.2 * x + 0.5, 0, 1)) if hard else torch.sigmoid
    tanh = (lambda x: torch.clamp(x, -1, 1)) if hard else torch.tanh

    h = torch.zeros(2, 4)
    for step in range(6):
        drive = [sum(t[:, step, s] @ layer.W[gate, s].T for s in range(3)) + layer.b[gate] for gate in range(3)]
        z = sigmoid(drive[0] + h @ layer.U[0].T)
        r = sigmoid(drive[1] + h @ layer.U[1].T)
        candidate = tanh(drive[2] + (r * h) @ layer.U[2].T)
        h = (1 - z) * h + z * candidate
        torch.testing.assert_close(layer(t)[:, step], h, atol=1e-6, rtol=0)


def test_hard_sigmoid_is_the_missions_not_torchs() -> None:
    x = torch.tensor([-9.0, -2.5, -1.0, 0.0, 1.0, 2.5, 9.0])
    torch.testing.assert_close(hard_sigmoid(x), torch.tensor([0.0, 0.0, 0.3, 0.5, 0.7, 1.0, 1.0]))
    assert not torch.allclose(hard_sigmoid(x), torch.nn.functional.hardsigmoid(x))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_window_gives_the_same_answer_alone_and_padded_whatever_stands_in_the_padding(settled, name: str) -> None:
    network = settled(name)
    lengths = torch.tensor([1, 2, 9, 10, 11, 43, 50])
    x = torch.randn(len(lengths), 50, 8)
    x_padding = torch.arange(50) >= lengths.unsqueeze(1)
    x[x_padding] = float("inf")
    with torch.no_grad():
        together = network.explain(x, x_padding)
        for row, length in enumerate(lengths):
            alone = network.explain(x[[row], :length])
            for one, many in zip(alone, together, strict=True):
                torch.testing.assert_close(one[0], many[row], atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_recognised_is_what_is_explained_and_the_embedding_is_the_features_in_the_metric(
    settled, name: str
) -> None:
    network, x, x_padding = settled(name), torch.randn(3, 50, 8), torch.arange(50).expand(3, -1) >= 41
    with torch.no_grad():
        probabilities, embedding = network.recognise(x, x_padding)
        explained, _, explained_embedding = network.explain(x, x_padding)
        torch.testing.assert_close(probabilities, explained)
        torch.testing.assert_close(probabilities, network(x, x_padding)[0].softmax(dim=1))
        torch.testing.assert_close(embedding, explained_embedding)
        torch.testing.assert_close(embedding, network.features(x, x_padding) @ network.metric)
    assert not torch.allclose(network.metric, torch.eye(len(network.metric)))


def test_the_hard_network_is_hard_and_the_single_one_has_one_layer() -> None:
    assert all(layer.use_hard_functions for layer in MSCSGRU_ScaleHard(classes=24).gru)
    assert list(MSCGRU_ScaleAware(classes=24).get_scale_importance()) == ["gru_layer1"]


@pytest.mark.parametrize("name", NETWORKS)
def test_scale_importance_names_every_gate_and_scale(name: str) -> None:
    for gates in NETWORKS[name](classes=24).get_scale_importance().values():
        assert list(gates) == ["update_gate", "reset_gate", "hidden_gate"]
        assert all(list(scales) == ["scale_3", "scale_5", "scale_7"] for scales in gates.values())


def test_the_baselines_importance_comes_from_the_slices_that_face_each_tower() -> None:
    network = NETWORKS["MSCSGRU"](classes=24)
    with torch.no_grad():
        network.gru_layer1.weight_ih_l0[:, 32:64] = 0  # the tower of kernel 5
        network.gru_layer1.weight_ih_l0[64:128, :32] = 2.0  # the update gate (torch's order is r, z, n), kernel 3
    importance = network.get_scale_importance()["gru_layer1"]
    assert {gate: scales["scale_5"] for gate, scales in importance.items()} == dict.fromkeys(importance, 0.0)
    assert importance["update_gate"]["scale_3"] == pytest.approx(2.0 * (64 * 32) ** 0.5)


def test_networks_refuse_the_functions_that_they_do_not_have() -> None:
    with pytest.raises(ValueError, match="no hard functions"):
        NETWORKS["MSCSGRU"](classes=24, use_hard_functions=True)
    with pytest.raises(ValueError, match="ScaleHard has hard functions"):
        MSCSGRU_ScaleHard(classes=24, use_hard_functions=False)
    assert parameter_count(MSCSGRU_ScaleHard(1e-3, 8, 64, classes=24, use_hard_functions=True)) == 95_992

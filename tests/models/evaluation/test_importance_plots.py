"""The table and the plot of the weights' importance before and after training."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest.importorskip("matplotlib", reason="the train extra is not installed")

from models.evaluation.importance_plots import (
    PlotError,
    Training,
    draw_importance,
    importance_rows,
    importance_table,
    write,
)

GATES = ("update_gate", "reset_gate", "hidden_gate")


def norms(*by_scale: float, layers: int = 2) -> dict[str, dict[str, dict[str, float]]]:
    gate = dict(zip(("scale_3", "scale_5", "scale_7"), by_scale, strict=True))
    return {f"gru_layer{layer}": {name: dict(gate) for name in GATES} for layer in range(1, layers + 1)}


TRAININGS = [
    Training("MSCSGRU_ScaleAware", 0, norms(6.0, 5.0, 4.0), norms(9.0, 6.0, 4.0)),
    Training("MSCSGRU_ScaleAware", 1, norms(6.0, 5.0, 4.0), norms(7.0, 6.0, 8.0)),
]


def test_a_row_for_every_layer_gate_and_scale() -> None:
    rows = importance_rows(TRAININGS)
    assert len(rows) == len(importance_table(rows)) - 2 == 2 * 3 * 3
    first = rows[0]
    assert (first["layer"], first["gate"], first["scale"]) == ("gru_layer1", "update_gate", "scale_3")
    assert (first["initial"], first["trained"]) == (6.0, 8.0)
    assert first["change_percent"] == pytest.approx((50 + 100 / 6) / 2)
    assert first["change_sd"] == pytest.approx((50 - 100 / 6) / 2**0.5)


def test_a_scale_is_first_only_where_every_seed_says_so() -> None:
    assert not any(row["first_in_all"] for row in importance_rows(TRAININGS))
    alone = importance_rows(TRAININGS[:1])
    assert {row["scale"] for row in alone if row["first_in_all"]} == {"scale_3"}
    assert {row["change_sd"] for row in alone} == {None}


def test_networks_are_not_mixed_and_none_is_not_drawn() -> None:
    other = Training("MSCSGRU", 0, norms(1, 1, 1, layers=1), norms(1, 1, 1, layers=1))
    with pytest.raises(PlotError, match="not of MSCSGRU, MSCSGRU_ScaleAware"):
        importance_rows([*TRAININGS, other])
    with pytest.raises(PlotError, match="needs another seed"):
        importance_rows([TRAININGS[0], TRAININGS[0]])
    with pytest.raises(PlotError, match="at least one checkpoint"):
        importance_rows([])


@pytest.mark.parametrize("layers", [1, 2])
def test_the_picture_is_the_same_every_time_and_says_what_it_shows(tmp_path: Path, layers: int) -> None:
    trainings = [Training("net", seed, norms(1, 2, 3, layers=layers), norms(3, 2, 1, layers=layers)) for seed in (4, 7)]
    for name in ("a.svg", "b.svg"):
        write(lambda: draw_importance(trainings), tmp_path / name)
    content = (tmp_path / "a.svg").read_bytes()
    assert content == (tmp_path / "b.svg").read_bytes()
    assert len(content) < 60_000
    words = {element.text for element in ElementTree.fromstring(content).iter() if element.text}
    assert {"net, seeds 4, 7", "layer 1, update gate", "scale 3", "scale 5", "scale 7", "at first", "trained"} <= words
    assert ("layer 2, hidden gate" in words) == (layers == 2)

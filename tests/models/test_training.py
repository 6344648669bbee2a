"""Training, evaluation and checkpoints on a few real or made episodes: small, but the real path."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from models.artefact import Artefact, ArtefactError  # noqa: E402
from models.checkpoint import Checkpoint, CheckpointError  # noqa: E402
from models.dataset import Recording  # noqa: E402
from models.evaluation import EvaluationError, evaluate, folds, predict  # noqa: E402
from models.export import export_network  # noqa: E402
from models.normaliser import NormaliserError  # noqa: E402
from models.training import Recipe, TrainingError, fit  # noqa: E402

RECIPE = Recipe(model="MSCGRU_ScaleAware", epochs=12, batch_size=32, learning_rate=1e-2)


@pytest.fixture(scope="module")
def recordings() -> list[Recording]:
    """Four letters far apart, two bends, two collections."""
    rng = np.random.default_rng(0)
    centres = np.hstack([rng.uniform(700, 950, (4, 5)), rng.uniform(-120, 120, (4, 3))])
    return [
        Recording((centres[label] + rng.normal(0, 3, (90, 8))).astype(np.float32), label, collection, bend)
        for label in range(4)
        for collection in ("a", "b")
        for bend in ("1", "2")
        for _ in range(8)
    ]


def test_it_learns_and_the_same_seed_gives_the_same_weights(recordings: list[Recording]) -> None:
    network, normaliser = fit(recordings, RECIPE, progress=False)
    again, _ = fit(recordings, RECIPE, progress=False)
    for one, two in zip(network.state_dict().values(), again.state_dict().values(), strict=True):
        torch.testing.assert_close(one, two, atol=0, rtol=0)
    answers = predict(network, normaliser, recordings, RECIPE.window_frames)
    assert np.mean(answers == [recording.label for recording in recordings]) > 0.95


def test_every_fold_leaves_out_what_it_says(recordings: list[Recording]) -> None:
    by_protocol: dict[str, list[object]] = {}
    for fold in folds(recordings, seed=0):
        by_protocol.setdefault(fold.protocol, []).append(fold)
        left_out = set(fold.test)
        groups = {
            "leave_one_bend_out": lambda r: r.bend,
            "leave_one_collection_out": lambda r: r.collection,
        }.get(fold.protocol)
        if groups:
            tested = {groups(recordings[i]) for i in left_out}
            trained = {groups(r) for i, r in enumerate(recordings) if i not in left_out}
            assert len(tested) == 1
            assert not tested & trained
        else:
            labels = np.bincount([recordings[i].label for i in left_out])
            assert (labels == labels[0]).all()
    assert {name: len(found) for name, found in by_protocol.items()} == {
        "random": 1,
        "leave_one_bend_out": 2,
        "leave_one_collection_out": 2,
    }


def test_poisoning_the_tested_part_changes_nothing_that_is_fitted(
    recordings: list[Recording], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test part of one fold is replaced by rubbish: the network and normaliser fitted for it stay the same."""
    from models import evaluation

    recipe = replace(RECIPE, epochs=1)
    fitted: list[tuple[object, object]] = []

    def spy(train, used_recipe, progress):
        fitted.append(fit(train, used_recipe, progress))
        return fitted[-1]

    monkeypatch.setattr(evaluation, "fit", spy)
    fold = next(fold for fold in folds(recordings, 0) if fold.protocol == "leave_one_collection_out")
    monkeypatch.setattr(evaluation, "folds", lambda *_: [fold])
    tested = set(fold.test.tolist())
    poisoned = [
        replace(r, samples=np.full_like(r.samples, 9e4)) if i in tested else r for i, r in enumerate(recordings)
    ]
    for data in (recordings, poisoned):
        evaluate(data, recipe, lambda *_: None, progress=False)

    (clean, clean_normaliser), (dirty, dirty_normaliser) = fitted
    assert clean_normaliser.as_dict() == dirty_normaliser.as_dict()
    for one, two in zip(clean.state_dict().values(), dirty.state_dict().values(), strict=True):
        torch.testing.assert_close(one, two, atol=0, rtol=0)


def test_the_report_has_every_protocol_with_the_baseline_beside_it(recordings: list[Recording]) -> None:
    said: list[str] = []
    report = evaluate(recordings, replace(RECIPE, epochs=1), lambda fold, _: said.append(fold.name), progress=False)
    assert len(said) == 5
    for protocol in report.values():
        for model in (RECIPE.model, "ExtraTrees"):
            figures = [fold[model] for fold in protocol["folds"].values()]
            assert protocol[model] == pytest.approx(np.mean(figures), abs=0.01)
            assert all(0 <= figure <= 100 for figure in figures)


def test_from_checkpoint_to_artefact(recordings: list[Recording], tmp_path: Path) -> None:
    recipe = replace(RECIPE, epochs=2)
    network, normaliser = fit(recordings, recipe, progress=False)
    Checkpoint(network, normaliser, recipe, "made up", "abc").save(tmp_path / "c.pt")
    stored = Checkpoint.load(tmp_path / "c.pt")
    report = {"accuracy_percent": {}, "recipe": json.loads(json.dumps(recipe.as_dict()))}
    export_network(stored.network, stored.normaliser, stored.contract("1.2.3", report), tmp_path / "a.onnx")

    artefact = Artefact.load(tmp_path / "a.onnx")
    assert artefact.contract.version == "1.2.3"
    assert artefact.contract.report == report
    assert artefact.contract.provenance.recipe["epochs"] == 2
    assert artefact.contract.weight_importance == network.get_scale_importance()
    answers = predict(network, normaliser, recordings, 80)
    served = artefact.run_windows([r.samples for r in recordings]).probabilities.argmax(axis=1)
    np.testing.assert_array_equal(answers, served)


def test_a_report_of_another_recipe_is_refused_and_none_is_not_claimed(recordings: list[Recording]) -> None:
    recipe = replace(RECIPE, epochs=1)
    network, normaliser = fit(recordings, recipe, progress=False)
    checkpoint = Checkpoint(network, normaliser, recipe, "made up", "abc")
    other = json.loads(json.dumps(replace(recipe, epochs=400).as_dict()))
    with pytest.raises(CheckpointError, match="another recipe"):
        checkpoint.contract("1", {"accuracy_percent": {}, "recipe": other})
    assert checkpoint.contract("1", {}).provenance.split == "all of the data"


def test_a_broken_network_does_not_replace_a_good_artefact(recordings: list[Recording], tmp_path: Path) -> None:
    recipe = replace(RECIPE, epochs=1)
    network, normaliser = fit(recordings, recipe, progress=False)
    contract = Checkpoint(network, normaliser, recipe, "made up", "abc").contract("1", {})
    export_network(network, normaliser, contract, tmp_path / "a.onnx")
    good = (tmp_path / "a.onnx").read_bytes()
    with torch.no_grad():
        network.head[0].weight.fill_(float("nan"))
    with pytest.raises(ArtefactError, match="is not finite"):
        export_network(network, normaliser, contract, tmp_path / "a.onnx")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [good]


def test_a_dead_or_stuck_sensor_is_named_and_nothing_is_trained(recordings: list[Recording]) -> None:
    third = np.arange(8) == 2
    for reading in (0.0, 800.0):
        stuck = [replace(r, samples=np.where(third, np.float32(reading), r.samples)) for r in recordings]
        with pytest.raises(NormaliserError, match="flex3 reads the same"):
            fit(stuck, RECIPE, progress=False)


def test_a_training_that_comes_apart_is_said(recordings: list[Recording]) -> None:
    with pytest.raises(TrainingError, match="came apart in epoch 0: the loss is nan"):
        fit(recordings, replace(RECIPE, learning_rate=1e30), progress=False)


def test_too_little_to_evaluate_is_said(recordings: list[Recording]) -> None:
    with pytest.raises(EvaluationError, match="two letters or more"):
        folds([r for r in recordings if r.label == 0], 0)
    with pytest.raises(EvaluationError, match="2 recordings of each"):
        folds([*recordings, replace(recordings[0], label=9)], 0)


def test_what_is_no_checkpoint_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no such file"):
        Checkpoint.load(tmp_path / "none.pt")
    (tmp_path / "text.pt").write_text("hello")
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        Checkpoint.load(tmp_path / "text.pt")

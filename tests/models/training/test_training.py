"""Training, and the way from a checkpoint to an artefact, on a few made episodes: small, but the real process."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from models.data.dataset import Recording, to_batch  # noqa: E402
from models.export.onnx_export import export_network  # noqa: E402
from models.networks.normaliser import Normaliser, NormaliserError  # noqa: E402
from models.networks.scale_aware import MSCSGRU_ScaleAware_Stream, Network  # noqa: E402
from models.runtime.artefact import Artefact, ArtefactError  # noqa: E402
from models.training.checkpoint import Checkpoint, CheckpointError  # noqa: E402
from models.training.progress import EpochProgress  # noqa: E402
from models.training.recipe import Recipe, TrainingError  # noqa: E402
from models.training.training import fingerprint, first_network, fit, tensors  # noqa: E402
from tests.conftest import ROOT  # noqa: E402

SHIPPED = sorted((ROOT / "models" / "artefacts").glob("*.onnx"))

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


@pytest.mark.parametrize("artefact", SHIPPED, ids=lambda path: path.stem)
def test_an_artefact_tells_where_its_training_began(artefact: Path) -> None:
    contract = Artefact.load(artefact).contract
    first = first_network(Recipe.of(contract.provenance.recipe))
    assert contract.initial_importance == first.get_scale_importance()
    assert contract.initial_importance != contract.weight_importance


def answers(network: Network, normaliser: Normaliser, recordings: list[Recording]) -> list[int]:
    batch = to_batch([r.samples[-RECIPE.window_frames :] for r in recordings], [r.label for r in recordings])
    x, x_padding, _ = tensors(normaliser, batch)
    with torch.inference_mode():
        return network(x, x_padding)[0].argmax(dim=1).tolist()


def test_it_learns_on_sequences_to_know_the_letter_after_every_step(recordings: list[Recording]) -> None:
    recipe = replace(RECIPE, model="MSCSGRU_ScaleAware_Stream", sequence_frames=80, epochs=10)
    network, normaliser = fit(recordings, recipe)
    assert isinstance(network, MSCSGRU_ScaleAware_Stream)
    order = recordings[::5]
    frames = torch.from_numpy(normaliser.apply(np.concatenate([recording.samples for recording in order])))
    with torch.inference_mode():
        named = network.unroll(frames[None])[0].argmax(dim=1).numpy()
    steps = np.repeat([recording.label for recording in order], 45)
    settled = np.arange(len(steps)) % 45 > 10
    assert (named == steps)[settled].mean() > 0.95
    assert np.equal(answers(network, normaliser, order), [recording.label for recording in order]).mean() > 0.95


def test_a_network_for_windows_is_not_trained_on_sequences(recordings: list[Recording]) -> None:
    with pytest.raises(TrainingError, match="MSCGRU_ScaleAware has no `unroll`"):
        fit(recordings, replace(RECIPE, sequence_frames=160))


def record_batches(patched: pytest.MonkeyPatch) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return a list that gets the logits and the targets of every batch whose loss is taken from now on."""
    taken: list[tuple[np.ndarray, np.ndarray]] = []
    cross_entropy = torch.nn.functional.cross_entropy

    def recorded(logits: torch.Tensor, targets: torch.Tensor, **options: float) -> torch.Tensor:
        taken.append((logits.detach().cpu().double().numpy(), targets.cpu().numpy()))
        return cross_entropy(logits, targets, **options)

    patched.setattr(torch.nn.functional, "cross_entropy", recorded)
    return taken


@pytest.mark.parametrize(("model", "sequence_frames"), [("MSCGRU_ScaleAware", None), ("MSCSGRU_ScaleAware_Stream", 80)])
def test_progress_is_reported_after_each_epoch_and_changes_no_weight(
    recordings: list[Recording], model: str, sequence_frames: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = replace(RECIPE, model=model, sequence_frames=sequence_frames, epochs=2, batch_size=16, label_smoothing=0.1)
    train, left_out = recordings[::4], recordings[1::4]
    told: list[EpochProgress] = []
    with monkeypatch.context() as patched:
        batches = record_batches(patched)
        watched, normaliser = fit(train, recipe, on_epoch=told.append, left_out=left_out)
    alone, _ = fit(train, recipe)
    for name, tensor in alone.state_dict().items():
        assert torch.equal(tensor, watched.state_dict()[name]), name
    assert [(one.epoch, one.epochs) for one in told] == [(1, 2), (2, 2)]
    assert len(batches) == 4
    for one, seen in zip(told, (batches[:2], batches[2:]), strict=True):
        logits, targets = (np.concatenate(parts) for parts in zip(*seen, strict=True))
        assert one.accuracy == pytest.approx(100 * np.mean(logits.argmax(axis=1) == targets))
        logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        of_targets = logs[np.arange(len(targets)), targets]
        assert one.loss == pytest.approx(-(0.9 * of_targets + 0.1 * logs.mean(axis=1)).mean(), rel=1e-4)
    assert told[-1].seconds_left == 0
    right = np.equal(answers(watched, normaliser, left_out), [recording.label for recording in left_out])
    assert told[-1].left_out_accuracy == pytest.approx(100 * right.mean())


def test_a_recipe_from_before_sequences_reads_as_it_was_written() -> None:
    assert "sequence_frames" not in RECIPE.as_dict()
    assert replace(RECIPE, sequence_frames=160).as_dict()["sequence_frames"] == 160


def test_it_learns(recordings: list[Recording]) -> None:
    network, normaliser = fit(recordings, RECIPE)
    right = np.equal(answers(network, normaliser, recordings), [recording.label for recording in recordings])
    assert right.mean() > 0.95


def test_inputs_and_metric_are_fitted_on_what_was_trained_on(recordings: list[Recording]) -> None:
    recipe = replace(RECIPE, model="MSCSGRU_ScaleAware_Encoded", epochs=1)
    network, normaliser = fit(recordings, recipe)
    frames = normaliser.apply(np.concatenate([recording.samples for recording in recordings]))
    np.testing.assert_allclose(network.encoding.low[:, 0], frames.min(axis=0), atol=0.05)
    np.testing.assert_allclose(network.encoding.rate, np.pi / 180 / normaliser.gain[5:7], rtol=1e-6)

    labels = np.array([recording.label for recording in recordings])
    batch = to_batch([recording.samples[-recipe.window_frames :] for recording in recordings], labels)
    with torch.inference_mode():
        embeddings = network.recognise(*tensors(normaliser, batch)[:2])[1].numpy()
    means = np.stack([embeddings[labels == label].mean(axis=0) for label in range(4)])
    assert np.square(embeddings - means[labels]).sum(axis=1).mean() == pytest.approx(1, rel=1e-3)


def test_from_checkpoint_to_artefact(recordings: list[Recording], tmp_path: Path) -> None:
    recipe = replace(RECIPE, epochs=2)
    fitted = network, normaliser = fit(recordings, recipe)
    Checkpoint.of(fitted, recipe, recordings).save(tmp_path / "c.pt")
    stored = Checkpoint.load(tmp_path / "c.pt")
    settings = json.loads(json.dumps(recipe.as_dict()))
    report = {"accuracy_percent": {}, "recipe": settings, "data": {"fingerprint": fingerprint(recordings)}}
    export_network(stored.network, stored.normaliser, stored.contract("1.2.3", report), tmp_path / "a.onnx")

    artefact = Artefact.load(tmp_path / "a.onnx")
    assert artefact.contract.version == "1.2.3"
    assert artefact.contract.report == report
    assert artefact.contract.provenance.recipe["epochs"] == 2
    assert artefact.contract.weight_importance == network.get_scale_importance()
    served = artefact.run_windows([r.samples for r in recordings]).probabilities.argmax(axis=1)
    np.testing.assert_array_equal(answers(network, normaliser, recordings), served)


def test_a_report_of_another_recipe_or_other_recordings_is_refused_and_none_is_not_claimed(
    recordings: list[Recording],
) -> None:
    recipe = replace(RECIPE, epochs=1)
    checkpoint = Checkpoint.of(fit(recordings, recipe), recipe, recordings)
    other = json.loads(json.dumps(replace(recipe, epochs=400).as_dict()))
    with pytest.raises(CheckpointError, match="another recipe"):
        checkpoint.contract("1", {"accuracy_percent": {}, "recipe": other})
    elsewhere = {
        "recipe": json.loads(json.dumps(recipe.as_dict())),
        "data": {"fingerprint": fingerprint(recordings[1:])},
    }
    with pytest.raises(CheckpointError, match="other recordings"):
        checkpoint.contract("1", {"accuracy_percent": {}} | elsewhere)
    assert checkpoint.contract("1", {}).provenance.split == "all of the data"


def test_a_broken_network_does_not_replace_a_good_artefact(recordings: list[Recording], tmp_path: Path) -> None:
    recipe = replace(RECIPE, epochs=1)
    network, normaliser = fit(recordings, recipe)
    contract = Checkpoint.of((network, normaliser), recipe, recordings).contract("1", {})
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
        with pytest.raises(NormaliserError, match="flex3 has the same reading"):
            fit(stuck, RECIPE)


def test_a_training_that_diverges_is_reported(recordings: list[Recording]) -> None:
    with pytest.raises(TrainingError, match="diverged in epoch 0: the loss is nan"):
        fit(recordings, replace(RECIPE, learning_rate=1e30))


def test_what_is_no_checkpoint_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no such file"):
        Checkpoint.load(tmp_path / "none.pt")
    (tmp_path / "text.pt").write_text("hello")
    with pytest.raises(CheckpointError, match="not a checkpoint"):
        Checkpoint.load(tmp_path / "text.pt")

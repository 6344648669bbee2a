"""The origin of its weights in a checkpoint."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from models.data.dataset import HoldOut, Recording  # noqa: E402
from models.networks.normaliser import Normaliser  # noqa: E402
from models.training.checkpoint import Checkpoint, git_revision  # noqa: E402
from models.training.recipe import Recipe  # noqa: E402
from models.training.training import fingerprint, first_network  # noqa: E402

RECIPE = Recipe(model="MSCSGRU", seed=3)
RECORDINGS = [
    Recording(np.random.default_rng(i).uniform(700, 900, (20, 8)).astype(np.float32), 0, collection, "1")
    for i, collection in enumerate(("b", "a", "a"))
]


@pytest.fixture
def checkpoint() -> Checkpoint:
    network = first_network(RECIPE)
    with torch.no_grad():
        network.gru_layer1.weight_ih_l0.mul_(2)
    normaliser = Normaliser.fit([r.samples for r in RECORDINGS])
    return Checkpoint.of((network.eval(), normaliser), RECIPE, RECORDINGS, HoldOut(bends=("3",)))


def test_it_is_the_same_after_save_and_load(checkpoint: Checkpoint, tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "runs" / "c.pt")
    stored = Checkpoint.load(tmp_path / "runs" / "c.pt")
    assert (stored.recipe, stored.origin, stored.initial_importance) == (
        checkpoint.recipe,
        checkpoint.origin,
        checkpoint.initial_importance,
    )
    for one, two in zip(stored.network.state_dict().values(), checkpoint.network.state_dict().values(), strict=True):
        assert torch.equal(one, two)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["c.pt"]


def test_the_artefact_will_say_where_its_weights_come_from(checkpoint: Checkpoint) -> None:
    provenance = checkpoint.contract("1", {}).provenance
    assert provenance.data == f"a (2 episodes), b (1 episodes); sha256 of the samples {fingerprint(RECORDINGS)}"
    assert provenance.split == "all of the data but bend 3"
    assert (provenance.seed, provenance.revision) == (3, git_revision())
    assert provenance.libraries["torch"] == version("torch")


def test_importance_before_and_after_training_is_kept_apart(checkpoint: Checkpoint) -> None:
    first = checkpoint.initial_importance["gru_layer1"]["update_gate"]["scale_3"]
    last = checkpoint.network.get_scale_importance()["gru_layer1"]["update_gate"]["scale_3"]
    assert last == pytest.approx(2 * first)


def test_an_interrupted_save_leaves_the_good_one(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "c.pt"
    checkpoint.save(path)
    good = path.read_bytes()

    def half(_: object, draft: Path) -> None:
        draft.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(OSError, match="disk full"):
        checkpoint.save(path)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [good]

"""A training that is killed and resumed gives the same weights as an uninterrupted one, bit for bit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.deadlines import RUN_S

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from models.data.dataset import Recording  # noqa: E402
from models.networks.scale_aware import Network  # noqa: E402
from models.training.recipe import Recipe, TrainingError  # noqa: E402
from models.training.training import fingerprint, first_network, fit  # noqa: E402

RECIPE = Recipe(model="MSCGRU_ScaleAware", epochs=4, batch_size=8)


def recordings() -> list[Recording]:
    """Make two letters of 10 episodes; 20 is no multiple of the batch, so some are left over in every epoch."""
    rng = np.random.default_rng(0)
    return [
        Recording(rng.uniform(700, 900, (60 + i, 8)).astype(np.float32), label, "a", "1")
        for label in (0, 1)
        for i in range(10)
    ]


def weights(network: Network) -> bytes:
    return b"".join(tensor.numpy().tobytes() for tensor in network.state_dict().values())


@pytest.fixture(scope="module")
def in_one_piece() -> bytes:
    return weights(fit(recordings(), RECIPE)[0])


def train_until_killed(state: Path) -> None:
    """Train in a separate process, with SIGKILL at the end of the third epoch, one after the last state was written."""
    from models.training import steps

    class Killer(steps.KeepState):
        def on_train_epoch_end(self, trainer, module):
            if trainer.current_epoch == 2:
                os.kill(os.getpid(), signal.SIGKILL)
            super().on_train_epoch_end(trainer, module)

    steps.KeepState = Killer
    fit(recordings(), RECIPE, state=state)


def test_killed_and_resumed_is_as_if_it_never_stopped(in_one_piece: bytes, tmp_path: Path) -> None:
    state = tmp_path / "c.pt.state"
    code = (
        "import sys, pathlib; from tests.models.training.test_resume import train_until_killed;"
        "train_until_killed(pathlib.Path(sys.argv[1]))"
    )
    child = subprocess.run([sys.executable, "-c", code, str(state)], capture_output=True, check=False, timeout=RUN_S)
    assert child.returncode == -signal.SIGKILL, child.stderr
    assert torch.load(state, weights_only=True)["epoch"] == 1
    network, _ = fit(recordings(), RECIPE, state=state)
    assert weights(network) == in_one_piece


def test_a_training_that_had_ended_gives_its_weights_again(in_one_piece: bytes, tmp_path: Path) -> None:
    state = tmp_path / "c.pt.state"
    fit(recordings(), RECIPE, state=state)
    assert [path.name for path in tmp_path.iterdir()] == ["c.pt.state"]
    assert weights(fit(recordings(), RECIPE, state=state)[0]) == in_one_piece


def test_the_number_of_threads_makes_no_difference(in_one_piece: bytes) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert weights(fit(recordings(), RECIPE)[0]) == in_one_piece
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_another_seed_gives_other_weights(in_one_piece: bytes) -> None:
    assert weights(fit(recordings(), replace(RECIPE, seed=1))[0]) != in_one_piece


def test_a_state_of_another_training_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "c.pt.state"
    fit(recordings(), replace(RECIPE, epochs=2), state=state)
    for data, recipe in ((recordings(), RECIPE), (recordings()[1:], replace(RECIPE, epochs=2))):
        with pytest.raises(TrainingError, match="another recipe, other recordings"):
            fit(data, recipe, state=state)
    state.write_text("hello")
    with pytest.raises(TrainingError, match="not the state of an interrupted training"):
        fit(recordings(), RECIPE, state=state)


def test_the_first_network_is_the_recipes_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one = weights(first_network(RECIPE))
    assert torch.equal(torch.rand(3), expected)  # and nobody else's random numbers are touched
    assert weights(first_network(RECIPE)) == one
    assert weights(first_network(replace(RECIPE, seed=1))) != one


def test_every_part_of_a_recording_changes_the_fingerprint() -> None:
    one, *others = recordings()
    changed = one.samples.copy()
    changed[30, 4] += 0.1
    variants = [
        replace(one, samples=changed),
        replace(one, label=1),
        replace(one, bend="2"),
        replace(one, collection="b"),
    ]
    prints = {fingerprint([variant, *others]) for variant in (one, *variants)}
    assert len(prints) == len(variants) + 1
    assert fingerprint(recordings()) in prints

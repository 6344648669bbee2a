"""One chain over a recording of each letter: PyTorch = ONNX = C on this computer, of some = C on a Cortex-M4F in QEMU.

The other tests here hold its links for the shipped artefacts, whose PyTorch weights are not kept; this one trains.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")

import torch

from benchmarks.chip.emulated_chip import CORTEX_M4F, run
from models.data.dataset import Recording, to_batch
from models.export.c.host import Package
from models.export.c.package import export_package
from models.export.c.readings import Arithmetic, to_readings
from models.export.onnx_export import export_network
from models.runtime.artefact import Artefact
from models.runtime.contract import ModelContract
from models.training.recipe import Recipe
from models.training.training import fit, tensors
from tests.models.export.c.conftest import FAST_TO_COMPILE, Windows
from tests.models.export.c.test_integer import NEAR
from tests.models.export.c.test_on_chip import assert_answers_as_here, needs_target

EXACT = 1e-5
"""Of a probability, between float32 in another order."""


@pytest.fixture(scope="module")
def recordings(letters: Windows) -> list[Recording]:
    """Four pieces of each letter."""
    return [
        Recording(samples[begin : begin + 60], label, "x", "1")
        for label, samples in enumerate(letters)
        for begin in (0, 5, 10, 15)
    ]


def test_all_say_the_same(
    contract: ModelContract, letters: Windows, recordings: list[Recording], tmp_path: Path
) -> None:
    """Of one network; the others are in ../test_vocabularies.py, without a training."""
    needs_target(CORTEX_M4F)
    windows = [window[-80:] for window in letters]
    network, normaliser = fit(recordings, Recipe(model="MSCSGRU_ScaleAware", epochs=20, batch_size=32))
    x, x_padding, _ = tensors(normaliser, to_batch(windows, range(len(windows))))
    with torch.inference_mode():
        by_torch = network.recognise(x, x_padding)[0].numpy()
    assert len(set(by_torch.argmax(axis=1))) > 12  # else there is little to agree about; which is up to the training

    export_network(network, normaliser, contract, tmp_path / "net.onnx")
    by_onnx = Artefact.load(tmp_path / "net.onnx").run_windows(windows).probabilities
    np.testing.assert_allclose(by_onnx, by_torch, rtol=0, atol=EXACT)

    bounds: dict[Arithmetic, float] = {"float32": EXACT, "integer": NEAR}
    for arithmetic, bound in bounds.items():
        folder = tmp_path / arithmetic
        folder.mkdir()
        export_package(tmp_path / "net.onnx", folder, arithmetic)
        package = Package.compiled(folder, arithmetic, FAST_TO_COMPILE)
        by_c = package.run_windows(windows).probabilities
        np.testing.assert_allclose(by_c, by_onnx, rtol=0, atol=bound)
        assert (by_c.argmax(axis=1) == by_onnx.argmax(axis=1)).mean() >= 0.995
        on_chip = run(CORTEX_M4F, folder, [to_readings(window, arithmetic) for window in windows[::6]], folder)
        assert_answers_as_here(on_chip, package, windows[::6])

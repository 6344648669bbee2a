"""Any number of labels: PyTorch = ONNX = INT8 = kernel = C, over vocabularies of the fewest, the usual and the most."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch", reason="the train extra is not installed")

from benchmarks.chip.emulated_chip import CORTEX_M4F, run  # noqa: E402
from models.data.dataset import Recording  # noqa: E402
from models.export.c.host import Package  # noqa: E402
from models.export.c.package import HEADER, export_package  # noqa: E402
from models.export.c.readings import Arithmetic, to_readings  # noqa: E402
from models.export.measured_metadata import write_prototypes  # noqa: E402
from models.export.onnx_export import export_network  # noqa: E402
from models.export.quantise import quantise_artefact  # noqa: E402
from models.networks.normaliser import Normaliser  # noqa: E402
from models.runtime.artefact import Artefact, agreement  # noqa: E402
from models.runtime.contract import VOCABULARY_SINCE, ModelContract  # noqa: E402
from models.runtime.kernel.kernel import Kernel  # noqa: E402
from models.training.recipe import Recipe  # noqa: E402
from scaleglove.native.compiler import find_compiler  # noqa: E402
from scaleglove.vocabulary import FEWEST_LABELS, MOST_LABELS, Vocabulary, load_vocabulary  # noqa: E402
from tests.models.export.c.conftest import FAST_TO_COMPILE  # noqa: E402
from tests.models.export.c.test_on_chip import assert_answers_as_here, needs_target  # noqa: E402
from tests.models.runtime.conftest import built  # noqa: E402, F401

NAMES = ("MSCSGRU_ScaleHard", "MSCSGRU_ScaleAware_Encoded", "MSCSGRU_ScaleAware_Moving")
CASES = (
    *((name, count) for name in NAMES for count in (FEWEST_LABELS, MOST_LABELS)),
    # The number of labels is in the head alone, which all networks have in common: one shows those in between.
    *((NAMES[0], count) for count in (24, 40)),
)
EXACT = 1e-5
"""Of a probability, between float32 in another order."""
NEAR = {"integer": 0.02, "int8": 0.1}
"""Of a probability, of a network that was not trained: it has no letter far ahead of the others."""

Made = tuple[Any, Normaliser, Path]

pytestmark = pytest.mark.parametrize(("name", "count"), CASES)


def vocabulary_of(count: int) -> Vocabulary:
    """Return the package's vocabulary of this size, else one whose labels are awkward in C and in paths."""
    known = {24: "american", 40: "american_signs"}
    if count in known:
        return load_vocabulary(known[count])
    return Vocabulary.of([f'sign {number} 한 "quoted" %d ??/'.strip("/") for number in range(count)])


@pytest.fixture(scope="session")
def made(
    tmp_path_factory: pytest.TempPathFactory,
    settled: Callable[..., object],
    contract: ModelContract,
    readings: Callable[..., NDArray[np.float32]],
) -> Callable[[str, int], Made]:
    """Network, normaliser and artefact with prototypes, by name and number of labels; made once."""

    @cache
    def make(name: str, count: int) -> Made:
        path = tmp_path_factory.mktemp("artefacts") / f"{name}_{count}.onnx"
        vocabulary = vocabulary_of(count)
        network, normaliser = settled(name, count), Normaliser.fit([readings(2000)])
        recipe = Recipe(model=name, vocabulary=vocabulary).as_dict()
        own = {
            "schema_version": VOCABULARY_SINCE,
            "name": name,
            "vocabulary": vocabulary,
            "labels": vocabulary.names,
            "provenance": contract.provenance.model_copy(update={"recipe": recipe}),
        }
        export_network(network, normaliser, contract.model_copy(update=own), path)
        shown = [Recording(frames, label, "x", "1") for label, frames in enumerate(readings(count, 20, seed=1))]
        assert write_prototypes(path, shown) == count
        return network, normaliser, path

    return make


@pytest.fixture(scope="session")
def windows(readings: Callable[..., NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    return [readings(length, seed=length) for length in (1, 10, 23, 40, 80)]


def test_the_artefact_has_its_vocabulary_and_equals_the_network(
    name: str, count: int, made: Callable[[str, int], Made], windows: list[NDArray[np.float32]]
) -> None:
    network, normaliser, path = made(name, count)
    artefact = Artefact.load(path)
    assert artefact.contract.vocabulary == vocabulary_of(count)
    assert artefact.contract.labels == vocabulary_of(count).names
    found = artefact.run_windows(windows)
    assert found.probabilities.shape == (len(windows), count)
    for row, window in enumerate(windows):
        x = torch.from_numpy(normaliser.apply(window))[np.newaxis]
        with torch.inference_mode():
            expected = network.explain(x, torch.zeros(1, len(window), dtype=torch.bool))
        ours = (found.probabilities, found.scale_importance, found.embedding)
        for one, other in zip(ours, expected, strict=True):
            np.testing.assert_allclose(one[row], other[0].numpy(), atol=EXACT, rtol=0)


def test_its_prototypes_are_a_reference_of_all_labels(
    name: str, count: int, made: Callable[[str, int], Made], readings: Callable[..., NDArray[np.float32]]
) -> None:
    artefact = Artefact.load(made(name, count)[2])
    assert artefact.reference is not None
    assert artefact.reference.additive is not None
    assert artefact.reference.additive.bias.shape == (count,)
    assert artefact.readings is not None
    outputs = artefact.run_windows(list(readings(count, 20, seed=1)))
    scores = artefact.reference.log_scores(outputs.probabilities, outputs.embedding)
    assert scores.shape == (count, count + 1)
    assert set(artefact.reference.labels.tolist()) == set(range(count))
    assert np.isfinite(scores).all()


def test_the_kernel_computes_it(
    name: str,
    count: int,
    made: Callable[[str, int], Made],
    windows: list[NDArray[np.float32]],
    built: Path,  # noqa: F811
) -> None:
    artefact = Artefact.load(made(name, count)[2])
    kernel = Kernel.load(artefact, folder=built)
    assert agreement(artefact, kernel, windows).largest_difference <= EXACT


def test_int8_weights_are_near(
    name: str, count: int, made: Callable[[str, int], Made], windows: list[NDArray[np.float32]], tmp_path: Path
) -> None:
    path = made(name, count)[2]
    quantise_artefact(path, tmp_path / "int8.onnx")
    one, other = Artefact.load(path), Artefact.load(tmp_path / "int8.onnx")
    assert other.contract.vocabulary == one.contract.vocabulary
    assert agreement(one, other, windows).largest_difference <= NEAR["int8"]


@pytest.mark.parametrize("arithmetic", ["float32", "integer"])
def test_the_package_has_the_labels_and_computes_it(
    name: str,
    count: int,
    arithmetic: Arithmetic,
    made: Callable[[str, int], Made],
    windows: list[NDArray[np.float32]],
    tmp_path: Path,
) -> None:
    if find_compiler() is None:
        pytest.skip("there is no C compiler")
    path = made(name, count)[2]
    export_package(path, tmp_path, arithmetic)
    assert f"SG_NET_LABELS = {count}" in (tmp_path / HEADER).read_text(encoding="utf-8")
    package = Package.compiled(tmp_path, arithmetic, FAST_TO_COMPILE)
    artefact = Artefact.load(path)
    assert package.labels == artefact.contract.labels
    expected, found = artefact.run_windows(windows), package.run_windows(windows)
    bound = EXACT if arithmetic == "float32" else NEAR["integer"]
    np.testing.assert_allclose(found.probabilities, expected.probabilities, rtol=0, atol=bound)
    letters = [package.window(window)[0] for window in windows]
    assert letters == found.probabilities.argmax(axis=1).tolist()
    if name == NAMES[0] and arithmetic == "integer":
        needs_target(CORTEX_M4F)
        ran = run(CORTEX_M4F, tmp_path, [to_readings(window, arithmetic) for window in windows[:3]], tmp_path)
        assert_answers_as_here(ran, package, windows[:3])

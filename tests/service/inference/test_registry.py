"""The kernel and ONNX Runtime give the same outputs."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from models.runtime.accelerate import Accelerator
from models.runtime.artefact import Artefact, ArtefactError
from models.runtime.gpu import GpuError
from models.runtime.kernel import KernelError
from models.runtime.kernel.library import built
from scaleglove.language.language_model import language_model
from service.inference.registry import ModelRegistry

MODEL = "MSCSGRU_ScaleAware_Encoded"


def test_accelerated_or_not_the_models_and_their_answers_are_the_same(artefact_path: Path) -> None:
    plain, fast = (ModelRegistry.load(artefact_path.parent, MODEL, wish) for wish in ("onnx", "auto"))
    assert all(isinstance(plain.get(name), Artefact) for name in plain.names)
    assert plain.names == fast.names
    window = np.random.default_rng(0).uniform(0, 900, (40, 8)).astype(np.float32)
    for name in plain.names:
        one, other = (registry.get(name).run_windows([window]).probabilities for registry in (plain, fast))
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-5)


def test_without_a_name_the_usual_model_is_the_default_or_the_folders_only_one(
    artefact_path: Path, tmp_path: Path
) -> None:
    shipped = ModelRegistry.load(artefact_path.parent, None, "onnx", MODEL)
    assert shipped.default == shipped.get().contract.name == MODEL
    shutil.copy(artefact_path.parent / "MSCSGRU.onnx", tmp_path)
    assert ModelRegistry.load(tmp_path, None, "onnx", MODEL).default == "MSCSGRU"
    shutil.copy(artefact_path.parent / "MSCSGRU_ScaleHard.onnx", tmp_path)
    with pytest.raises(ArtefactError, match=r"--model \(SCALEGLOVE_MODEL\) to one of MSCSGRU, MSCSGRU_ScaleHard"):
        ModelRegistry.load(tmp_path, None, "onnx", MODEL)
    assert ModelRegistry.load(tmp_path, "MSCSGRU_ScaleHard", "onnx", MODEL).default == "MSCSGRU_ScaleHard"


def test_the_language_of_a_vocabulary_is_there_before_a_stream_needs_it(artefact_path: Path, tmp_path: Path) -> None:
    shutil.copy(artefact_path.parent / "MSCSGRU.onnx", tmp_path)
    language_model.cache_clear()
    registry = ModelRegistry.load(tmp_path, None, "onnx")
    before = language_model.cache_info().misses
    assert language_model(registry.get().contract.vocabulary.language) is not None
    assert language_model.cache_info().misses == before


@pytest.mark.parametrize("accelerator", ["cuda", "tensorrt"])
def test_a_requested_gpu_is_used_or_the_start_fails(accelerator: Accelerator, artefact_path: Path) -> None:
    with pytest.raises(GpuError, match="no_provider: this ONNX Runtime has no"):
        ModelRegistry.load(artefact_path.parent, MODEL, accelerator)


def test_a_requested_kernel_is_used_or_the_start_fails(artefact_path: Path) -> None:
    if built():
        registry = ModelRegistry.load(artefact_path.parent, MODEL, "kernel")
        assert not any(isinstance(registry.get(name), Artefact) for name in registry.names)
    else:
        with pytest.raises(KernelError, match="not built"):
            ModelRegistry.load(artefact_path.parent, MODEL, "kernel")

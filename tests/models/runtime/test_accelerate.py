"""What computes an artefact: what was asked for, or an error in words."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from models.runtime.accelerate import accelerate
from models.runtime.artefact import Artefact
from models.runtime.gpu import GpuCode, GpuError
from models.runtime.gpu.model import GpuModel
from models.runtime.gpu.session import GpuSession
from models.runtime.kernel import KernelError
from models.runtime.kernel.kernel import Kernel
from models.runtime.kernel.library import Library


@pytest.fixture(scope="module")
def artefact(artefact_path: Path) -> Artefact:
    return Artefact.load(artefact_path)


@pytest.mark.parametrize("wish", ["auto", "kernel"])
def test_kernel_where_it_is_built(wish: str, built: Path, artefact: Artefact, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        model = accelerate(artefact, wish)
    assert isinstance(model, Kernel)
    assert model.contract is artefact.contract
    assert caplog.messages == [f"{artefact.contract.name} runs on the kernel ({model.variant})"]


def test_reference_when_asked_for(artefact: Artefact) -> None:
    assert accelerate(artefact, "onnx") is artefact


@pytest.fixture
def unbuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Kernel, "load", lambda artefact: Library("baseline", tmp_path))


@pytest.mark.usefixtures("unbuilt")
def test_auto_goes_on_without_and_says_why(artefact: Artefact, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert accelerate(artefact, "auto") is artefact
    assert "runs on ONNX Runtime: the kernel is not built: python -m scaleglove.native" in caplog.text


@pytest.mark.usefixtures("unbuilt")
def test_kernel_asked_for_and_not_there_is_an_error(artefact: Artefact) -> None:
    with pytest.raises(KernelError, match="not built"):
        accelerate(artefact, "kernel")


def test_kernel_that_differs_is_refused(built: Path, artefact: Artefact, monkeypatch: pytest.MonkeyPatch) -> None:
    true_run = Artefact.run_windows

    def shifted(self: Artefact, windows: list[object]) -> object:
        outputs = true_run(self, windows)
        outputs.embedding[-1, -1] += 1e-4
        return outputs

    monkeypatch.setattr(Artefact, "run_windows", shifted)
    with pytest.raises(KernelError, match=r"differ by 0\.0001 in embedding"):
        accelerate(artefact, "kernel")


@pytest.mark.parametrize(("wish", "provider"), [("cuda", "CUDA"), ("tensorrt", "Tensorrt")])
def test_a_gpu_without_its_package_is_refused_and_never_replaced(wish: Any, provider: str, artefact: Artefact) -> None:
    """The package of ONNX Runtime that the tests have is the one for processors."""
    with pytest.raises(GpuError, match=rf"no_provider: .* no {provider}ExecutionProvider; pip install") as refused:
        accelerate(artefact, wish)
    assert refused.value.code is GpuCode.NO_PROVIDER


def test_the_log_says_how_many_nodes_run_where(
    artefact: Artefact, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    opened = GpuModel(
        GpuSession(None, {"TensorrtExecutionProvider": 980, "CUDAExecutionProvider": 5}), artefact.contract
    )
    monkeypatch.setattr(GpuModel, "load", lambda artefact, wish: opened)
    with caplog.at_level(logging.INFO):
        assert accelerate(artefact, "tensorrt") is opened
    nodes = "980 nodes on TensorrtExecutionProvider, 5 nodes on CUDAExecutionProvider"
    assert caplog.messages == [f"{artefact.contract.name} runs on tensorrt ({nodes})"]

"""Who answers, and what is said of it."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from models.runtime.artefact import Artefact
from models.runtime.kernel import accelerate as module
from models.runtime.kernel.accelerate import accelerate
from models.runtime.kernel.errors import KernelError
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
    assert caplog.messages == [f"{artefact.contract.name} is answered by the kernel ({model.variant})"]


def test_reference_when_asked_for(artefact: Artefact) -> None:
    assert accelerate(artefact, "onnx") is artefact


@pytest.fixture
def unbuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.Kernel, "load", lambda artefact: Library("baseline", tmp_path))


@pytest.mark.usefixtures("unbuilt")
def test_auto_goes_on_without_and_says_why(artefact: Artefact, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert accelerate(artefact, "auto") is artefact
    assert "answered by ONNX Runtime: the kernel is not built: python -m models.runtime.kernel.build" in caplog.text


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

"""A session is on the GPU with every node, or is refused with the reason."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import onnxruntime
import pytest

from models.runtime.gpu import GpuCode, GpuError
from models.runtime.gpu import session as gpu_session
from models.runtime.gpu.session import MAX_BATCH, open_gpu_session
from models.runtime.gpu.unrolled import unroll
from models.runtime.kernel.onnx_file import read_graph

CUDA, TENSORRT, CPU = "CUDAExecutionProvider", "TensorrtExecutionProvider", "CPUExecutionProvider"
NO_FALLBACK = ("session.disable_cpu_ep_fallback", "1")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVIDIA_TF32_OVERRIDE", "0")


class Options:
    def __init__(self) -> None:
        self.entries: set[tuple[str, str]] = set()

    def add_session_config_entry(self, key: str, value: str) -> None:
        self.entries.add((key, value))


@dataclass
class Named:
    name: str
    op_type: str = "GRU"


@dataclass
class Assigned:
    ep_name: str
    nodes: list[Named]

    def get_nodes(self) -> list[Named]:
        return self.nodes


@dataclass
class Session:
    providers: Sequence[tuple[str, Mapping[str, str]]]
    made: Sequence[str]
    nodes: Mapping[str, int]

    def get_providers(self) -> list[str]:
        return [*self.made, CPU]

    def get_provider_graph_assignment_info(self) -> list[Assigned]:
        return [Assigned(name, [Named(f"node {n}") for n in range(count)]) for name, count in self.nodes.items()]


@dataclass
class Runtime:
    """ONNX Runtime as it behaves on a machine with a GPU: providers that are made, and nodes that each takes."""

    nodes: Mapping[str, int]
    made: Sequence[str] = (TENSORRT, CUDA)
    fails: str = ""
    opened: list[Session] = field(default_factory=list)
    SessionOptions = Options

    def get_available_providers(self) -> list[str]:
        return [TENSORRT, CUDA, CPU]

    def preload_dlls(self) -> None:
        sys.stdout.write("Failed to load libcublas")

    def InferenceSession(self, model: bytes, options: Options, providers: Any, enable_fallback: int) -> Session:  # noqa: N802
        assert not enable_fallback
        assert [name for name, _ in providers].count(CPU) == 0
        if self.fails:
            raise RuntimeError(self.fails)
        if NO_FALLBACK in options.entries and self.nodes.get(CPU):
            raise RuntimeError("This session contains graph nodes that are assigned to the default CPU EP")
        self.opened.append(Session(providers, [name for name, _ in providers if name in self.made], self.nodes))
        return self.opened[-1]


def refusal(runtime: Any, accelerator: Any = "cuda", model: bytes = b"") -> GpuError:
    with pytest.raises(GpuError) as refused:
        open_gpu_session(model, accelerator, 80, runtime)
    assert str(refused.value).startswith(f"{refused.value.code}: ")
    return refused.value


def test_every_node_on_the_gpu(capsys: pytest.CaptureFixture[str]) -> None:
    runtime = Runtime({CUDA: 985})
    assert open_gpu_session(b"", "cuda", 80, runtime).nodes == {CUDA: 985}
    assert runtime.opened[0].providers == [(CUDA, {"use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC"})]
    assert os.environ["NVIDIA_TF32_OVERRIDE"] == "0"
    assert capsys.readouterr().out == ""  # commands print JSON there


def test_tensorrt_is_made_for_batches_of_any_size_and_leaves_what_it_lacks_to_cuda() -> None:
    runtime = Runtime({TENSORRT: 980, CUDA: 5})
    assert open_gpu_session(b"", "tensorrt", 80, runtime).nodes == {TENSORRT: 980, CUDA: 5}
    (first, shapes), (second, _) = runtime.opened[0].providers
    assert (first, second) == (TENSORRT, CUDA)
    assert shapes["trt_profile_min_shapes"] == "frames:1x80x8,lengths:1"
    assert shapes["trt_profile_max_shapes"] == f"frames:{MAX_BATCH}x80x8,lengths:{MAX_BATCH}"


def test_tensorrt_that_leaves_everything_to_cuda_is_refused() -> None:
    assert refusal(Runtime({CUDA: 985}), "tensorrt").code is GpuCode.NO_GPU


def test_nodes_that_the_processor_would_compute_are_named() -> None:
    error = refusal(Runtime({CUDA: 80, CPU: 7}))
    assert error.code is GpuCode.ON_PROCESSOR
    assert "leaves 7 nodes to the processor: node 0 (GRU), node 1 (GRU)" in str(error)
    assert str(error).endswith(", ...")


@pytest.mark.parametrize(("accelerator", "needs"), [("cuda", "cuDNN"), ("tensorrt", "TensorRT")])
def test_a_provider_that_finds_no_gpu(accelerator: Any, needs: str) -> None:
    error = refusal(Runtime({CPU: 985}, made=()), accelerator)
    assert error.code is GpuCode.NO_GPU
    assert needs in str(error)


def test_a_provider_that_fails_says_so_in_its_own_words() -> None:
    error = refusal(Runtime({}, fails="CUDA failure 100: no CUDA-capable device is detected\nmore"))
    assert error.code is GpuCode.FAILED
    assert str(error).endswith("CUDA failure 100: no CUDA-capable device is detected")


def test_the_package_for_processors_has_no_gpu() -> None:
    error = refusal(onnxruntime)
    assert error.code is GpuCode.NO_PROVIDER
    assert "pip install onnxruntime-gpu" in str(error)


def test_two_packages_that_hide_each_other_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu_session, "version", lambda name: "1.31")
    assert "both onnxruntime and onnxruntime-gpu are installed" in str(refusal(onnxruntime))


def test_no_package_is_named_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(gpu_session, "version", missing)
    assert "both" not in str(refusal(onnxruntime))


@pytest.fixture
def with_azure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a provider that the package for processors has, and that takes none of the nodes, for CUDA."""
    name = "AzureExecutionProvider"
    if name not in onnxruntime.get_available_providers():
        pytest.skip(f"this build of ONNX Runtime has no {name}")
    monkeypatch.setitem(gpu_session._PROVIDERS, "cuda", name)
    monkeypatch.setattr(gpu_session, "_with_options", lambda *_: [(name, {})])


@pytest.mark.usefixtures("with_azure")
def test_onnx_runtime_itself_says_which_nodes_would_fall_back(artefact_path: Path) -> None:
    graph = read_graph(artefact_path.read_bytes())
    error = refusal(onnxruntime, model=unroll(graph, 80))
    assert error.code is GpuCode.ON_PROCESSOR
    # How many are left after ONNX Runtime's own simplifications differs between its versions.
    assert re.search(r"leaves \d{3,} nodes to the processor: \w+ \(\w+\), .*, \.\.\.$", str(error))

"""The kernel answers as the artefact does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.runtime.artefact import Artefact, Outputs, open_session
from models.runtime.kernel import KernelError
from models.runtime.kernel.build import BASELINE
from models.runtime.kernel.kernel import Kernel
from models.runtime.kernel.library import supported
from models.runtime.parity import TOLERANCES
from tests.models.runtime.kernel.conftest import ARTEFACTS

Windows = Sequence[NDArray[np.float32]]


def assert_same(one: Outputs, other: Outputs) -> None:
    for name, tolerance in TOLERANCES.items():
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=0, atol=tolerance, err_msg=name)


@pytest.fixture(params=ARTEFACTS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    shipped: Path = request.param
    return shipped


@pytest.fixture
def windows(episodes: list[NDArray[np.float32]]) -> Windows:
    """Return the newest frames of real recordings, one window of every length."""
    longest = max(map(len, episodes))
    return [episodes[n % len(episodes)][-n:] for n in range(1, min(longest, 87) + 1)]


@pytest.mark.parametrize("batch", [1, 7, 64])
def test_real_windows_in_batches(
    path: Path, batch: int, windows: Windows, artefact_of: Callable[..., Artefact], kernel_of: Callable[..., Kernel]
) -> None:
    kernel, artefact = kernel_of(path), artefact_of(path)
    for start in range(0, len(windows), batch):
        some = windows[start : start + batch]
        assert_same(kernel.run_windows(some), artefact.run_windows(some))


def test_the_embedding_of_state_and_skip_connection(
    exported: Callable[..., Any], windows: Windows, built: Path
) -> None:
    """The shipped artefact of this network has INT8 weights."""
    pytest.importorskip("torch", reason="the train extra is not installed")
    _, _, path = exported("MSCSGRU_ScaleAware_Moving")
    artefact = Artefact.load(path)
    assert_same(Kernel.load(artefact).run_windows(windows), artefact.run_windows(windows))


def test_importance_agrees_in_the_probability_it_shares_out(
    path: Path, windows: Windows, artefact_of: Callable[..., Artefact], kernel_of: Callable[..., Kernel]
) -> None:
    """Shares of next to nothing are rounding errors, in ONNX Runtime too; what they are shares of is not."""
    onnx = pytest.importorskip("onnx")
    model = onnx.load(path)
    model.graph.output.append(onnx.helper.make_tensor_value_info("moved_in_all", onnx.TensorProto.FLOAT, None))
    session = open_session(model.SerializeToString())
    for window in windows[9:]:
        inputs = {"frames": window[np.newaxis], "lengths": np.array([len(window)])}
        importance, moved = session.run(["scale_importance", "moved_in_all"], inputs)
        mine = kernel_of(path).run_windows([window]).scale_importance
        np.testing.assert_allclose(mine * moved, importance * moved, rtol=0, atol=1e-5)


@pytest.mark.parametrize("variant", ["avx512", "avx2", BASELINE])
def test_every_variant_agrees(
    variant: str, built: Path, windows: Windows, artefact_path: Path, artefact_of: Callable[..., Artefact]
) -> None:
    if variant not in supported():
        with pytest.raises(KernelError, match=f"does not run the kernel's variant {variant}"):
            Kernel.load(artefact_of(artefact_path), variant)
        return
    kernel = Kernel.load(artefact_of(artefact_path), variant)
    assert_same(kernel.run_windows(windows), artefact_of(artefact_path).run_windows(windows))


_frame = st.tuples(*[st.floats(0, 1023, width=32)] * 5, *[st.floats(-720, 720, width=32)] * 3)
_window = st.lists(_frame, min_size=1, max_size=90).map(lambda frames: np.array(frames, np.float32))


@settings(max_examples=40)
@given(batch=st.lists(_window, min_size=1, max_size=20), data=st.data())
def test_alone_is_as_in_any_batch(
    batch: list[NDArray[np.float32]], data: Any, artefact_path: Path, kernel_of: Callable[..., Kernel]
) -> None:
    kernel = kernel_of(artefact_path)
    together = kernel.run_windows(batch)
    place = data.draw(st.integers(0, len(batch) - 1))
    alone = kernel.run_windows([batch[place]])
    for name in Outputs.__slots__:
        np.testing.assert_array_equal(getattr(alone, name)[0], getattr(together, name)[place], err_msg=name)


def test_long_window_is_answered_for_its_newest_frames(
    episodes: list[NDArray[np.float32]], artefact_path: Path, kernel_of: Callable[..., Kernel]
) -> None:
    kernel = kernel_of(artefact_path)
    long = np.concatenate(episodes[:3])
    newest = long[-kernel.contract.window_frames :]
    np.testing.assert_array_equal(kernel.run_windows([long]).probabilities, kernel.run_windows([newest]).probabilities)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38, -3e38])
def test_what_is_no_reading_harms_nobody_else(
    value: float, path: Path, windows: Windows, kernel_of: Callable[..., Kernel]
) -> None:
    kernel = kernel_of(path)
    broken = windows[40].copy()
    broken[10:20] = value
    answers = kernel.run_windows([windows[30], broken, windows[50]])
    alone = kernel.run_windows([windows[30], windows[50]])
    np.testing.assert_array_equal(answers.probabilities[[0, 2]], alone.probabilities)


@pytest.mark.parametrize(
    "windows",
    [[], [np.zeros((0, 8), np.float32)], [np.zeros((5, 7), np.float32)], [np.zeros(8, np.float32)]],
    ids=["none", "empty", "seven channels", "no frames"],
)
def test_what_is_no_window_is_refused(windows: Windows, artefact_path: Path, kernel_of: Callable[..., Kernel]) -> None:
    with pytest.raises(ValueError, match="window"):
        kernel_of(artefact_path).run_windows(windows)


def test_window_of_another_type_is_taken_as_float32(
    windows: Windows, artefact_path: Path, kernel_of: Callable[..., Kernel]
) -> None:
    kernel = kernel_of(artefact_path)
    mixed = [windows[20].astype(np.float64), np.asfortranarray(windows[30]), windows[60][::2]]
    plain = [np.ascontiguousarray(window, np.float32) for window in mixed]
    np.testing.assert_array_equal(kernel.run_windows(mixed).probabilities, kernel.run_windows(plain).probabilities)
    for one, other in zip(mixed, plain, strict=True):
        np.testing.assert_array_equal(
            kernel.run_windows([one]).probabilities, kernel.run_windows([other]).probabilities
        )


def test_threads_do_not_meet(windows: Windows, artefact_path: Path, kernel_of: Callable[..., Kernel]) -> None:
    kernel = kernel_of(artefact_path)
    parts = [windows[n::4] for n in range(4)]
    expected = [kernel.run_windows(part).probabilities for part in parts]
    found: dict[int, list[NDArray[np.float32]]] = {n: [] for n in range(4)}

    def ask(n: int) -> None:
        for _ in range(20):
            found[n].append(kernel.run_windows(parts[n]).probabilities)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for n in range(4):
        assert len(found[n]) == 20
        for probabilities in found[n]:
            np.testing.assert_array_equal(probabilities, expected[n])

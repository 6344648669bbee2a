"""Libraries compiled beside their package."""

from __future__ import annotations

import ctypes
from dataclasses import replace
from pathlib import Path

import pytest

from scaleglove.native.compiler import BuildError, find_compiler
from scaleglove.native.library import OFF, SWITCH, NativeLibrary

DOUBLED = '__attribute__((visibility("default"))) double doubled(double one) { return 2 * one; }\n'
FUNCTIONS = {"doubled": (ctypes.c_double, (ctypes.c_double,))}


@pytest.fixture
def library(tmp_path: Path) -> NativeLibrary:
    if find_compiler() is None:
        pytest.skip("there is no C compiler")
    (tmp_path / "doubled.c").write_text(DOUBLED)
    return NativeLibrary(tmp_path, FUNCTIONS)


def test_compiled_function_runs(library: NativeLibrary) -> None:
    assert library.load() is None
    library.build()
    loaded = library.load()
    assert loaded is not None
    assert loaded.doubled(1.5) == 3.0


def test_reference_runs_where_compiled_c_is_switched_off(
    library: NativeLibrary, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    library.build()
    monkeypatch.setenv(SWITCH, OFF)
    assert library.load() is None
    monkeypatch.delenv(SWITCH)
    assert library.load() is not None
    assert not caplog.text


def test_short_functions_keep_the_lock(library: NativeLibrary) -> None:
    library.build()
    for keeps_lock in (True, False):
        loaded = replace(library, keeps_lock=keeps_lock).load()
        assert loaded is not None
        assert isinstance(loaded, ctypes.PyDLL) == keeps_lock
        assert loaded.doubled(1.5) == 3.0


def test_library_of_other_sources_is_not_loaded(library: NativeLibrary, caplog: pytest.LogCaptureFixture) -> None:
    before = library.build()
    (library.folder / "doubled.c").write_text(DOUBLED.replace("2 *", "3 *"))
    assert library.load() is None
    assert "have changed" in caplog.text
    library.build()
    assert not before.exists()
    loaded = library.load()
    assert loaded is not None
    assert loaded.doubled(1.5) == 4.5


def test_damaged_library_is_not_loaded(library: NativeLibrary, caplog: pytest.LogCaptureFixture) -> None:
    library.path.write_bytes(b"not a library")
    assert library.load() is None
    assert "cannot be loaded" in caplog.text


def test_library_without_a_function_is_not_loaded(library: NativeLibrary, caplog: pytest.LogCaptureFixture) -> None:
    other = NativeLibrary(library.folder, {"tripled": FUNCTIONS["doubled"]})
    other.build()
    assert other.load() is None
    assert "tripled" in caplog.text


def test_compiler_that_refuses_is_quoted(library: NativeLibrary) -> None:
    (library.folder / "doubled.c").write_text("no C at all")
    with pytest.raises(BuildError, match="error"):
        library.build()
    assert list(library.folder.glob("*.so")) == []

"""The text of a package: the same each time, and clean C99 that needs next to nothing."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from models.export.c.graph import ExportError, read_network
from models.export.c.host import FLAGS, Package
from models.export.c.package import (
    HEADER,
    SOURCE,
    export_package,
    make_package,
)
from models.export.c.readings import Arithmetic
from models.runtime.artefact import ArtefactError
from tests.firmware.builds import Builds, needs
from tests.models.export.c.conftest import NAMES, artefact_path_of

ARITHMETICS: tuple[Arithmetic, ...] = ("float32", "integer")

pytestmark = pytest.mark.parametrize("arithmetic", ARITHMETICS)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_artefact_gives_the_same_text(
    name: str, arithmetic: Arithmetic, folder_of: Callable[..., Path]
) -> None:
    first = {path.name: path.read_text(encoding="utf-8") for path in folder_of(name, arithmetic).iterdir()}
    assert make_package(read_network(artefact_path_of(name)), arithmetic) == first
    assert set(first) == {HEADER, SOURCE}


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles_without_a_warning(
    name: str, arithmetic: Arithmetic, folder_of: Callable[..., Path], package_of: Callable[..., Package]
) -> None:
    """By gcc with all that it warns of when it optimises: a warning fails what the other tests run. By clang as far as
    its warnings need it."""
    assert package_of(name, arithmetic).labels
    needs("clang", "clang")
    command = ["clang", *FLAGS, "-fsyntax-only", str(folder_of(name, arithmetic) / SOURCE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", NAMES)
def test_its_header_can_be_included_from_cpp(name: str, arithmetic: Arithmetic, folder_of: Callable[..., Path]) -> None:
    needs("clang", "clang")
    command = ["clang", "-x", "c++", "-std=c++11", "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]
    done = subprocess.run([*command, folder_of(name, arithmetic) / HEADER], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", NAMES)
def test_cppcheck_finds_nothing(
    name: str, arithmetic: Arithmetic, folder_of: Callable[..., Path], tmp_path: Path
) -> None:
    """With tables of one number: it takes minutes over what they hold, and finds nothing in numbers."""
    needs("cppcheck", "cppcheck")
    folder = folder_of(name, arithmetic)
    text, tables = re.subn(r"= \{\n    [-+\d][-+.,\sxa-f\d]*\}", "= {0}", (folder / SOURCE).read_text(encoding="utf-8"))
    assert tables > 15
    source = tmp_path / SOURCE
    source.write_text(text, encoding="utf-8")
    (tmp_path / HEADER).write_bytes((folder / HEADER).read_bytes())
    command = [
        *("cppcheck", "--std=c99", "--enable=warning,performance,portability", "--inconclusive", "--quiet"),
        *("--error-exitcode=1", str(source)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def object_file(build_image: Builds, arithmetic: Arithmetic, folder_of: Callable[..., Path]) -> Path:
    """Return a package as an object file with absolute addresses, compiled once."""
    needs("gcc", "gcc")
    source = folder_of("MSCSGRU_ScaleAware", arithmetic) / SOURCE

    def compile_into(folder: Path) -> None:
        command = ["gcc", *FLAGS, "-O2", "-fno-pie", "-c", str(source), "-o", str(folder / "sg_net.o")]
        subprocess.run(command, check=True)

    return build_image.once(f"object file {arithmetic}", compile_into) / "sg_net.o"


def test_it_needs_nothing_but_copying_and_rounding(arithmetic: Arithmetic, object_file: Path) -> None:
    needs("nm", "binutils")
    listed = subprocess.run(["nm", "--undefined-only", object_file], capture_output=True, text=True, check=True)
    needed = {line.split()[-1] for line in listed.stdout.splitlines()} - {"_GLOBAL_OFFSET_TABLE_", "__stack_chk_fail"}
    assert needed <= {"memcpy", "memmove", "memset"} | ({"fmaf", "floorf"} if arithmetic == "float32" else set())


def test_nothing_of_it_can_be_written_to(arithmetic: Arithmetic, object_file: Path) -> None:
    """No data of its own: all that changes is the caller's."""
    needs("size", "binutils")
    printed = subprocess.run(["size", "-A", object_file], capture_output=True, text=True, check=True).stdout
    sizes = {match[1]: int(match[2]) for match in re.finditer(r"^(\.\S+)\s+(\d+)", printed, re.MULTILINE)}
    assert (sizes[".data"], sizes[".bss"]) == (0, 0)
    assert sizes[".rodata"] > 10_000


def test_what_is_no_artefact_is_refused_and_nothing_written(arithmetic: Arithmetic, tmp_path: Path) -> None:
    with pytest.raises(ArtefactError):
        export_package(tmp_path / "none.onnx", tmp_path / "out", arithmetic)
    assert not (tmp_path / "out").exists()


def test_another_graph_is_refused_in_words(arithmetic: Arithmetic, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="the train extra is not installed")
    model = onnx.load(artefact_path_of("MSCSGRU_ScaleAware"))
    model.graph.node.append(onnx.helper.make_node("Abs", ["probabilities"], ["unknown"]))
    onnx.save(model, tmp_path / "other.onnx")
    with pytest.raises(ExportError, match=r"other\.onnx: the graph has no identifier"):
        export_package(tmp_path / "other.onnx", tmp_path / "out", arithmetic)
    assert not (tmp_path / "out").exists()


def test_integers_are_integers_throughout(arithmetic: Arithmetic) -> None:
    texts = make_package(read_network(artefact_path_of("MSCSGRU")), arithmetic).values()
    words = {word for text in texts for word in re.findall(r"\b(?:float|double)\b|\b\d+\.\d*|<math\.h>", text)}
    named = " ".join(sorted(words))
    assert bool({"float", "<math.h>"} & words) == (arithmetic == "float32"), named

"""The wheel: what it holds, and that it works in a fresh environment beside a user's own modules of the same names."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from models.adaptation.native import LIBRARY as SCORES
from scaleglove.client import predict
from scaleglove.native.compiler import find_compiler
from scaleglove.native.library import NativeLibrary
from service.streams.native.build import LIBRARY as STREAMS
from service.streams.words.native.build import LIBRARY as WORDS
from tests.conftest import ROOT
from tests.live_service import few_models, live_service
from tests.package.conftest import run

FRAME: Final = [788, 780, 861, 862, 885, -17.9, -64.5, -62.0]
HEAVY: Final = ("fastapi", "onnxruntime", "sqlalchemy", "serial", "mcap", "uvicorn", "torch")
OWN: Final = {"benchmarks", "clients", "firmware_bridge", "models", "scaleglove", "service"}
LIBRARIES: Final = (SCORES, STREAMS, WORDS)
MOST_OWN_MB: Final = 10
"""Twice what nine artefacts, the page and the code take."""

CLIENT: Final = """
from scaleglove.client import GloveStream, SyncGloveStream, predict
import clients, core, models, service
import sys
assert all(module.OWN for module in (clients, core, models, service))
url, frame = sys.argv[1], [788, 780, 861, 862, 885, -17.9, -64.5, -62.0]
print(predict(url, [[frame] * 20])[0].label)
with SyncGloveStream(url) as stream:
    stream.send([number * 20.0 for number in range(100)], [frame] * 100)
    print(stream.stop().frames)
"""


def environment(folder: Path, wheel: Path) -> Path:
    """Install the wheel into a new virtual environment, with this environment's pip; return its `bin`."""
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    python = folder / "bin" / "python"
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--no-compile",
        wheel,
        cwd=folder,
    )
    return python.parent


@pytest.fixture(scope="session")
def plain(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install without extras; return `bin`."""
    return environment(tmp_path_factory.mktemp("plain"), wheel)


@pytest.fixture
def whole(plain: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Add the extras of the environment that runs the tests to that without extras, for one test; return `bin`."""
    (packages,) = plain.parent.glob("lib/python*/site-packages")
    added = f'import os, sys; sys.path.extend(filter(None, os.environ.get("{_EXTRAS}", "").split(os.pathsep)))\n'
    (packages / "extras.pth").write_text(added, encoding="utf-8")
    monkeypatch.setenv(_EXTRAS, os.pathsep.join(path for path in sys.path if path.endswith("site-packages")))
    return plain


_EXTRAS: Final = "TESTS_EXTRAS"
"""Variable with the folders of the packages that extras would install."""


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """Make a user's folder, with modules that have the names of the project's packages."""
    for name in ("models.py", "core.py", "benchmarks.py", "firmware_bridge.py", "service/", "clients/"):
        path = tmp_path / name / "__init__.py" if name.endswith("/") else tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("OWN = True\n", encoding="utf-8")
    return tmp_path


@contextlib.contextmanager
def running(*command: str | Path, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process until the end of the block; Ctrl-C has to stop it with status 0."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("SCALEGLOVE_")}
    process = subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.PIPE, text=True, env=settings, start_new_session=True
    )
    try:
        yield process
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 0, output
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return str(answer.read().decode())


def line(process: subprocess.Popen[str], with_words: str) -> str:
    assert process.stdout is not None
    return next(text for text in process.stdout if with_words in text)


def test_the_wheel_holds_what_runs_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    top_level = {name.partition("/")[0] for name in names if ".dist-info" not in name}
    assert top_level == OWN
    assert {name.split("/")[1] for name in names if name.startswith("clients/")} == {"javascript", "page"}
    parts = [set(name.split("/")[:-1]) for name in names]
    assert not any({"tests", "test", "examples", "firmware", "arduino", "__pycache__"} & folders for folders in parts)
    for name in (
        "clients/page/index.html",
        "clients/javascript/scaleglove.js",
        "scaleglove/language/english.txt",
        "scaleglove/language/korean.txt",
        "scaleglove/language/korean_endings.txt",
        "scaleglove/spelling/english_words.txt",
        "scaleglove/templates/korean.json",
        "scaleglove/vocabularies/korean.json",
        "scaleglove/py.typed",
        "models/adaptation/bigrams.json",
        "models/artefacts/MSCSGRU_ScaleAware_Encoded.onnx",
        "models/runtime/kernel/kernel.c",
        "models/export/c/engine/answer.c",
    ):
        assert name in names
    if find_compiler() is not None:
        assert any(name.startswith("models/runtime/kernel/") and name.endswith(".so") for name in names)


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.folder.relative_to(ROOT).as_posix())
def test_the_wheel_holds_each_library_under_the_name_by_which_it_is_loaded(wheel: Path, library: NativeLibrary) -> None:
    """The name is of the sources, so that an install needs these too."""
    names = zipfile.ZipFile(wheel).namelist()
    folder = library.folder.relative_to(ROOT)
    assert {(folder / path.name).as_posix() for path in library.folder.glob("*.[ch]")} <= set(names)
    if find_compiler() is not None:
        assert [name for name in names if name.startswith(f"{folder.as_posix()}/") and name.endswith(".so")] == [
            (folder / library.path.name).as_posix()
        ]


def test_the_client_works_beside_a_users_own_modules(plain: Path, beside: Path) -> None:
    script = beside / "program.py"
    script.write_text(CLIENT, encoding="utf-8")
    with live_service() as server:
        done = run(plain / "python", script, server.url, cwd=beside)
    assert done.stdout.split() == ["ㄱ", "100"]


def test_an_install_without_extras_is_light(plain: Path, tmp_path: Path) -> None:
    code = "import importlib.util as u, sys; print([name for name in sys.argv[1:] if u.find_spec(name)])"
    assert run(plain / "python", "-c", code, *HEAVY, cwd=tmp_path).stdout == "[]\n"
    (packages,) = plain.parent.glob("lib/python*/site-packages")
    files = [path for path in packages.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    size = sum(path.stat().st_size for path in files) / 1e6
    own = sum(path.stat().st_size for path in files if path.relative_to(packages).parts[0] in OWN) / 1e6
    print(f"an install without extras has {size:.0f} MB, {own:.1f} MB of them scaleglove's")  # noqa: T201 - the figure
    assert own < MOST_OWN_MB
    loaded = "import sys, scaleglove.client; print({'typer', 'rich', 'service', 'models'} & set(sys.modules))"
    assert run(plain / "python", "-c", loaded, cwd=tmp_path).stdout == "set()\n"


@pytest.mark.parametrize("name", ["serve", "bridge", "train", "demo"])
def test_a_command_without_its_extra_says_which_to_install(plain: Path, tmp_path: Path, name: str) -> None:
    done = run(plain / "scaleglove", name, cwd=tmp_path, status=1)
    assert done.stdout == ""
    extras = "bridge,serve" if name == "demo" else name
    assert " -m pip install " in done.stderr
    assert done.stderr.endswith(f"[{extras}]'\n")
    assert done.stderr.count("\n") == 1


def test_help_needs_no_extra(plain: Path, tmp_path: Path) -> None:
    for arguments in (["--help"], ["bridge", "--help"], ["train", "--help"]):
        assert "Usage: scaleglove" in run(plain / "scaleglove", *arguments, cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("command", "models"),
    [(["scaleglove"], []), (["python", "-m", "scaleglove"], ["--models-dir", str(few_models())])],
    ids=["packaged models", "few models"],
)
def test_the_service_runs_beside_a_users_own_modules(
    whole: Path, beside: Path, command: list[str], models: list[str]
) -> None:
    command = [str(whole / command[0]), *command[1:]]
    with running(*command, "serve", "--port", "0", "--workers", "2", *models, cwd=beside) as service:
        url = line(service, "service on").split()[-1]
        assert json.loads(fetch(f"{url}/health/ready"))["status"] == "ready"
        assert "<html" in fetch(url)
        assert "GloveStream" in fetch(f"{url}/client/scaleglove.js")
        assert predict(url, [[FRAME] * 20])[0].label == "ㄱ"


def test_the_demo_runs_beside_a_users_own_modules(whole: Path, beside: Path) -> None:
    with running(whole / "scaleglove", "demo", "--port", "0", cwd=beside) as demo:
        assert line(demo, "The page:").split()[-1].startswith("http://127.0.0.1:")
        line(demo, "ㅇ")  # the bridge prints letters


def test_the_installed_packages_are_those_of_the_wheel(whole: Path, tmp_path: Path) -> None:
    code = "import benchmarks, firmware_bridge, models, scaleglove, service; print(*(m.__file__ for m in ("
    code += "benchmarks, firmware_bridge, models, scaleglove, service)))"
    files = run(whole / "python", "-c", code, cwd=tmp_path).stdout.split()
    assert all(Path(file).is_relative_to(whole.parent) for file in files)

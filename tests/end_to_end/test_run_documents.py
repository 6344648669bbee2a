"""Commands and programs of the documents run as they stand, beside the demo's service, emulated glove and bridge.

What stands for the reader's own is replaced: the address, the name of a stream, the number of a shape, and /tmp/glove.
What needs hardware, the internet, the reader's recordings or minutes stands in NOT_RUN with a reason.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.clients.test_javascript import node  # noqa: F401
from tests.conftest import ROOT
from tests.deadlines import EVENT_S, RUN_S
from tests.end_to_end.conftest import commands
from tests.end_to_end.test_document_commands import DOCUMENTS

PORT: Final = "needs a glove at a port"
ASKS: Final = "asks a person; its tests play one"
RECORDINGS: Final = "needs the reader's recordings, and minutes"
DEVICE: Final = "needs a board or its tools; tests/firmware/ builds and simulates it"
INTERNET: Final = "needs the internet"
INSTALLS: Final = "installs; tests/package/test_install.py"
ENDLESS: Final = "runs until it is stopped; the fixture runs one, with a port of its own"
EXAMPLES: Final = "tests/clients/ runs it"
SUITE: Final = "this test suite, or its checks"

NOT_RUN: Final = {
    r"make (demo|check|test|format|audit|firmware|screenshot)\b.*": SUITE,
    r"source \.venv/bin/activate": INSTALLS,
    r"(\.venv/bin/)?python -m pytest .*": SUITE,
    r"(pip|pipx|apt|npx|docker|arduino-cli) .*": INTERNET,
    r"GLOVE_DEVICE=\S+ docker .*": INTERNET,
    r"(cd firmware_bridge|st-flash|esptool|arduino-cli) ?.*": DEVICE,
    r"make -C firmware_bridge/firmware .*": DEVICE,
    r"make -C clients/c|clients/c/build/.*": "tests/firmware/ and tests/clients/ build it",
    r"cc -std=c99 .*|for i in .* \| \./post_frames .*": "tests/clients/test_arduino.py",
    r"(python|node) clients/\S+\.(py|mjs)": EXAMPLES,
    r"python -m benchmarks\..*": "measures for minutes",
    r"scaleglove bridge .*(--port (auto|udp://|listen://|/tmp/glove)|--wearer|--glove).*": PORT,
    r"scaleglove (bridge|serve|serve --models-dir mine|serve &)": ENDLESS,
    r"\S+=\S+ OTEL_SERVICE_NAME=\S+ scaleglove serve": ENDLESS,
    r"scaleglove emulate --(firmware|replay|replay-raw) .*": "needs a build or a recording; test_replay.py",
    r"scaleglove emulate --vocabulary letters\.json .*": "needs the reader's own letters",
    r"scaleglove (calibrate|teach|record|glove check) .*": ASKS,
    r"scaleglove glove (tie|untie) .*": "needs a board with a serial number; tests/firmware_bridge/test_known_board.py",
    r"scaleglove (train|evaluate|predict|data|measure-letters|plot|quantize|prototypes) .*": RECORDINGS,
    r"scaleglove export (runs|mine)/.*|scaleglove export .* --glove .*": RECORDINGS,
    r"scaleglove recover .*": "needs a recording; tests/firmware_bridge/recorder/",
}
"""Patterns of whole commands that are not run, each with the reason."""

PROGRAMS: Final = (
    r"scaleglove|curl|python3?|make|node|npx|pipx?|docker|apt|cc|for i in|source|cd|st-flash|esptool|arduino-cli|url|"
    r"\.venv/bin/\w+|clients/\S+|GLOVE_DEVICE|OTEL\w+"
)


def blocks(page: Path, languages: str) -> Iterator[str]:
    """Yield the blocks of a page that are fenced as one of the languages."""
    text = page.read_text(encoding="utf-8")
    yield from (found[1] for found in re.finditer(rf"^```(?:{languages})\n(.*?)^```", text, re.MULTILINE | re.DOTALL))


def shell_lines(page: Path) -> Iterator[str]:
    """Yield each command of the indented and fenced blocks of a page, with continued lines joined, without comments."""
    text = re.sub(r"\\\n\s*", "", page.read_text(encoding="utf-8"))
    indented = re.sub(r"^```\w*\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = [*re.findall(r"^(?: {4}|\t)(\S.*)$", indented, re.MULTILINE)]
    for block in re.findall(r"^```(?:sh|bash|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        lines += block.splitlines()
    for line in lines:
        if re.match(rf"(?:{PROGRAMS})(?: |=|$)", line):
            yield re.sub(r"\s+#\s.*$", "", line).strip()


def reason_not_to_run(line: str) -> str | None:
    return next((reason for pattern, reason in NOT_RUN.items() if re.fullmatch(pattern, line)), None)


@dataclass
class Demo:
    """The running demo, and the folder that a reader would be in."""

    url: str
    stream: str
    folder: Path
    seen: set[str] = field(default_factory=set)
    """Commands of the project that were run; each takes a second, whatever page it stands on."""

    def here(self, text: str) -> str:
        """Return a text of a document with what is the reader's own."""
        shape = self._last_shape() if '"shape": 12' in text or '"since": 12' in text else 0
        own = {
            "http://127.0.0.1:8000": self.url,
            '"127.0.0.1:8000"': f'"{self.url.removeprefix("http://")}"',
            "5c396fb48b8e": self.stream,
            "c0ffee123456": self.stream,
            "/streams/STREAM/": f"/streams/{self.stream}/",
            '"shape": 12': f'"shape": {shape}',
            '"since": 12': f'"since": {max(0, shape - 2)}',
            "/tmp/glove": str(self.folder / "glove"),
        }
        for written, real in own.items():
            text = text.replace(written, real)
        return text

    def run(self, *command: str, stdin: str | None = None) -> str:
        """Run a command to its end, and return what it prints."""
        environment = {**os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}"}
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=RUN_S,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def person(self, name: str, page: Path) -> None:
        """Have a wearer with a few examples, unless the page itself adds them."""
        httpx.delete(f"{self.url}/v1/wearers/{name}", timeout=EVENT_S)
        if f'{{"wearer": "{name}"}}' in page.read_text(encoding="utf-8"):
            return
        httpx.post(f"{self.url}/v1/wearers", json={"wearer": name}, timeout=EVENT_S).raise_for_status()
        for label in ("thumbs up", "ㄱ", "ㄱ", "ㄴ"):
            example = {"label": label, "stream": self.stream}
            httpx.post(f"{self.url}/v1/wearers/{name}/examples", json=example, timeout=EVENT_S).raise_for_status()

    def _last_shape(self) -> int:
        self.person("eve", Path(__file__))
        found = httpx.get(f"{self.url}/v1/wearers/eve/doubts", params={"stream": self.stream}, timeout=EVENT_S)
        return max(doubt["shape"] for doubt in found.raise_for_status().json()["doubts"])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("docs", "clients", "models"):
        (folder / name).symlink_to(ROOT / name)
    programs = folder / "bin"
    programs.mkdir()
    (programs / "curl").write_text(f'#!/bin/sh\nexec {shutil.which("curl")} --fail-with-body "$@"\n', encoding="utf-8")
    (programs / "curl").chmod(0o755)
    with commands({"SCALEGLOVE_DATABASE_URL": f"sqlite:///{folder}/wearers.db"}) as start:
        url = start("serve", "--port", "0", "--log-level", "warning").line().rpartition(" ")[2]
        terminal = start("emulate", "--text", "안녕하세요").line()
        bridge = start("bridge", "--port", terminal, "--url", url, "--commands", "interval,recal,yawzero,show")
        bridge.line()  # the first letter
        (stream,) = httpx.get(f"{url}/v1/streams", timeout=EVENT_S).json()["streams"]
        httpx.post(f"{url}/v1/gloves", json={"glove": "blue"}, timeout=EVENT_S).raise_for_status()
        yield Demo(url, stream["stream"], folder)


def test_every_reason_is_still_needed() -> None:
    """What is no longer in a document, or is run now, leaves the table."""
    lines = [line for page in DOCUMENTS for line in shell_lines(page)]
    for pattern in NOT_RUN:
        assert any(re.fullmatch(pattern, line) for line in lines), pattern


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page(page: Path, request: pytest.FixtureRequest) -> None:
    lines = [line for line in shell_lines(page) if reason_not_to_run(line) is None]
    if not lines:
        return
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    demo: Demo = request.getfixturevalue("demo")
    demo.person("ada", page)
    script = "\n".join(block for block in blocks(page, "python") if "windows.f32" in block)
    if script:
        demo.run(sys.executable, "-", stdin=demo.here(script))
    names = [line for line in lines if re.match(r"\w+=\S+$", line)]
    for line in lines:
        if line in names or line in demo.seen:
            continue
        if line.startswith("scaleglove "):
            demo.seen.add(line)
        if line.startswith("scaleglove emulate "):
            emulates(demo, line)
        elif line.startswith("scaleglove "):
            given = demo.here(line).removeprefix("scaleglove ")
            where = f" --url {demo.url}" if given.startswith("command ") else ""
            demo.run("bash", "-c", f"{sys.executable} -m scaleglove {given}{where}")
        else:
            demo.run("bash", "-ec", demo.here("\n".join([*names, line])))


def emulates(demo: Demo, line: str) -> None:
    """Start an emulated glove, which says where it is."""
    with commands() as start:
        assert start(*shlex.split(demo.here(line))[1:]).line().startswith("/")


SNIPPETS: Final = [
    pytest.param(page, code, id=f"{page.relative_to(ROOT)}-{number}")
    for page in DOCUMENTS
    for number, code in enumerate(blocks(page, "python|js"))
    if page.name != "README.md" or page.parent != ROOT  # test_readme.py
]


@pytest.mark.parametrize(("page", "code"), [snippet for snippet in SNIPPETS if "import {" not in snippet.values[1]])
def test_a_python_program_of_a_page(page: Path, code: str, demo: Demo) -> None:
    printed = demo.run(sys.executable, "-", stdin=demo.here(code))
    assert "ㄱ" in printed or "float32" in printed


@pytest.mark.parametrize(("page", "code"), [snippet for snippet in SNIPPETS if "import {" in snippet.values[1]])
def test_a_javascript_program_of_a_page(page: Path, code: str, demo: Demo, node: list[str]) -> None:  # noqa: F811
    file = demo.folder / "example.mjs"
    file.write_text(demo.here(code), encoding="utf-8")
    assert "ㄱ" in demo.run(*node, str(file))

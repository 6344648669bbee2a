"""Types of the JavaScript client: generated from what the service sends, complete, and checked by the compiler; and the
client in Node without a WebSocket of its own, with the package `ws` beside it as npm would install both."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.clients.generated.tools import MODULES, npm_tool, require, run
from tests.clients.generated.write_types import CLIENT, FILES, write_types
from tests.live_service import live_service

HERE: Final = Path(__file__).parent
STRICT: Final = ["--strict", "--target", "es2023", "--module", "nodenext", "--types", "node"]
EVERY: Final = "import * as client from 'scaleglove'; console.log(JSON.stringify(Object.keys(client)))"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Return a folder of a program that has installed the client and `ws`."""
    installed = tmp_path / "node_modules"
    shutil.copytree(CLIENT, installed / "scaleglove", ignore=shutil.ignore_patterns("node_modules"))
    for package in ("ws", "@types", "undici-types"):
        (installed / package).symlink_to(require(MODULES / package))
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    return tmp_path


def without_a_websocket() -> list[str]:
    """Return the command of Node without a WebSocket of its own, which it has from version 22 on."""
    node, _ = npm_tool("tsc")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return [node, "--no-experimental-websocket"] if int(version.lstrip("v").partition(".")[0]) >= 22 else [node]


def test_the_types_are_those_of_what_the_service_sends(tmp_path: Path) -> None:
    write_types(tmp_path)
    for file in FILES:
        kept, made = ((folder / file).read_text(encoding="utf-8") for folder in (CLIENT, tmp_path))
        assert kept == made, f"{file} is not up to date: python -m tests.clients.generated.write_types"


def test_every_export_is_declared_and_no_other(program: Path) -> None:
    exported = json.loads(run([npm_tool("tsc")[0], "--input-type=module", "--eval", EVERY], program))
    declared = re.findall(
        r"^export (?:const|class|function) (\w+)", (CLIENT / "scaleglove.d.ts").read_text("utf-8"), re.MULTILINE
    )
    assert sorted(exported) == sorted(declared)


def test_a_typed_program_streams_through_ws(program: Path) -> None:
    shutil.copy(HERE / "typed.ts", program)
    run([*npm_tool("tsc"), *STRICT, "typed.ts"], program)
    with live_service() as server:
        heard = json.loads(run([*without_a_websocket(), "typed.js", server.url], program))
    assert heard == {"label": "ㄱ", "stream": True, "frames": 150, "field": "windows.0.0", "confident": True}


def test_without_a_websocket_the_client_says_what_to_install(program: Path) -> None:
    (program / "node_modules" / "ws").unlink()
    script = (
        "import { GloveStream } from 'scaleglove';"
        "new GloveStream('http://127.0.0.1:1').open().catch((error) => console.log(error.name, error.message))"
    )
    said = run([*without_a_websocket(), "--input-type=module", "--eval", script], program)
    assert said.startswith("TypeError WebSocket is missing: npm install ws")

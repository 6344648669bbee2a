"""Tests of the JavaScript client in Node against real services: its own test suite and its examples."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from scaleglove.protocol import SERVER_MESSAGES
from scaleglove.protocol.message import types_of
from tests.conftest import ROOT
from tests.deadlines import RUN_S, wait_until
from tests.end_to_end.conftest import Part, start  # noqa: F401 - a fixture
from tests.live_service import live_service

CLIENT = ROOT / "clients" / "javascript"
SENDER = "sender-0123456789"
OLDEST_NODE = 20


@pytest.fixture(scope="module")
def node() -> list[str]:
    """Return the command that runs a module; Node 20 needs an option for its WebSocket."""
    path = shutil.which("node")
    if path is None:
        pytest.skip("no Node: install it (apt install nodejs)")
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    major = int(version.lstrip("v").partition(".")[0])
    if major < OLDEST_NODE:
        pytest.skip(f"Node {version} is too old: the client needs {OLDEST_NODE} or newer")
    return [path, "--experimental-websocket"] if major < 22 else [path]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with live_service() as server:
        yield server.url


@pytest.fixture(scope="module")
def locked_url() -> Iterator[str]:
    with live_service(tokens=json.dumps([{"name": "glove", "token": SENDER, "role": "sender"}])) as server:
        yield server.url


def run(command: list[str], **variables: str) -> str:
    """Run a command and return its output; fail with the output where the command fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SCALEGLOVE_")}
    done = subprocess.run(
        command, env=environment | variables, capture_output=True, text=True, timeout=RUN_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_client_s_own_test_suite(node: list[str], url: str, locked_url: str) -> None:
    files = [str(path) for path in sorted((CLIENT / "test").glob("*.test.mjs"))]
    printed = run(
        [*node, "--test", "--test-reporter=tap", *files],
        SCALEGLOVE_URL=url,
        SCALEGLOVE_LOCKED_URL=locked_url,
        SCALEGLOVE_SENDER=SENDER,
    )
    assert "# skipped 0" in printed
    assert "# pass 0" not in printed


def test_a_slow_reader_may_lose_what_the_protocol_says(node: list[str]) -> None:
    module = (CLIENT / "receive_queue.js").as_uri()
    script = f"import {{ DROPPABLE }} from {json.dumps(module)}; console.log(JSON.stringify([...DROPPABLE]))"
    listed = json.loads(run([*node, "--input-type=module", "--eval", script]))
    assert sorted(listed) == sorted(types_of(kind for kind in SERVER_MESSAGES if kind.droppable))


def test_the_example_that_sends(node: list[str], url: str) -> None:
    lines = run([*node, str(CLIENT / "examples" / "send.mjs"), url]).splitlines()
    assert lines[0].startswith("MSCSGRU_ScaleAware_Encoded uses windows of ")
    assert lines[-1] == "150 frames received"
    assert lines[-2].startswith("ok ㄱ ")


def streams(url: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = httpx.get(f"{url}/v1/streams").json()["streams"]
    return listed


def test_the_example_that_watches_a_glove(node: list[str], url: str, start: Callable[..., Part]) -> None:  # noqa: F811
    wait_until(lambda: not streams(url))  # the example follows the first stream that it finds
    glove = start("emulate", "--text", "가")  # over and over: Node may come late
    start("bridge", "--port", glove.line().rpartition(" ")[2], "--url", url)
    wait_until(lambda: any(stream["frames"] for stream in streams(url)))
    watching = subprocess.Popen(
        [*node, str(CLIENT / "examples" / "watch.mjs"), url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert watching.stdout is not None
        assert watching.stdout.readline().startswith("following ")
        assert next(line for line in watching.stdout if "가" in line)
    finally:
        watching.kill()
        watching.communicate()


def test_modules_import_only_each_other() -> None:
    """Check that a browser can load the modules as they are."""
    modules = [path for path in CLIENT.rglob("*.js") if not {"examples", "node_modules"} & set(path.parts)]
    assert len({module.parent for module in modules}) > 1
    for module in modules:
        for line in module.read_text(encoding="utf-8").splitlines():
            if line.startswith(("import ", "export ")) and " from " in line:
                imported = (module.parent / line.rpartition(" from ")[2].strip('";')).resolve()
                assert imported in modules, f"{module.name}: {line}"

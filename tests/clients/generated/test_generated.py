"""Clients that kept generators make from the OpenAPI document, in Python and in TypeScript, call the service."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.clients.generated.tools import MODULES, PYTHON, npm_tool, require, run
from tests.live_service import live_service

HERE: Final = Path(__file__).parent
UNDERSTOOD: Final = {
    "label": "ㄱ",
    "streams": 0,
    "default": "MSCSGRU_ScaleAware_Encoded",
    "created": 201,
    "refused": ["wearer_exists", "no_profile", "no_examples"],
    "deleted": 204,
}

STRICT: Final = ["--strict", "--target", "es2022", "--module", "nodenext", "--moduleResolution", "nodenext"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    database = tmp_path_factory.mktemp("database") / "wearers.db"
    with live_service(database_url=f"sqlite:///{database}") as server:
        yield server.url


@pytest.fixture(scope="module")
def document(url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("document") / "openapi.json"
    file.write_bytes(httpx.get(f"{url}/openapi.json").raise_for_status().content)
    return file


def test_a_typescript_client(url: str, document: Path, tmp_path: Path) -> None:
    generate, compile_ = npm_tool("openapi-typescript"), npm_tool("tsc")
    (tmp_path / "node_modules").symlink_to(MODULES)
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    shutil.copy(HERE / "call.ts", tmp_path)
    run([*generate, str(document), "--default-non-nullable=false", "--output", "schema.d.ts"], tmp_path)
    run([*compile_, *STRICT, "--types", "node", "call.ts"], tmp_path)
    assert json.loads(run([compile_[0], "call.js", url], tmp_path)) == UNDERSTOOD


def test_a_python_client(url: str, document: Path, tmp_path: Path) -> None:
    generate = require(PYTHON / "openapi-python-client")
    # The generator knows no type of NumPy files; their bytes are a file like any other.
    (tmp_path / "config.yml").write_text(
        "content_type_overrides: {application/x-npy: application/octet-stream}", encoding="utf-8"
    )
    options = ["--meta", "none", "--output-path", "client", "--fail-on-warning", "--config", "config.yml"]
    run([generate, "generate", "--path", str(document), *options], tmp_path)
    shutil.copy(HERE / "call.py", tmp_path)
    assert json.loads(run([str(PYTHON / "python"), "call.py", url], tmp_path)) == UNDERSTOOD

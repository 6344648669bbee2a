"""The page's modules in Node, laid out as the service serves them: for what needs no document and no browser."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.deadlines import RUN_S

_PRELUDE = """
import { readFileSync } from "node:fs";

globalThis.fetch = async (file) => new Response(readFileSync(file)); // as a browser gets the vocabulary of the service
const given = JSON.parse(readFileSync(0, "utf-8"));
"""


class PageInNode:
    """The page's modules in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        node = shutil.which("node")
        if node is None:
            pytest.skip("no Node: install it (apt install nodejs)")
        self._node = node
        self._folder = folder
        shutil.copytree(ROOT / "clients" / "page", folder)
        shutil.copytree(ROOT / "clients" / "javascript", folder / "client")
        shutil.copytree(ROOT / "scaleglove" / "vocabularies", folder / "vocabularies")
        (folder / "package.json").write_text('{"type": "module"}', "utf-8")

    def run(self, script: str, given: object) -> Any:
        """Run a module in the page's folder and return the JSON that it prints; there `given` is its argument."""
        file = self._folder / "script.js"
        file.write_text(_PRELUDE + script, "utf-8")
        done = subprocess.run(
            [self._node, str(file)],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            timeout=RUN_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

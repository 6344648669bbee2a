"""The Python examples as a reader runs them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT
from tests.deadlines import RUN_S
from tests.live_service import live_service


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with live_service() as server:
        yield server.url


@pytest.mark.parametrize(
    ("name", "printed"),
    [("letters", "held ok ㄱ 0.9"), ("writing", "ㄱ\n"), ("without_asyncio", "\nok ㄱ 0.9")],
)
def test_an_example(url: str, name: str, printed: str) -> None:
    command = [sys.executable, ROOT / "clients" / "python" / f"{name}.py", url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=RUN_S, check=False)
    assert done.returncode == 0, done.stderr
    assert printed in done.stdout


def test_every_example_is_run() -> None:
    names = {path.stem for path in (ROOT / "clients" / "python").glob("*.py")}
    assert names == {"letters", "writing", "without_asyncio"}

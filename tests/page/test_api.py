"""Tests of the API view: its examples can be copied and run."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from tests.deadlines import RUN_S
from tests.page.conftest import Opened, OpenPage


@pytest.fixture
def opened(signing: str, open_page: OpenPage) -> Opened:
    """Return a page with a glove."""
    opened = open_page(signing)
    opened.wait_for_state("Reading the glove")
    return opened


def imported(program: str) -> set[str]:
    """Return the top-level modules that a program imports."""
    nodes = list(ast.walk(ast.parse(program)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def examples(opened: Opened) -> list[str]:
    return opened.page.locator("#view-api code").all_inner_texts()


def test_the_last_requests_are_shown_as_programs(opened: Opened) -> None:
    page = opened.page
    page.get_by_role("button", name="Space").click()
    page.get_by_role("link", name="API").click()
    page.get_by_role("button", name="curl").click()
    page.wait_for_function("() => document.querySelectorAll('#view-api code').length === 3")
    for command in examples(opened):
        assert command.startswith("curl ")
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
        assert done.stdout.startswith("{")
        assert '"status"' not in done.stdout  # no problem
    for language in ("Python", "JavaScript"):
        page.get_by_role("button", name=language, exact=True).click()
        page.wait_for_function("l => document.querySelector(`[aria-pressed=true]`).textContent === l", arg=language)
        texts = examples(opened)
        assert len(texts) == 3
        if language == "Python":
            _, sends, call = texts
            for text in texts:
                assert imported(text) <= {"asyncio", "json", "urllib", "scaleglove"}  # what the demo's environment has
            for program in (sends, call):
                done = subprocess.run(
                    [sys.executable, "-c", program], capture_output=True, text=True, timeout=RUN_S, check=True
                )
                assert done.stdout
        assert all(opened.origin.split("//")[1] in text for text in texts)
    assert opened.faults == []

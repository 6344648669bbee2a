"""Commands that the documents show are ones that exist: names, subcommands, options, and targets of make."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import typer

from scaleglove.cli import COMMANDS, build_app
from tests.conftest import ROOT

PAGES: Final = sorted(
    page
    for folder in ("docs/guide", "docs/reference", "clients", "firmware_bridge/firmware")
    for page in (ROOT / folder).rglob("*.md")
    if "node_modules" not in page.parts
)
DOCUMENTS: Final = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")] + PAGES
OTHER_NAMES: Final = {"blue", "letters"}
"""Second words of names that are no commands: streams of the Lab Streaming Layer, such as `scaleglove letters`."""

_SHELL: Final = re.compile(r"\||>|<|&&|;|#|\$\(")


def shown(page: Path) -> Iterator[str]:
    """Yield each line of an indented or a fenced block, and each inline code, with continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", page.read_text(encoding="utf-8"))
    yield from re.findall(r"^(?: {4}|\t)+(\S.*)$", text, re.MULTILINE)
    for block in re.findall(r"^```(?:sh|bash|console)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from block.splitlines()
    yield from (" ".join(code.split()) for code in re.findall(r"`([^`]+)`", text))


def commands(page: Path, program: str) -> Iterator[list[str]]:
    """Yield the arguments of each command of a program, up to what a shell does with it."""
    for line in shown(page):
        found = re.match(rf"(?:\$ |sudo |[A-Z_]+=\S+ |\.venv/bin/)*{program} (\S.*)$", line.strip())
        if found is None:
            continue
        text = _SHELL.split(found[1])[0]
        try:
            yield shlex.split(text)
        except ValueError:  # a quote that the shell's part had closed
            yield text.split()


@cache
def command_of(name: str) -> Any:
    """Return the command, or the group of commands, of a name."""
    return typer.main.get_command(build_app(name))


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_of_a_document_is_one_of_the_program(page: Path) -> None:
    for arguments in commands(page, "scaleglove"):
        name = arguments[0]
        if name in OTHER_NAMES or not re.fullmatch(r"[a-z][a-z-]*", name):
            continue
        assert name in COMMANDS, f"scaleglove {' '.join(arguments)}"
        command = command_of(name)
        for argument in arguments:
            commands_in = getattr(command, "commands", {})
            if argument in commands_in:
                command = commands_in[argument]
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        given = {argument.partition("=")[0] for argument in arguments if re.match(r"--[a-z]", argument)} - {"--help"}
        assert given <= known, f"scaleglove {' '.join(arguments)}"


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_target_of_make_is_there(page: Path) -> None:
    makefiles = [ROOT / "Makefile", *(ROOT / "clients").rglob("Makefile"), *(ROOT / "firmware_bridge").rglob("*.mk")]
    makefiles += list((ROOT / "firmware_bridge").rglob("Makefile"))
    targets = {
        target
        for file in makefiles
        for names in re.findall(r"^([\w. -]+?)\s*:(?!=)", file.read_text(encoding="utf-8"), re.MULTILINE)
        for target in names.split()
    }
    for arguments in commands(page, "make"):
        named = [each for each in arguments if re.fullmatch(r"[a-z][a-z0-9-]*", each)]
        assert set(named[:1]) <= targets, f"make {' '.join(arguments)}"

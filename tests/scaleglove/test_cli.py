"""The command line: its table of commands, its errors, and its exit statuses."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import packages_distributions, version

import pytest
import typer
from typer.testing import CliRunner

import scaleglove.cli
from scaleglove.cli import COMMANDS, EXTRAS, build_app, extra_of
from scaleglove.errors import ScaleGloveError
from scaleglove.installation import install_command, installed_origin
from tests.commands import runner
from tests.conftest import ROOT

Leave = Callable[..., tuple[int, str, str]]

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REQUIREMENTS = [
    (extra, re.match(r"[\w.-]+", requirement)[0])
    for extra, requirements in PROJECT["optional-dependencies"].items()
    if extra not in {"dev", "gpu"}  # gpu replaces the onnxruntime that tests have
    for requirement in requirements
    if not requirement.startswith(("scaleglove[", "py-spy"))  # a program without modules
]


@pytest.fixture
def leave(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Leave:
    """Return a function that gives the exit status, stdout and stderr of a command line."""
    run = runner(monkeypatch, capsys)

    def leave(*arguments: str) -> tuple[int, str, str]:
        done = run(*arguments)
        return done.returncode, done.stdout, done.stderr

    return leave


def fail_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Make every command raise `error`."""

    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(scaleglove.cli, "build_app", lambda _: fail)


def test_version(leave: Leave) -> None:
    assert leave("--version") == (0, f"{version('scaleglove')}\n", "")


def test_help_lists_every_command_by_what_it_is_for(leave: Leave) -> None:
    status, text, _ = leave("--help")
    assert status == 0
    for name in COMMANDS:
        assert f" {name} " in text
    panels = dict.fromkeys(command.panel for command in COMMANDS.values())
    assert [panel for panel in re.findall(r"╭─ (\w+) ─", text) if panel != "Options"] == list(panels)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_has_the_help_text_of_each_command(name: str) -> None:
    group = typer.main.get_command(build_app(name))
    command = group.get_command(typer.Context(group), name)
    assert " ".join(command.help.split("\n\n")[0].split()) == COMMANDS[name].help


def test_every_command_of_a_module_is_in_the_table() -> None:
    for module in {command.module: name for name, command in COMMANDS.items()}.values():
        group = typer.main.get_command(build_app(module))
        assert set(group.list_commands(typer.Context(group))) <= COMMANDS.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    result = CliRunner().invoke(build_app(name), [name, "--help"], env={"COLUMNS": "80"})
    assert result.exit_code == 0
    assert f"scaleglove {name}" in result.output
    assert max(map(len, result.output.splitlines())) <= 80


@pytest.mark.parametrize("arguments", [[], ["data"], ["bench"]])
def test_without_a_command_the_help_is_shown(leave: Leave, arguments: list[str]) -> None:
    status, text, errors = leave(*arguments)
    assert (status, errors) == (2, "")
    assert "Usage" in text


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["nonsense"], 2, "there is no command 'nonsense'; the commands are demo, serve, bridge"),
        (["serv"], 2, "(did you mean 'serve'?)"),
        (["demo", "--port", "-1"], 2, "--port"),
        (["demo", "--text", "abc"], 1, "'a'"),
        (["serve", "--port", "abc"], 2, "--port"),
    ],
)
def test_an_error_is_one_line(leave: Leave, arguments: list[str], status: int, words: str) -> None:
    left, text, errors = leave(*arguments)
    assert (left, text) == (status, "")
    assert words in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ScaleGloveError("the glove\n  is gone"), "scaleglove: the glove is gone\n"),
        (PermissionError(13, "Permission denied", "/here"), "scaleglove: /here: Permission denied\n"),
        (ModuleNotFoundError("No module named 'torch'", name="torch"), "[train]"),
        (ModuleNotFoundError("No module named 'mcap.reader'", name="mcap.reader"), "[bridge]"),
    ],
)
def test_expected_errors_have_no_traceback(
    leave: Leave, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    fail_with(monkeypatch, error)
    status, _, errors = leave()
    assert status == 1
    assert words in errors


def test_a_missing_module_of_the_project_keeps_its_traceback(leave: Leave, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, ModuleNotFoundError("No module named 'service.enigne'", name="service.enigne"))
    monkeypatch.setattr(sys, "argv", ["scaleglove"])
    with pytest.raises(ModuleNotFoundError):
        scaleglove.cli.main()


@pytest.mark.parametrize(
    ("name", "message", "extras"),
    [
        ("bridge", "bridge needs the extra bridge", ["bridge"]),
        ("serve", "serve needs the extra serve", ["serve"]),
        ("train", "train needs the extra train", ["train"]),
        ("demo", "demo needs the extras bridge and serve", ["bridge", "serve"]),
    ],
)
def test_a_command_without_its_extra_names_the_extra(
    leave: Leave, monkeypatch: pytest.MonkeyPatch, name: str, message: str, extras: list[str]
) -> None:
    monkeypatch.setattr(scaleglove.cli, "find_spec", lambda _: None)
    command = install_command(extras, installed_origin(), sys.executable)
    assert leave(name) == (1, "", f"scaleglove: {message}: {command}\n")
    assert leave(name, "--help")[0] == 0  # its modules are there after all


@cache
def distributions() -> Mapping[str, list[str]]:
    """Return the installed distributions of each module; it takes a fifth of a second to read them."""
    return packages_distributions()


@pytest.mark.parametrize(("extra", "distribution"), REQUIREMENTS)
def test_every_distribution_of_an_extra_is_known(extra: str, distribution: str) -> None:
    modules = [
        module
        for module, names in distributions().items()
        if distribution.lower().replace("_", "-") in {name.lower().replace("_", "-") for name in names}
    ]
    if not modules:
        pytest.skip(f"{distribution} is not installed")
    assert EXTRAS[extra].intersection(modules)


def test_the_smallest_extra_with_a_module_is_named() -> None:
    assert extra_of(ModuleNotFoundError(name="onnxruntime.capi")) == "serve"
    assert extra_of(ModuleNotFoundError(name="torch")) == "train"
    assert extra_of(ModuleNotFoundError(name="somebody_else")) is None


@pytest.mark.parametrize(
    ("words", "offered"), [("scaleglove bri", "bridge\n"), ("scaleglove bridge --hop", "--hop-ms\n")]
)
def test_a_shell_completes_commands_and_their_options(
    leave: Leave, monkeypatch: pytest.MonkeyPatch, words: str, offered: str
) -> None:
    monkeypatch.setenv("_SCALEGLOVE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
    assert leave()[:2] == (0, offered)

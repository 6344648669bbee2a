"""The front door: how it says things, and with which status it leaves."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import version

import pytest

import scaleglove.cli
from scaleglove.errors import ScaleGloveError
from tests.commands import runner

Leave = Callable[..., tuple[int, str, str]]


@pytest.fixture
def leave(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Leave:
    """Return a function that gives the exit status, stdout and stderr of a command line."""
    run = runner(monkeypatch, capsys)

    def leave(*arguments: str) -> tuple[int, str, str]:
        done = run(*arguments)
        return done.returncode, done.stdout, done.stderr

    return leave


def test_version(leave: Leave) -> None:
    assert leave("--version") == (0, f"{version('scaleglove')}\n", "")


def test_help_names_every_command(leave: Leave) -> None:
    status, text, _ = leave("--help")
    assert status == 0
    for command in (
        "serve",
        "bridge",
        "emulate",
        "predict",
        "data",
        "train",
        "evaluate",
        "export",
        "quantize",
        "bench",
        "demo",
    ):
        assert f" {command} " in text


@pytest.mark.parametrize("arguments", [[], ["data"], ["bench"]])
def test_nothing_asked_for_is_answered_with_help(leave: Leave, arguments: list[str]) -> None:
    status, text, errors = leave(*arguments)
    assert (status, errors) == (2, "")
    assert "Usage" in text


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["nonsense"], 2, "nonsense"),
        (["demo", "--port", "-1"], 2, "--port"),
        (["demo", "--text", "abc"], 1, "'a'"),
        (["serve", "--port", "abc"], 2, "--port"),
    ],
)
def test_what_is_wrong_is_one_line(leave: Leave, arguments: list[str], status: int, words: str) -> None:
    left, text, errors = leave(*arguments)
    assert (left, text) == (status, "")
    assert words in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ScaleGloveError("the glove\n  is gone"), "scaleglove: the glove is gone\n"),
        (PermissionError(13, "Permission denied", "/here"), "scaleglove: /here: Permission denied\n"),
        (ModuleNotFoundError("No module named 'torch'", name="torch"), "pip install 'scaleglove[train]'"),
    ],
)
def test_errors_for_people_have_no_traceback(
    leave: Leave, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(scaleglove.cli, "app", fail)
    status, _, errors = leave()
    assert status == 1
    assert words in errors


def test_a_mistake_of_ours_is_not_dressed_up(leave: Leave, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise ModuleNotFoundError("No module named 'service.enigne'", name="service.enigne")

    monkeypatch.setattr(scaleglove.cli, "app", fail)
    monkeypatch.setattr(sys, "argv", ["scaleglove"])
    with pytest.raises(ModuleNotFoundError):
        scaleglove.cli.main()

"""The command that adds an extra is the one that works from where the user stands."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from scaleglove.installation import install_command

PYTHON = "/home/ada/.venv/bin/python"


def origin(place: Path, **described: object) -> str:
    return json.dumps({"url": place.as_uri(), **described})


def test_from_an_index() -> None:
    assert install_command(["train"], None, PYTHON) == f"{PYTHON} -m pip install 'scaleglove[train]'"


@pytest.mark.parametrize(("described", "option"), [({"editable": True}, ["-e"]), ({}, [])])
def test_from_a_checkout(tmp_path: Path, described: dict[str, bool], option: list[str]) -> None:
    checkout = tmp_path / "my checkout"
    checkout.mkdir()
    command = shlex.split(install_command(["bridge", "serve"], origin(checkout, dir_info=described), PYTHON))
    assert command == [PYTHON, "-m", "pip", "install", *option, f"{checkout}[bridge,serve]"]


def test_from_a_wheel_while_it_is_there(tmp_path: Path) -> None:
    wheel = tmp_path / "scaleglove-0.3.0-py3-none-any.whl"
    wheel.touch()
    described = origin(wheel, archive_info={})
    assert shlex.split(install_command(["serve"], described, PYTHON))[-1] == f"{wheel}[serve]"
    wheel.unlink()
    assert shlex.split(install_command(["serve"], described, PYTHON))[-1] == "scaleglove[serve]"

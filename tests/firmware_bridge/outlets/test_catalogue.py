"""The table of outlets, its extras and its documents."""

from __future__ import annotations

import sys
import tomllib

import pytest

from firmware_bridge.outlets.catalogue import OUTLETS, make_outlet
from firmware_bridge.outlets.outlet import Outlet
from scaleglove.cli import EXTRAS
from scaleglove.installation import install_command, installed_origin
from tests.commands import runner
from tests.conftest import ROOT

VALUES = {"type": "F9", "osc": "127.0.0.1:9000", "lsl": "scaleglove", "foxglove": "127.0.0.1:8765"}


@pytest.mark.parametrize("name", OUTLETS)
def test_an_outlet_is_an_option_with_an_extra_and_a_section_of_the_guide(name: str) -> None:
    assert isinstance(make_outlet(name, VALUES[name], "blue"), Outlet)
    extra = OUTLETS[name].extra
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert extra in project["optional-dependencies"]
    assert extra in EXTRAS
    guide = (ROOT / "docs" / "guide" / "outlets.md").read_text(encoding="utf-8")
    assert f"scaleglove bridge --port auto --{name}" in guide
    assert f"'.[bridge,{extra}]'" in guide


@pytest.mark.parametrize("name", OUTLETS)
def test_a_missing_extra_is_named_in_one_sentence(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    extra = OUTLETS[name].extra
    own = (OUTLETS[name].module, "firmware_bridge.outlets.keyboard.")
    for module in [one for one in sys.modules if one.partition(".")[0] in EXTRAS[extra] or one.startswith(own)]:
        monkeypatch.delitem(sys.modules, module)
    for module in EXTRAS[extra]:
        monkeypatch.setitem(sys.modules, module, None)
    options = ["--type"] if name == "type" else [f"--{name}"] + ([] if name == "lsl" else [VALUES[name]])
    done = runner(monkeypatch, capsys)("bridge", "--port", "/dev/null", "--url", "nonsense", *options)
    assert done.returncode == 1
    command = install_command([extra], installed_origin(), sys.executable)
    assert done.stderr == f"scaleglove: bridge needs the extra {extra}: {command}\n"


@pytest.mark.parametrize(("option", "value"), [("--osc", "9000"), ("--foxglove", "nowhere"), ("--osc", "h:1/ä")])
def test_a_wrong_value_is_wrong_usage(
    option: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = runner(monkeypatch, capsys)("bridge", "--port", "/dev/null", "--url", "nonsense", option, value)
    assert done.returncode == 2
    assert option in done.stderr

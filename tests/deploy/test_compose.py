"""The service of `docker-compose.yml`: what it passes on are settings, by default with the service's own values."""

from __future__ import annotations

import re
from typing import Final

import pytest
import yaml

from service.auth.tokens import EVERYBODY_WORD
from service.settings import ENV_PREFIX, Settings
from tests.conftest import ROOT

GIVEN: Final[dict[str, str]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"][
    "service"
]["environment"]
OTHERWISE: Final = {"tokens": EVERYBODY_WORD}
"""Settings whose default is another one there: the port is published on this machine alone."""


@pytest.mark.parametrize("variable", GIVEN)
def test_a_variable_is_a_setting_with_its_default(variable: str) -> None:
    setting = variable.removeprefix(ENV_PREFIX).lower()
    found = re.fullmatch(rf"\$\{{{variable}(:?-)(.*)\}}", GIVEN[variable])
    assert found is not None
    default = OTHERWISE.get(setting, Settings.model_fields[setting].default or "")
    assert found[2] == default
    # An empty value is one of its own where it is not the default, but for tokens, which may not be left out.
    assert setting in OTHERWISE or (found[1] == "-") == bool(default)

"""One version: of the package, of the JavaScript client, and of the newest release in the changelog."""

from __future__ import annotations

import json
import re
import tomllib

from tests.conftest import ROOT


def test_the_version_is_the_newest_in_the_changelog_and_that_of_the_javascript_client() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    client = json.loads((ROOT / "clients" / "javascript" / "package.json").read_text("utf-8"))["version"]
    releases = re.findall(r"^## (\S+) - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert (version, client) == (releases[0], releases[0])
